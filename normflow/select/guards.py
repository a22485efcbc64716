"""Guards: shapes that are settled before any method is compared, in the order they are asked.

A guard reads the evidence and answers with a `Verdict`, or passes with None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from normflow.select.choice import Notice
from normflow.select.evidence import DISTINCT_ERROR
from normflow.select.wording import number, percent, shown, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from normflow.select.evidence import Evidence

SKEW_KNEE = 1.0  # the normality gap of untouched columns has its knee here
ATOM_SHARE = 0.999
ID_SPAN = 1.05
FEW_LEVELS = 10
FEW_ROWS = 20
ZERO_SHARE = 0.3
OUTLIER_RATIO = 3.0
SOFT_CLIP = 4.0
POWER = "power"  # settled to be a power transform; the comparison picks which


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule settles: its name, the method with its options, the soft clip, and why."""

    rule: str
    method: str
    because: str
    options: Mapping[str, object] = field(default_factory=dict)
    soft_clip: float | None = None
    notices: tuple[Notice, ...] = ()


def no_values(e: Evidence) -> Verdict | None:
    """Nothing to learn from: no finite value."""
    if e.n > 0:
        return None
    text = "no finite value to learn from: passed through"
    return Verdict(rule="no_values", method="none", because=text, notices=(Notice("no_values", text),))


def constant(e: Evidence) -> Verdict | None:
    """One value, or one value in at least 99.9 % of the rows."""
    if not e.constant and not _is_atom(e):
        return None
    bound = "" if e.exact else "up to "
    share = "always" if e.constant else f"in {bound}{percent(e.top_share, 2)} of the values"
    value = e.min if e.constant else e.median
    text = f"{share} {number(value)}: carries no information"
    return Verdict(rule="constant", method="none", because=text, notices=(Notice("constant", text),))


def _is_atom(e: Evidence) -> bool:
    # A bucket's count is an upper bound for one value's count: believed only when the rest accounts for the
    # distinct values.
    rest = (1 - e.top_share) * e.n
    return e.top_share >= ATOM_SHARE and e.distinct <= rest * (1 + DISTINCT_ERROR) + 1


def two_valued(e: Evidence) -> Verdict | None:
    """Two distinct values become 0 and 1; unit variance would blow up the rare one."""
    if e.distinct != 2:  # noqa: PLR2004 (two-valued is what it says)
        return None
    return Verdict(
        rule="two_valued",
        method="minmax",
        because=f"two values, {number(e.min)} and {number(e.max)}: mapped to 0 and 1",
    )


def row_id(e: Evidence) -> Verdict | None:
    """Whole numbers, all distinct, filling their range: a row number, not a measurement."""
    if not e.whole or not e.are_distinct(1.0) or _span(e) > ID_SPAN * e.n:
        return None
    text = f"{whole_numbers(e)} filling {e.min:.0f} to {e.max:.0f}: looks like a row id, passed through"
    advice = f"{text}; name a method if it is a measurement"
    return Verdict(rule="row_id", method="none", because=text, notices=(Notice("row_id", advice),))


def ordinal(e: Evidence) -> Verdict | None:
    """Whole numbers with at most ten levels keep their steps."""
    if not e.whole or e.distinct > FEW_LEVELS:
        return None
    return Verdict(
        rule="ordinal",
        method="zscore",
        because=f"{e.distinct} whole-number levels: standardized, steps kept",
    )


def few_rows(e: Evidence) -> Verdict | None:
    """Below 20 values a shape cannot be told: stay affine, and say so."""
    if e.n >= FEW_ROWS:
        return None
    text = f"only {e.n} values: too few to judge a shape, standardized"
    return Verdict(rule="few_rows", method="zscore", because=text, notices=(Notice("few_rows", text),))


def zero_inflated(e: Evidence) -> Verdict | None:
    """Many zeros with a positive rest: a power, never a division by an IQR that may be 0."""
    if e.zeros < ZERO_SHARE or e.min != 0 or e.distinct <= FEW_LEVELS:
        return None
    return Verdict(
        rule="zero_inflated",
        method=POWER,
        because=f"{percent(e.zeros)} of the values are 0, the rest positive, skew {shown(e.skew)}",
        soft_clip=SOFT_CLIP,
    )


def outliers(e: Evidence) -> Verdict | None:
    """A few values make the moment skew: the core is judged, scaled by median and IQR.

    The moment skew is at least 1 and at least three times that of the core (0.5 % cut at each end), and the
    core is not skewed.
    """
    if e.skew is None or e.core_skew is None or not e.iqr:
        return None
    core = abs(e.core_skew)
    if abs(e.skew) < SKEW_KNEE or core >= SKEW_KNEE or abs(e.skew) < OUTLIER_RATIO * core:
        return None
    return Verdict(
        rule="outliers",
        method="robust",
        options={"unit_variance": True},
        because=f"skew {shown(e.skew)} comes from outliers, {shown(e.core_skew)} without the outer 0.5 %",
        soft_clip=SOFT_CLIP,
    )


def symmetric(e: Evidence) -> Verdict | None:
    """|skew| below 1: standardizing is enough."""
    if e.skew is None or abs(e.skew) >= SKEW_KNEE:
        return None
    return Verdict(
        rule="symmetric", method="zscore", because=f"skew {shown(e.skew)} is small", soft_clip=SOFT_CLIP
    )


def skewed(e: Evidence) -> Verdict:
    """What is left is skewed: a power transform."""
    sign = ", all values positive" if e.min is not None and e.min > 0 else ""
    return Verdict(rule="skewed", method=POWER, because=f"skew {shown(e.skew)}{sign}", soft_clip=SOFT_CLIP)


MODEL_RULES: tuple[Callable[[Evidence], Verdict | None], ...] = (
    no_values,
    constant,
    two_valued,
    row_id,
    ordinal,
    few_rows,
    zero_inflated,
    outliers,
    symmetric,
    skewed,
)


def _span(e: Evidence) -> float:
    return (e.max or 0.0) - (e.min or 0.0) + 1
