"""Which column types are numbers, and how each becomes a Float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

import polars as pl

from normflow.division import true_division

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

TICKS = {"ms": 10**3, "us": 10**6, "ns": 10**9}  # a second, in the unit a column counts in
A_DAY = 86_400.0  # seconds
EXACT = 2**53  # whole numbers up to here are float64


def is_numeric(dtype: PolarsDataType) -> bool:
    """Integers, floats and decimals: what `*` and patterns normalize."""
    return dtype.is_numeric()


def is_vector(dtype: PolarsDataType | None) -> TypeGuard[pl.Array]:
    """Arrays of one length and one dimension that hold numbers: each place is a column of its own."""
    if not isinstance(dtype, pl.Array):
        return False
    return len(dtype.shape) == 1 and dtype.shape[0] > 0 and is_numeric(dtype.inner)


def is_measurable(dtype: PolarsDataType) -> bool:
    """What a column named exactly may be: numbers, booleans, dates and times."""
    return dtype.is_numeric() or dtype == pl.Boolean or dtype.is_temporal()


def as_float(x: pl.Expr, dtype: PolarsDataType) -> pl.Expr:
    """The values as Float64, each the float64 nearest to it: booleans as 0 and 1, times in seconds.

    Durations in seconds; dates and datetimes in seconds since 1970 (UTC where they have a time zone), times
    since midnight. Integers and decimals are exact up to 2^53, times as far as float64 resolves them: a
    datetime of today to 0.24 µs.
    """
    if dtype == pl.Float64:
        return x
    if dtype == pl.Date:
        return x.to_physical().cast(pl.Float64) * A_DAY
    if dtype == pl.Time:
        return _seconds(x.to_physical(), TICKS["ns"])
    if isinstance(dtype, pl.Duration | pl.Datetime):
        return _seconds(x.to_physical(), TICKS[dtype.time_unit])
    return x.cast(pl.Float64)


def _seconds(ticks: pl.Expr, a_second: int) -> pl.Expr:
    """Ticks ÷ ticks a second, correctly rounded.

    Up to 2^53 a count is a float64 itself, and one division rounds once. Above, whole seconds and the rest
    are, and that the rest is rounded too leaves no trace in the sum: there a point halfway between two
    float64 is a whole number of 2^-30 seconds, and the rest is one or further from each than 2^-51.
    """
    whole = ticks // a_second
    rest = (ticks - whole * a_second).cast(pl.Float64)
    return (
        pl.when(ticks.is_between(-EXACT, EXACT))
        .then(true_division(ticks.cast(pl.Float64), a_second))
        .otherwise(whole.cast(pl.Float64) + true_division(rest, a_second))
    )
