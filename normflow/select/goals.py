"""Goals: what `auto` aims at, each with the rules that follow the guards.

| goal | aims at |
|---|---|
| model | what helps a model that compares columns: unit scale, no long tail |
| gaussian | as normal as a monotone map can make it |
| robust | median and IQR, outliers within three IQRs |
| bounded | the range 0 to 1 |
| preserve | distances: nothing but shift and scale |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from normflow.select.guards import GUARDS, OUTLIERS, POWER, ZERO_INFLATED, Rule, Verdict
from normflow.select.thresholds import USUAL, Thresholds
from normflow.select.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.select.evidence import Evidence
    from normflow.spec import Goal

SOFT_CLIP = 4.0
ROBUST_CLIP = 3.0
DONE = {"robust": "scaled by median and IQR", "minmax": "brought to 0 to 1"}
CLOSEST = "closest"  # settled to be a power transform that is normal enough, or else mid-ranks


def symmetric(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:
    """|skew| below 1: standardizing is enough."""
    if e.skew is None or abs(e.skew) >= t.skew:
        return None
    return Verdict(rule="symmetric", method="zscore", because=f"skew {shown(e.skew)} is small")


def skewed(e: Evidence, t: Thresholds = USUAL) -> Verdict:  # noqa: ARG001  (what is left needs no threshold)
    """What is left is skewed: a power transform."""
    sign = " and all values positive" if e.min is not None and e.min > 0 else ""
    return Verdict(rule="skewed", method=POWER, because=f"skew {shown(e.skew)}{sign}")


def normal(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:
    """The normal-plot correlation is as good as the best, as far as so many values can tell."""
    if e.normality is None or 1.0 - e.normality > t.gap * e.tolerance:
        return None
    because = f"normal-plot correlation {e.normality:.4f} is within {e.tolerance:.2g} of the best"
    return Verdict(rule="normal", method="zscore", because=because)


def not_normal(e: Evidence, t: Thresholds = USUAL) -> Verdict:  # noqa: ARG001  (what is left)
    """What is left is not normal: a power where it is enough, else the ranks."""
    told = "undefined" if e.normality is None else f"{e.normality:.4f}"
    because = f"normal-plot correlation {told}, {e.tolerance:.2g} below the best would do"
    return Verdict(rule="not_normal", method=CLOSEST, because=because)


def outer(e: Evidence, t: Thresholds = USUAL) -> Verdict:  # noqa: ARG001  (what is left)
    """Median and IQR, and a soft clip at three of them."""
    told = f"skew {shown(e.skew)}, {shown(e.core_skew)} without the outer 0.5 %"
    return Verdict(rule="robust", method="squash", options={"bound": ROBUST_CLIP}, because=told)


def affine(e: Evidence, t: Thresholds = USUAL) -> Verdict:  # noqa: ARG001  (what is left)
    """Mean and std, which keep all distances."""
    return Verdict(
        rule="preserve", method="zscore", because=f"skew {shown(e.skew)} is kept, as all distances"
    )


def _behind(
    rule: Rule, *, soft_clip: float | None = None, unit: bool = False, method: str = "", **options: object
) -> Rule:
    """The rule with what follows its method, or with another method in the place of its own."""

    def ask(e: Evidence, t: Thresholds) -> Verdict | None:
        found = rule.ask(e, t)
        if found is None:
            return None
        if method in DONE:
            found = replace(found, because=found.because.replace("standardized", DONE[method]))
        instead = {"method": method, "options": options} if method else {}
        return replace(found, soft_clip=soft_clip, unit=unit, **instead)  # type: ignore[arg-type]

    return replace(rule, ask=ask)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What one goal asks, in order: the first rule that answers settles it.

    `tried` are the methods whose scores are worth a look. `soft_clip` and `unit` (the range 0 to 1) follow a
    standardizing method that the user's own list of candidates names.
    """

    rules: tuple[Rule, ...]
    tried: tuple[str, ...]
    soft_clip: float | None = None
    unit: bool = False


def _guards(**instead: str) -> tuple[Rule, ...]:
    """The guards, some with another affine method."""
    return tuple(_behind(one, method=instead[one.name]) if one.name in instead else one for one in GUARDS)


SYMMETRIC = Rule("symmetric", symmetric, ("skew",), ("skew",))
SKEWED = Rule("skewed", skewed, ("skew", "min"), ("skew",))

AIMS: Mapping[Goal, Aim] = {
    "model": Aim(
        rules=(
            *_guards(),
            *(_behind(one, soft_clip=SOFT_CLIP) for one in (ZERO_INFLATED, OUTLIERS, SYMMETRIC, SKEWED)),
        ),
        tried=("zscore", "robust", "boxcox", "yeojohnson"),
        soft_clip=SOFT_CLIP,
    ),
    "gaussian": Aim(
        rules=(
            *_guards(),
            Rule("normal", normal, ("normality", "n"), ("gap",)),
            Rule("not_normal", not_normal, ("normality", "n"), ("gap",)),
        ),
        tried=("zscore", "boxcox", "yeojohnson", "quantile_normal"),
    ),
    "robust": Aim(
        rules=(
            *_guards(few_rows="robust"),
            _behind(ZERO_INFLATED, soft_clip=ROBUST_CLIP),
            Rule("robust", outer, ("skew", "core_skew", "iqr")),
        ),
        tried=("squash", "zscore", "boxcox", "yeojohnson"),
        soft_clip=ROBUST_CLIP,
    ),
    "bounded": Aim(
        rules=(
            *_guards(ordinal="minmax", few_rows="minmax"),
            _behind(SYMMETRIC, method="minmax"),
            _behind(OUTLIERS, method="robust", unit_variance=True, soft_clip=SOFT_CLIP, unit=True),
            _behind(SKEWED, unit=True),
        ),
        tried=("minmax", "robust", "boxcox", "yeojohnson"),
        unit=True,
    ),
    "preserve": Aim(
        rules=(*_guards(), OUTLIERS, Rule("preserve", affine, ("skew",))),
        tried=("zscore", "robust"),
    ),
}
