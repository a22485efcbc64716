"""Guards: shapes that are settled before any method is compared, in the order they are asked.

A guard reads the evidence and answers with a `Verdict`, or passes with None. What is left is for the goal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from normflow.select.choice import Notice
from normflow.select.evidence import DISTINCT_ERROR
from normflow.select.thresholds import USUAL, Thresholds
from normflow.select.wording import number, percent, shown, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from normflow.select.evidence import Evidence

POWER = "power"  # settled to be a power transform; the comparison picks which


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule settles: its name, the method with its options, what follows it, and why.

    `soft_clip` is the bound B of a final t/√(1 + (t/B)²), and `unit` asks for the range 0 to 1 at the end.
    """

    rule: str
    method: str
    because: str
    options: Mapping[str, object] = field(default_factory=dict)
    soft_clip: float | None = None
    unit: bool = False
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A question of a decision: its name, what it asks, and which numbers of the evidence it reads.

    `thresholds` names those whose distance says how close the answer was.
    """

    name: str
    ask: Callable[[Evidence, Thresholds], Verdict | None]
    reads: tuple[str, ...]
    thresholds: tuple[str, ...] = ()


def no_values(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:  # noqa: ARG001  (none is none)
    """Nothing to learn from: no finite value."""
    if e.n > 0:
        return None
    text = "no finite value to learn from: passed through"
    return Verdict(rule="no_values", method="none", because=text, notices=(Notice("no_values", text),))


def constant(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:
    """One value, or one value in at least 99.9 % of the rows."""
    if not e.constant and not _is_atom(e, t):
        return None
    bound = "" if e.exact else "up to "
    share = "always" if e.constant else f"in {bound}{percent(e.top_share, 2)} of the values"
    value = e.min if e.constant else e.median
    text = f"{share} {number(value)}: carries no information"
    return Verdict(rule="constant", method="none", because=text, notices=(Notice("constant", text),))


def _is_atom(e: Evidence, t: Thresholds) -> bool:
    # A bucket's count is an upper bound for one value's count: believed only when the rest accounts for the
    # distinct values.
    rest = (1 - e.top_share) * e.n
    return e.top_share >= t.atom_share and e.distinct <= rest * (1 + DISTINCT_ERROR) + 1


def two_valued(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:  # noqa: ARG001  (two is two)
    """Two distinct values become 0 and 1; unit variance would blow up the rare one."""
    if e.distinct != 2:  # noqa: PLR2004 (two-valued is what it says)
        return None
    return Verdict(
        rule="two_valued",
        method="minmax",
        because=f"two values, {number(e.min)} and {number(e.max)}: mapped to 0 and 1",
    )


def row_id(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:
    """Whole numbers, all distinct, filling their range: a row number, not a measurement."""
    if not e.whole or not e.are_distinct(1.0) or span(e) > t.id_span * e.n:
        return None
    text = f"{whole_numbers(e)} filling {e.min:.0f} to {e.max:.0f}: looks like a row id, passed through"
    advice = f"{text}; name a method if it is a measurement"
    return Verdict(rule="row_id", method="none", because=text, notices=(Notice("row_id", advice),))


def ordinal(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:
    """Whole numbers with at most ten levels keep their steps."""
    if not e.whole or e.distinct > t.levels:
        return None
    return Verdict(
        rule="ordinal",
        method="zscore",
        because=f"{e.distinct} whole-number levels: standardized, steps kept",
    )


def few_rows(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:
    """Below 20 values a shape cannot be told: stay affine, and say so."""
    if e.n >= t.few_rows:
        return None
    text = f"only {e.n} values: too few to judge a shape, standardized"
    return Verdict(rule="few_rows", method="zscore", because=text, notices=(Notice("few_rows", text),))


def zero_inflated(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:
    """Many zeros with the rest on one side: a power, never a division by an IQR that may be 0."""
    if e.zeros < t.zero_share or 0 not in {e.min, e.max} or e.distinct <= t.levels:
        return None
    rest = "positive" if e.min == 0 else "negative"
    return Verdict(
        rule="zero_inflated",
        method=POWER,
        because=f"{percent(e.zeros)} of the values are 0, the rest {rest}, skew {shown(e.skew)}",
    )


def outliers(e: Evidence, t: Thresholds = USUAL) -> Verdict | None:
    """A few values make the moment skew: the core is judged, scaled by median and IQR.

    The moment skew is at least 1 and at least three times that of the core (0.5 % cut at each end), and the
    core is not skewed.
    """
    if e.skew is None or e.core_skew is None or not e.iqr:
        return None
    core = abs(e.core_skew)
    if abs(e.skew) < t.skew or core >= t.core or abs(e.skew) < t.outlier_ratio * core:
        return None
    return Verdict(
        rule="outliers",
        method="robust",
        options={"unit_variance": True},
        because=f"skew {shown(e.skew)} comes from outliers, {shown(e.core_skew)} without the outer 0.5 %",
    )


GUARDS = (
    Rule("no_values", no_values, ("rows", "n")),
    Rule("constant", constant, ("n", "min", "max", "top_share", "distinct"), ("atom_share",)),
    Rule("two_valued", two_valued, ("distinct",)),
    Rule("row_id", row_id, ("whole", "distinct", "n", "min", "max"), ("id_span",)),
    Rule("ordinal", ordinal, ("whole", "distinct"), ("levels",)),
    Rule("few_rows", few_rows, ("n",), ("few_rows",)),
)
"""What is asked first, whatever the goal."""
ZERO_INFLATED = Rule("zero_inflated", zero_inflated, ("zeros", "min", "max", "distinct"), ("zero_share",))
OUTLIERS = Rule("outliers", outliers, ("skew", "core_skew", "iqr"), ("skew", "core", "outlier_ratio"))


def span(e: Evidence) -> float:
    """How many whole numbers there are from the smallest to the largest."""
    return (e.max or 0.0) - (e.min or 0.0) + 1
