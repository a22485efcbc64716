"""Every column type becomes the float64 nearest to its value: times in seconds, decimals as they read."""

from __future__ import annotations

import datetime as dt
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
    # seconds with a dyadic fraction: the halfway points between two float64 are among them, and their neighbours
    st.tuples(st.integers(-(2**33), 2**33), st.integers(0, 2**9), st.integers(-1, 1)).map(
        lambda parts: parts[0] * 10**9 + parts[1] * 5**9 * 2**0 + parts[2]
    ),
)


def floats(column: pl.Series) -> list[float | None]:
    """The column through `as_float`, streaming."""
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
    # the quotient of two integers is Python's, correctly rounded
    assert floats(column) == [one / TICKS[unit] for one in ticks]
    assert all(
        abs(Fraction(found) - Fraction(one, TICKS[unit])) <= abs(Fraction(other) - Fraction(one, TICKS[unit]))
        for one, found in zip(ticks, map(float, floats(column)), strict=True)  # type: ignore[arg-type]
        for other in _neighbours(found)
    )


def _neighbours(value: float) -> list[float]:
    import math

    return [math.nextafter(value, -math.inf), math.nextafter(value, math.inf)]


def test_a_nanosecond_counts() -> None:
    column = pl.Series([1, 1_234_567_891, -1, None], dtype=pl.Int64).cast(pl.Duration("ns"))
    assert floats(column) == [1e-9, 1.234567891, -1e-9, None]


def test_three_microseconds_are_3e_6() -> None:
    """Times 1e-6 would make them 3.0000000000000005e-06... of the neighbours the wrong one."""
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


@pytest.mark.parametrize("dtype", [pl.Int64, pl.UInt64, pl.Int128])
@given(data=st.data())
def test_integers_are_the_nearest_float(dtype: type[pl.DataType], data: st.DataObject) -> None:
    low, high = {
        pl.Int64: (-(2**63), 2**63 - 1),
        pl.UInt64: (0, 2**64 - 1),
        pl.Int128: (-(2**127), 2**127 - 1),
    }[dtype]
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
    others = [pl.String(), pl.Categorical(), pl.List(pl.Int8), pl.Struct({"x": pl.Int8}), pl.Null(), pl.Binary()]
    assert [is_numeric(one) for one in [*numbers, *named, *others]] == [True] * 5 + [False] * 11
    assert [is_measurable(one) for one in [*numbers, *named, *others]] == [True] * 10 + [False] * 6
