"""Proposed ranges: what was seen with half as much again, up to natural bounds and round numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.pipeline.propose_ranges import room

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE, FINITE, st.booleans())
def test_a_range_holds_what_was_seen_with_half_as_much_again(one: float, other: float, integer: bool) -> None:
    """Exactly: no rounding brings an end nearer than it says, unless it is zero or a natural bound."""
    low, high = sorted((one, other))
    found = room("x", low, high, whole=False, integer=integer)
    if low == high:
        assert found is None
        return
    assert found is not None
    first, last = found.range
    half = (Fraction(high) - Fraction(low)) / 2
    bounded = bool(found.why)
    if first is not None:
        assert first <= low
        assert bounded or first == 0 or float(first) <= float_down(Fraction(low) - half)
    if last is not None:
        assert last >= high
        assert bounded or last == 0 or float(last) >= float_up(Fraction(high) + half)
    # where there is no end, a float64 has no room for one
    assert first is not None or Fraction(low) - half < -Fraction(1.7e308)
    assert last is not None or Fraction(high) + half > Fraction(1.7e308)


def float_down(value: Fraction) -> float:
    return math.nextafter(_nearest(value), math.inf)


def float_up(value: Fraction) -> float:
    return math.nextafter(_nearest(value), -math.inf)


def _nearest(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


@pytest.mark.parametrize(
    ("name", "low", "high", "kind", "expected"),
    [
        ("temp", 10.94, 100.04, "float", (-40, 150)),
        ("price", 0.5, 99.0, "float", (0, 150)),
        ("price", 0.0, 1.21, "float", (0, 1.9)),
        ("loss", -20.0, -0.25, "float", (-30, 0)),
        ("share", 0.02, 0.995, "float", (0, 1)),
        ("share", 0.4, 0.6, "float", (0.3, 0.7)),
        ("humid", 12.74, 100.0, "float", (0, 100)),
        ("score", 3, 100, "integer", (0, 100)),
        ("age", 1, 99, "integer", (0, 150)),
        ("wind_dir", 0, 360, "integer", (0, 360)),
        ("hour", 3, 21, "integer", (0, 23)),
        ("start_hour", 0, 24, "integer", (0, 40)),
        ("day", 1, 28, "integer", (1, 31)),
        ("pressure", 983.8, 1042.1, "float", (950, 1080)),
        ("huge", -1.7e308, 1.7e308, "float", (None, None)),
        ("tiny", 5e-324, 1e-323, "float", (0, 1.5e-323)),
        ("offset", 1e9, 1e9 + 2, "float", (999999999, 1000000003)),
    ],
)
def test_ranges_end_at_round_numbers_or_natural_bounds(
    name: str, low: float, high: float, kind: str, expected: tuple[float | None, float | None]
) -> None:
    found = room(name, low, high, whole=kind == "integer", integer=kind == "integer")
    assert found is not None
    assert found.range == expected


def test_what_a_float64_cannot_tell_apart_gets_no_range() -> None:
    """One value alone, and whole numbers beyond 2^53."""
    assert room("x", 3.0, 3.0, whole=True, integer=False) is None
    assert room("x", 0.0, 2.0**53 + 2, whole=True, integer=True) is None
