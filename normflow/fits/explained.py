"""What a fit does to each column, and why, as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.naming import member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.fits.column import ColumnFit
    from normflow.fits.rows import RowFit
    from normflow.fits.table import Fit

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "column": pl.String,
    "output": pl.String,
    "reads": pl.List(pl.String),
    "method": pl.String,
    "rule": pl.String,
    "reason": pl.String,
    "parameters": pl.String,
    "missing": pl.Float64,
    "min_before": pl.Float64,
    "max_before": pl.Float64,
    "skew_before": pl.Float64,
    "min_after": pl.Float64,
    "max_after": pl.Float64,
    "skew_after": pl.Float64,
    "stability": pl.Float64,
    "warnings": pl.List(pl.String),
    "groups": pl.Int64,
}


def explained_table(fit: Fit) -> pl.DataFrame:
    """A row for each column's fit, and for each output of a row-wise method, of which less is known."""
    columns = [_column(one, fit) for one in fit.columns]
    rows = [*columns, *(row for one in fit.row_wise for row in _row_wise(one))]
    return pl.DataFrame(rows, schema=SCHEMA)


def _column(one: ColumnFit, fit: Fit) -> dict[str, object]:
    told, choice = fit.told(one), one.choice
    return {
        "column": one.column if one.index is None else member(one.column, one.index),
        "output": one.label,
        "reads": [one.column],
        "method": one.method,
        "parameters": one.transform.formula("x"),
        "missing": one.missing,
        "min_before": one.before.min,
        "max_before": one.before.max,
        "skew_before": one.before.skew,
        "min_after": one.after.min,
        "max_after": one.after.max,
        "skew_after": one.after.skew,
        "stability": choice.stability.share if choice and choice.stability else None,
        "groups": told["own"] if told else None,
        "rule": choice.rule if choice else "named",
        "reason": one.reason,
        "warnings": [notice.text for notice in choice.notices] if choice else [],
    }


def _row_wise(one: RowFit) -> Iterator[dict[str, object]]:
    for column, output in zip(one.columns, one.outputs, strict=True):
        yield {
            "column": column,
            "output": output,
            "reads": list(one.columns),
            "method": one.method,
            "rule": "named",
            "reason": one.reason,
            "parameters": one.formula,
            "warnings": [],
        }
