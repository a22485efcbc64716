"""What a row must satisfy, as Polars expressions that are true where it passes and never null.

Each kind is the name of a field of `ColumnChecks`. Null passes all kinds but `nullable` and `unique`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.contract.builtins import compiled, is_builtin
from normflow.contract.values import bounds_in, listed_in
from normflow.dtypes import as_float
from normflow.spec.named import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from normflow.spec import ColumnChecks, NamedCheck

TEXT = (pl.Categorical, pl.Enum)
CHECKS = "checks"


def asked(rule: ColumnChecks) -> tuple[str, ...]:
    """The kinds a declaration asks of each row, in a fixed order."""
    wanted = {
        "nullable": not rule.nullable,
        "finite": rule.finite,
        "range": rule.range is not None,
        "isin": rule.isin is not None,
        "regex": rule.regex is not None,
        "length": rule.length is not None,
        "unique": rule.unique,
    }
    named = (f"{CHECKS}.{one.name}" for one in rule.checks if is_builtin(one.name))
    return (*(kind for kind, wants in wanted.items() if wants), *named)


def condition(kind: str, rule: ColumnChecks, x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether a row passes one kind of check."""
    return CONDITIONS[kind](rule, x, dtype) if kind in CONDITIONS else _named(rule, kind, x, dtype)


def named_check(rule: ColumnChecks, kind: str) -> NamedCheck:
    """The named check that a kind such as `checks.greater_than` stands for."""
    return next(one for one in rule.checks if kind == f"{CHECKS}.{one.name}")


def _named(rule: ColumnChecks, kind: str, x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    check = named_check(rule, kind)
    found = compiled(check.name, check.arguments, x, dtype)
    return pl.lit(value=True) if found is None else found


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


def _matching(rule: ColumnChecks, x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The whole text, not a part of it."""
    if dtype == pl.Null:
        return x.is_null()
    return x.cast(pl.String).str.contains(whole(rule.regex or "")).fill_null(value=True)


def _long(rule: ColumnChecks, x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Characters of text, items of a list."""
    if dtype == pl.Null:
        return x.is_null()
    if isinstance(dtype, pl.Array):
        size = pl.lit(dtype.shape[0], dtype=pl.UInt32)
    else:
        size = x.list.len() if isinstance(dtype, pl.List) else x.cast(pl.String).str.len_chars()
    lo, hi = rule.length or (None, None)
    within = (size >= (lo or 0)) & (size <= hi if hi is not None else pl.lit(value=True))
    return x.is_null() | within.fill_null(value=True)


def _first(_rule: ColumnChecks, x: pl.Expr, _dtype: pl.DataType) -> pl.Expr:
    return x.is_first_distinct()


CONDITIONS: Mapping[str, Callable[[ColumnChecks, pl.Expr, pl.DataType], pl.Expr]] = {
    "nullable": _present,
    "finite": _finite,
    "range": _within,
    "isin": _listed,
    "regex": _matching,
    "length": _long,
    "unique": _first,
}


def _number_type(dtype: pl.DataType) -> pl.DataType:
    """Decimals, and columns of nothing but nulls, are compared as Float64."""
    return pl.Float64() if dtype.is_decimal() or dtype == pl.Null else dtype


def _number(x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return x if _number_type(dtype) == dtype else as_float(x, dtype)
