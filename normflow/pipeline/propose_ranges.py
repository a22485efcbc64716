"""Ranges to propose: what was seen, with room for what was not, up to natural bounds and round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normflow.spec import Interval

SLACK = Fraction(1, 2)
"""How far a proposed range reaches beyond what was seen, at each end, as a share of what was seen."""
NATURAL = {(0, 1): 0.01, (0, 100): 0.0, (0, 360): 0.001}
"""Shares, percentages, degrees: how near the upper bound the largest value comes, as a share of the bound.

Whole numbers reach it.
"""
LOW = 0.2
"""How near zero the smallest value is, as a share of the upper natural bound."""
ZERO = Fraction(1, 20)
"""How near zero the values come, as a share of what was seen, to be taken for bounded by it."""
CALENDAR = {"month": (1, 12), "day": (1, 31), "hour": (0, 23), "minute": (0, 59), "second": (0, 59)}
EXACT = 2**53  # whole numbers up to here are float64
PLAIN = 10**15  # whole numbers below are written in digits


@dataclass(frozen=True, slots=True)
class Room:
    """A range that holds all that was seen, and where its ends come from, unless from what was seen."""

    range: Interval
    why: str = ""


def room(name: str, low: float, high: float, *, whole: bool, integer: bool) -> Room | None:
    """The range to propose for values from `low` to `high`; None where there is nothing to go by.

    What the name says (`hour`: 0 to 23); the bounds of a share, a percentage or degrees that come near the
    upper one; else `low` and `high` moved outward by half of `high − low` and on to a round number of the
    slack's own power of ten, but not across a zero that they come near. One value alone tells no range, and
    whole numbers beyond 2^53 are not told apart.
    """
    if low == high or (whole and max(abs(low), abs(high)) > EXACT):
        return None
    last_word = name.lower().rpartition("_")[2]
    if whole and last_word in CALENDAR and _within(low, high, CALENDAR[last_word]):
        return Room(CALENDAR[last_word], f"the bounds of {last_word}s")
    for bounds, near in NATURAL.items():
        if _within(low, high, bounds) and _reaches(low, high, bounds[1], 0.0 if integer else near):
            return Room(bounds, "a natural bound")
    return Room(_wider(low, high))


def _within(low: float, high: float, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= low and high <= bounds[1]


def _reaches(low: float, high: float, bound: int, near: float) -> bool:
    return low <= LOW * bound and high >= (1 - near) * bound


def _wider(low: float, high: float) -> Interval:
    first, last = Fraction(low), Fraction(high)
    slack = (last - first) * SLACK
    power = (Decimal(slack.numerator) / Decimal(slack.denominator)).adjusted()
    step = Fraction(10) ** power
    lower, upper = math.floor((first - slack) / step), math.ceil((last + slack) / step)
    near = (last - first) * ZERO
    return (
        0 if 0 <= first <= near else _number(lower, power),
        0 if 0 <= -last <= near else _number(upper, power),
    )


def _number(steps: int, power: int) -> float | None:
    """Steps · 10^power as a number of a file: whole where it is short, None beyond float64."""
    value = Decimal(steps).scaleb(power)
    if value == value.to_integral_value() and abs(value) < PLAIN:
        return int(value)
    # Rounding keeps the order, so the end stays outside of what was seen.
    return float(value) if math.isfinite(float(value)) else None
