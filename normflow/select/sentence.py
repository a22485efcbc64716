"""The sentence of a decision: the evidence, what was chosen, what it does, and the runner-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.select.decide import NAMED
from normflow.select.wording import percent, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.select.choice import Candidate, Kept
    from normflow.select.decide import Decision

SPOKEN = {
    "zscore": "z-score",
    "robust": "median and IQR",
    "squash": "median, IQR and a soft clip",
    "boxcox": "Box-Cox",
    "yeojohnson": "Yeo-Johnson",
    "minmax": "min-max",
    "quantile_normal": "normal scores of the mid-ranks",
    "none": "none",
}
PLAIN_POWERS = {
    -1.0: "a reciprocal",
    -0.5: "a reciprocal root",
    0.0: "a plain log",
    0.5: "a square root",
    1.0: "no power at all",
    2.0: "a square",
}
THRESHOLDS = {
    "skew": "the skew",
    "core": "the skew of the core",
    "outlier_ratio": "the skew, as a multiple of that of the core,",
    "zero_share": "the share of zeros",
    "atom_share": "the share of the commonest value",
    "id_span": "the range, as a multiple of the rows,",
    "levels": "the number of levels",
    "few_rows": "the number of values",
    "tie": "the lead of the better power",
    "gap": "the distance from a normal column",
    "lead": "the lead of the best candidate",
}


def sentence(
    decision: Decision, candidates: Sequence[Candidate], runner_up: str | None, kept: Kept | None
) -> str:
    """Why this method, for people."""
    verdict = decision.verdict
    if kept:
        near = f"{THRESHOLDS[kept.threshold]} is within {percent(kept.margin)} of its threshold"
        return (
            f"{spoken(verdict.method)} kept from the earlier fit: {near}; "
            f"afresh it would be {spoken(kept.instead)} (rule {kept.rule})"
        )
    if decision.guarded or verdict.method == "none":
        return verdict.because
    found = next((one for one in candidates if one.method == verdict.method and one.score), None)
    told = f"{verdict.because}: {spoken(verdict.method)}"
    if found is not None and found.score is not None and verdict.method not in {"zscore", "robust", "minmax"}:
        told += f"{_power(found)} {_effect(decision, found)}"
    return f"{told}; runner-up {spoken(runner_up)}" if runner_up else told


def spoken(method: str) -> str:
    """A method as people call it."""
    return SPOKEN.get(method, method)


def _power(candidate: Candidate) -> str:
    """The λ of a power transform, and what it is."""
    maps = candidate.transform.maps if candidate.transform else ()
    lam = next((getattr(one, "lam", None) for one in maps if hasattr(one, "lam")), None)
    if lam is None:
        return ""
    plain = PLAIN_POWERS.get(lam) if candidate.method == "boxcox" else None
    return f" λ = {lam:.3g}{f' ({plain})' if plain else ''}"


def _effect(decision: Decision, candidate: Candidate) -> str:
    score = candidate.score
    brings = "bring" if candidate.method in {"squash", "quantile_normal"} else "brings"
    if decision.rule.name not in {"not_normal", NAMED}:
        return f"{brings} it to {shown(score.skew if score else None)}"
    told = "undefined" if score is None or score.normality is None else f"{score.normality:.4f}"
    return (
        f"{brings} {'it' if decision.rule.name == 'not_normal' else 'the normal-plot correlation'} to {told}"
    )
