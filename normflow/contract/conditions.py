"""What a row must satisfy, as Polars expressions that are true where it passes and never null.

Each kind is the name of a field of `ColumnChecks`. Null passes all kinds but `nullable` and `unique`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.contract.values import bounds_in, listed_in
from normflow.dtypes import as_float

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from normflow.spec import ColumnChecks

TEXT = (pl.Categorical, pl.Enum)


def asked(rule: ColumnChecks) -> tuple[str, ...]:
    """The kinds a declaration asks of each row, in a fixed order."""
    wanted = {
        "nullable": not rule.nullable,
        "finite": rule.finite,
        "range": rule.range is not None,
        "isin": rule.isin is not None,
        "unique": rule.unique,
    }
    return tuple(kind for kind, wants in wanted.items() if wants)


def condition(kind: str, rule: ColumnChecks, x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether a row passes one kind of check."""
    return CONDITIONS[kind](rule, x, dtype)


def _present(_rule: ColumnChecks, x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """NaN counts as missing, as it does for pandera."""
    return x.is_not_null() & x.is_not_nan() if dtype.is_float() else x.is_not_null()


def _finite(_rule: ColumnChecks, x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return _number(x, dtype).is_finite().fill_null(value=True)


def _within(rule: ColumnChecks, x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """NaN is outside: it is larger than every number to Polars, infinity included."""
    own = _number_type(dtype)
    bounds = bounds_in(rule.range or (None, None), own)
    if bounds is None:
        return x.is_null()
    lo, hi = (pl.lit(bound, dtype=own) for bound in bounds)
    return _number(x, dtype).is_between(lo, hi).fill_null(value=True)


def _listed(rule: ColumnChecks, x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Null:
        return x.is_null()
    own = pl.String() if dtype.base_type() in TEXT else _number_type(dtype)
    values = pl.Series(listed_in(rule.isin or (), own), dtype=own)
    found = (x.cast(own) if dtype != own else x).is_in(values.implode())
    return found.fill_null(value=True)


def _first(_rule: ColumnChecks, x: pl.Expr, _dtype: pl.DataType) -> pl.Expr:
    return x.is_first_distinct()


CONDITIONS: Mapping[str, Callable[[ColumnChecks, pl.Expr, pl.DataType], pl.Expr]] = {
    "nullable": _present,
    "finite": _finite,
    "range": _within,
    "isin": _listed,
    "unique": _first,
}


def _number_type(dtype: pl.DataType) -> pl.DataType:
    """Decimals, and columns of nothing but nulls, are compared as Float64."""
    return pl.Float64() if dtype.is_decimal() or dtype == pl.Null else dtype


def _number(x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return x if _number_type(dtype) == dtype else as_float(x, dtype)
