"""Every column type becomes the float64 nearest to its value: times in seconds, decimals as they read."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.dtypes import as_float, is_measurable, is_numeric

TICKS = {"ms": 10**3, "us": 10**6, "ns": 10**9}
counts = st.one_of(
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.integers(-(10**6), 10**6),
    st.integers(-(2**20), 2**20).map(lambda around: 2**53 + around),
    # multiples of 1/8 s, whose milliseconds lie halfway between two float64, and their neighbours
    st.tuples(st.integers(-(2**42), 2**42), st.integers(-1, 1)).map(lambda two: two[0] * 5**9 + two[1]),
)


def floats(column: pl.Series) -> list[float]:
    """The column through `as_float`, streaming; a null is None."""
    frame = pl.LazyFrame({"x": column})
    found = frame.select(as_float(pl.col("x"), column.dtype)).collect(engine="streaming")["x"]
    assert found.dtype == pl.Float64
    return found.to_list()


@pytest.mark.parametrize("unit", TICKS)
@pytest.mark.parametrize("kind", ["duration", "datetime", "in Berlin"])
@given(ticks=st.lists(counts, min_size=1, max_size=40))
def test_times_are_the_nearest_float_of_their_seconds(unit: str, kind: str, ticks: list[int]) -> None:
    """Nothing is lost below the column's own unit, and nothing is rounded twice."""
    types = {
        "duration": pl.Duration(unit),  # type: ignore[arg-type]
        "datetime": pl.Datetime(unit),  # type: ignore[arg-type]
        "in Berlin": pl.Datetime(unit, "Europe/Berlin"),  # type: ignore[arg-type]
    }
    column = pl.Series(ticks, dtype=pl.Int64).cast(types[kind])
    for one, found in zip(ticks, floats(column), strict=True):
        exact = Fraction(one, TICKS[unit])
        assert found == float(exact)
        beside = (math.nextafter(found, -math.inf), math.nextafter(found, math.inf))
        assert all(abs(Fraction(found) - exact) <= abs(Fraction(other) - exact) for other in beside)


def test_a_nanosecond_counts() -> None:
    column = pl.Series([1, 1_234_567_891, -1, None], dtype=pl.Int64).cast(pl.Duration("ns"))
    assert floats(column) == [1e-9, 1.234567891, -1e-9, None]


def test_microseconds_are_divided_not_multiplied() -> None:
    """Of 1 to 1999 µs, 602 times 1e-6 are not the nearest float64."""
    column = pl.Series([dt.timedelta(microseconds=n) for n in range(1, 2000)])
    assert floats(column) == [n / 10**6 for n in range(1, 2000)]


@given(st.lists(st.dates(), min_size=1))
def test_dates_are_seconds_since_1970(days: list[dt.date]) -> None:
    assert floats(pl.Series(days)) == [(day - dt.date(1970, 1, 1)).total_seconds() for day in days]


@given(st.lists(st.integers(0, 86_400 * 10**9 - 1), min_size=1))
def test_times_of_day_are_seconds_since_midnight(ticks: list[int]) -> None:
    assert floats(pl.Series(ticks, dtype=pl.Int64).cast(pl.Time)) == [one / 10**9 for one in ticks]


@given(st.data(), st.integers(0, 38))
def test_decimals_are_the_nearest_float_of_what_they_read(data: st.DataObject, scale: int) -> None:
    """A tie between two float64 goes to the even one, as Python's does."""
    whole = st.integers(-(10**38) + 1, 10**38 - 1) | st.integers(-(10**6), 10**6)
    ties = st.integers(2**53, 2**54).map(lambda n: (2 * n + 1) * 10**scale).filter(lambda n: n < 10**38)
    digits = data.draw(st.lists(whole | ties if scale < 20 else whole, min_size=1, max_size=40))
    values = [Decimal(f"{one}E-{scale}") for one in digits]
    assert floats(pl.Series(values, dtype=pl.Decimal(38, scale))) == [float(one) for one in values]


RANGES = {
    "Int64": (pl.Int64(), -(2**63), 2**63 - 1),
    "UInt64": (pl.UInt64(), 0, 2**64 - 1),
    "Int128": (pl.Int128(), -(2**127), 2**127 - 1),
}


@pytest.mark.parametrize(("dtype", "low", "high"), RANGES.values(), ids=RANGES)
@given(data=st.data())
def test_integers_are_the_nearest_float(dtype: pl.DataType, low: int, high: int, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.integers(low, high), min_size=1))
    assert floats(pl.Series(values, dtype=dtype)) == [float(one) for one in values]


def test_booleans_are_0_and_1_and_null_stays_null() -> None:
    assert floats(pl.Series([False, True, None])) == [0.0, 1.0, None]
    assert floats(pl.Series([0.1, None], dtype=pl.Float64)) == [0.1, None]
    assert floats(pl.Series([0.5, None], dtype=pl.Float32)) == [0.5, None]


def test_what_stands_for_a_number_is_measurable() -> None:
    """Numbers are normalized by patterns; booleans and times only where they are named; text never."""
    numbers = [pl.Int8(), pl.UInt64(), pl.Float32(), pl.Float64(), pl.Decimal(10, 2)]
    named = [pl.Boolean(), pl.Date(), pl.Datetime("ns"), pl.Duration("ms"), pl.Time()]
    others = [pl.String(), pl.Categorical(), pl.List(pl.Int8), pl.Struct({}), pl.Null(), pl.Binary()]
    assert [is_numeric(one) for one in [*numbers, *named, *others]] == [True] * 5 + [False] * 11
    assert [is_measurable(one) for one in [*numbers, *named, *others]] == [True] * 10 + [False] * 6
