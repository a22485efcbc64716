"""The decision: guards first, then the candidates by their scores. It reads only the profile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from normflow.methods import method_named
from normflow.select.choice import Candidate, Choice, plain
from normflow.select.evidence import Evidence
from normflow.select.guards import MODEL_RULES, POWER, Verdict
from normflow.select.notices import notices
from normflow.select.scores import score
from normflow.select.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.profiles import ColumnProfile

TIE = 1e-4  # normal-plot correlations closer than this are equal: Box-Cox, the simpler one, wins

CANDIDATES: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("zscore", {}),
    ("robust", {"unit_variance": True}),
    ("boxcox", {"prescale": True, "snap": True, "lambda_bounds": (-3.0, 4.0)}),
    ("yeojohnson", {"prescale": True, "snap": True, "lambda_bounds": (-3.0, 5.0)}),
)
POWERS = ("boxcox", "yeojohnson")
SPOKEN = {
    "zscore": "z-score",
    "robust": "median and IQR",
    "boxcox": "Box-Cox",
    "yeojohnson": "Yeo-Johnson",
    "minmax": "min-max",
    "none": "none",
}


def choose(profile: ColumnProfile, *, goal: str = "model") -> Choice:
    """Choose a method for one column.

    The guards are asked in order and the first answer settles the rule; where it asks for a power
    transform, Box-Cox is taken when all values are positive and its normal-plot correlation is at most 1e-4
    below Yeo-Johnson's. A pure function of the profile.
    """
    evidence = Evidence.of(profile)
    verdict = next(answer for rule in MODEL_RULES if (answer := rule(evidence)))
    candidates = (
        () if verdict.rule in {"no_values", "constant"} else tuple(_tried(profile, evidence, verdict))
    )
    settled = _settled(verdict, candidates)
    runner_up = _runner_up(settled.method, candidates)
    return Choice(
        method=settled.method,
        options=plain(settled.options),
        soft_clip=settled.soft_clip,
        goal=goal,
        rule=settled.rule,
        reason=_sentence(settled, candidates, runner_up),
        evidence=evidence,
        candidates=candidates,
        runner_up=runner_up,
        notices=(*settled.notices, *(() if settled.rule == "no_values" else notices(evidence, profile))),
    )


def _tried(profile: ColumnProfile, evidence: Evidence, verdict: Verdict) -> list[Candidate]:
    tried = []
    for name, options in CANDIDATES:
        found = _flat_middle(name, evidence) or method_named(name, options).attempt(profile)
        outcome: dict[str, Any] = (
            {"refusal": found}
            if isinstance(found, str)
            else {"score": score(profile, found, verdict.soft_clip), "transform": found}
        )
        tried.append(Candidate(method=name, options=plain(options), **outcome))
    return tried


def _flat_middle(name: str, evidence: Evidence) -> str | None:
    if name != "robust" or evidence.iqr:
        return None
    if evidence.iqr is None:
        return "the IQR is beyond float64"
    return "the IQR is 0, and there is nothing to scale by"


def _settled(verdict: Verdict, candidates: tuple[Candidate, ...]) -> Verdict:
    if verdict.method != POWER:
        return verdict
    powers = {c.method: c for c in candidates if c.method in POWERS and _normality(c) is not None}
    if not powers:
        return replace(verdict, method="zscore", because=f"{verdict.because}; no power transform applies")
    boxcox, best = powers.get("boxcox"), max(powers.values(), key=_rank)
    chosen = boxcox if boxcox and _rank(boxcox) >= _rank(best) - TIE else best
    return replace(verdict, method=chosen.method, options=chosen.options)


def _normality(candidate: Candidate) -> float | None:
    return candidate.score.normality if candidate.score else None


def _rank(candidate: Candidate) -> float:
    # Rounded, so that affine candidates, which are equal up to rounding, keep their order.
    found = _normality(candidate)
    return -1.0 if found is None else round(found, 9)


def _runner_up(chosen: str, candidates: tuple[Candidate, ...]) -> str | None:
    others = [c for c in candidates if c.method != chosen and _normality(c) is not None]
    return max(others, key=_rank).method if others else None


def _sentence(verdict: Verdict, candidates: tuple[Candidate, ...], runner_up: str | None) -> str:
    found = next((c.score for c in candidates if c.method == verdict.method and c.score), None)
    told = verdict.because
    if verdict.method in POWERS and found:
        told += f": {SPOKEN[verdict.method]} brings it to {shown(found.skew)}"
    elif verdict.method in {"zscore", "robust"} and verdict.rule in {"symmetric", "outliers"}:
        told += f": {SPOKEN[verdict.method]}"
    return f"{told}; runner-up {SPOKEN[runner_up]}" if runner_up and verdict.soft_clip else told
