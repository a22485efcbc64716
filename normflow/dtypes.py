"""Which column types are numbers, and how each becomes a Float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

MICROSECONDS = 1e-6


def is_numeric(dtype: PolarsDataType) -> bool:
    """Integers, floats and decimals: what `*` and patterns normalize."""
    return dtype.is_numeric()


def is_measurable(dtype: PolarsDataType) -> bool:
    """What a column named exactly may be: numbers, booleans, dates and times."""
    return dtype.is_numeric() or dtype == pl.Boolean or dtype.is_temporal()


def as_float(x: pl.Expr, dtype: PolarsDataType) -> pl.Expr:
    """The values as Float64: numbers as they are, booleans as 0 and 1, times in seconds.

    Durations in seconds; dates and datetimes in seconds since 1970, times since midnight.

    Integers and decimals are exact up to 2^53.
    """
    if dtype == pl.Float64:
        return x
    if dtype == pl.Duration:
        return x.dt.total_microseconds().cast(pl.Float64) * MICROSECONDS
    if dtype == pl.Time:
        return x.cast(pl.Duration("us")).dt.total_microseconds().cast(pl.Float64) * MICROSECONDS
    if dtype.is_temporal():
        return x.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) * MICROSECONDS
    return x.cast(pl.Float64)
