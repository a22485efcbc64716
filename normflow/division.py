"""True division of expressions: to the nearest float64, as numpy, Python and DuckDB divide."""

from __future__ import annotations

import polars as pl


def true_division(x: pl.Expr, by: float) -> pl.Expr:
    """`x` ÷ `by`, correctly rounded.

    Polars divides by a literal by multiplying with its reciprocal (49.0 / 49.0 gives 0.9999999999999999),
    which would part from numpy, Python and DuckDB in the last bit and let minmax miss its end points. A
    divisor that is a column is divided by; this one is `by` in every row, and no row of it is null.
    """
    return x / (x.is_not_null().cast(pl.Float64) * by)
