"""Guards: shapes that are settled before any method is compared, in the order they are asked.

A guard reads the evidence and answers with a `Verdict`, or passes with None. Warnings that settle nothing
are notices.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from normflow.select.choice import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from normflow.profiles import ColumnProfile
    from normflow.select.evidence import Evidence

SKEW_KNEE = 1.0  # the normality gap of untouched columns has its knee here
ATOM_SHARE = 0.999
ID_SPAN = 1.05
DISTINCT_ERROR = 0.05  # three standard errors of the distinct estimate
FEW_LEVELS = 10
CODE_ROWS, CODE_FROM, CODE_SHARE = 200, 1e5, 0.98
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
    share = "always" if e.constant else f"in {e.top_share:.2%} of the rows"
    value = e.min if e.constant else e.median
    text = f"{share} {value:g}: carries no information"
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
        rule="two_valued", method="minmax", because=f"two values, {e.min:g} and {e.max:g}: mapped to 0 and 1"
    )


def row_id(e: Evidence) -> Verdict | None:
    """Whole numbers, all distinct, filling their range: a row number, not a measurement."""
    if not e.whole or e.distinct < e.n * (1 - DISTINCT_ERROR) or _span(e) > ID_SPAN * e.n:
        return None
    numbers = f"{e.n:,} distinct whole numbers filling {e.min:.0f} to {e.max:.0f}"
    text = f"{numbers}: looks like a row id, passed through"
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
        because=f"{e.zeros:.0%} zeros and a positive rest, skew {shown(e.skew)}",
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


def notices(e: Evidence, profile: ColumnProfile) -> tuple[Notice, ...]:
    """Warnings that change nothing: codes, sentinels, whole numbers beyond 2^53."""
    found = [_code_id(e), *_sentinels(profile), _beyond_doubles(e)]
    return tuple(notice for notice in found if notice)


def _code_id(e: Evidence) -> Notice | None:
    if not e.whole or e.n < CODE_ROWS or e.min is None or e.max is None or e.min < CODE_FROM:
        return None
    if e.distinct < e.n * (CODE_SHARE - DISTINCT_ERROR) or len(f"{e.min:.0f}") != len(f"{e.max:.0f}"):
        return None
    return Notice(
        "code_id",
        f"{e.distinct:,} distinct whole numbers of one length: looks like a code; exclude it with 'none'",
    )


def _sentinels(profile: ColumnProfile) -> list[Notice]:
    if profile.distinct <= 5:  # noqa: PLR2004 (the rule's number)
        return []
    points = profile.points()
    values, counts = points.values.tolist(), points.counts.tolist()
    ends = ((profile.max, counts[-1], values[-2], values[0]), (profile.min, counts[0], values[1], values[-1]))
    return [
        Notice(
            "sentinel",
            f"{count} rows hold {end:g}, far off the rest: if it means 'missing', exclude it by a range",
        )
        for end, count, nearest, farthest in ends
        if end is not None
        and _is_all_nines(end)
        and count >= 2  # noqa: PLR2004 (once is an outlier, twice a habit)
        and abs(end - nearest) >= abs(nearest - farthest)
    ]


def _is_all_nines(value: float) -> bool:
    return value == int(value) and set(str(abs(int(value)))) == {"9"}


def _beyond_doubles(e: Evidence) -> Notice | None:
    largest = max(abs(e.min or 0.0), abs(e.max or 0.0))
    if not e.whole or largest <= 2**53:
        return None
    return Notice(
        "beyond_2_53", f"whole numbers up to {largest:.4g}: above 2^53 neighbours share one float64"
    )


def _span(e: Evidence) -> float:
    return (e.max or 0.0) - (e.min or 0.0) + 1


def shown(value: float | None) -> str:
    """A number for a sentence: two decimals, or `undefined`."""
    return "undefined" if value is None else f"{value:.2f}"
