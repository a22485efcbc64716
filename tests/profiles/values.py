"""Columns drawn at random, and what can be said of them without normflow: plain Python, exact fractions."""

from __future__ import annotations

import math
import struct
from collections import Counter
from fractions import Fraction

from hypothesis import strategies as st

NASTY = [
    1e14,
    1.7e308,
    -1.7e308,
    1e155,
    -1e-160,
    5e-324,
    -5e-324,
    2.2250738585072014e-308,
    0.0,
    -0.0,
    0.1,
    2.0**53,
]
finite = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-3, 3),
    st.integers(-40, 40).map(float),
    st.integers(-4000, 4000).map(lambda cents: cents / 100),
    st.sampled_from(NASTY),
)
anything = st.one_of(finite, st.none(), st.sampled_from([math.nan, math.inf, -math.inf]))
finite_columns = st.lists(finite, max_size=60)
columns = st.lists(anything, max_size=60)
resolutions = st.sampled_from([2, 5, 8, 64, 16_384])


def finite_of(column: list[float | None]) -> list[float]:
    """The finite values of a column."""
    return [value for value in column if value is not None and math.isfinite(value)]


def fractions_of(column: list[float | None]) -> list[Fraction]:
    """The finite values of a column as fractions."""
    return [Fraction(value) for value in finite_of(column)]


def key(value: float, level: int) -> int:
    """The bucket of a value: its magnitude bits less the last `level`, mirrored for negative values."""
    bits: int = struct.unpack("<Q", struct.pack("<d", abs(value)))[0]
    return -1 - (bits >> level) if value < 0 else bits >> level


def buckets(column: list[float | None], resolution: int) -> tuple[int, dict[int, int]]:
    """The smallest level with at most `resolution` buckets, found by trying, and the counts per bucket."""
    values = [value for value in finite_of(column) if value != 0]
    for level in range(64):
        counts = Counter(key(value, level) for value in values)
        if len(counts) <= resolution:
            return level, dict(sorted(counts.items()))
    raise AssertionError("two buckets always suffice")
