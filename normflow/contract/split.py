"""Good rows and quarantined rows, parted in one pass over the source."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from normflow.contract.counts import failures
from normflow.contract.quarantine import QuarantineColumns
from normflow.naming import column

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from normflow.contract.checks import RowCheck

SAMPLE = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Plans over one scan; run them together with `polars.collect_all`, sinks and all.

    Args:
        good: the rows to go on with, all columns in order.
        quarantined: the other rows, with `columns` behind their own; None when no check quarantines.
        counts: one row, read by `Counts.read`.
        columns: what the added columns are called.
        samples: by quarantining check, its first failing rows: their numbers and values.
    """

    good: pl.LazyFrame
    quarantined: pl.LazyFrame | None
    counts: pl.LazyFrame
    columns: QuarantineColumns
    samples: Mapping[str, pl.LazyFrame] = field(default_factory=dict)


def split(lf: pl.LazyFrame, checks: Sequence[RowCheck], *, nested: bool = True) -> Split:
    """Part the rows of a source by its quarantining checks, and count the failures of all of them.

    A row that fails only checks with `on_fail: fail` stays with the good ones: the run is judged by the
    counts and nothing is published. `nested` false writes the failed names as one text, for formats without
    lists.
    """
    names = lf.collect_schema().names()
    columns = QuarantineColumns.beside(names)
    if not any(check.quarantines for check in checks):
        shared = lf.cache()
        counts = _counts(shared, checks, quarantined=pl.lit(0))
        return Split(good=shared, quarantined=None, counts=counts, columns=columns)
    marks = _marks(checks, {*names, columns.row})
    # The cache makes it one scan: without it a CSV file is read once for each plan.
    marked = (
        lf.with_row_index(columns.row)
        .with_columns(check.ok.alias(mark) for check, mark in zip(checks, marks, strict=True))
        .cache()
    )
    judged = [replace(check, ok=pl.col(mark)) for check, mark in zip(checks, marks, strict=True)]
    keep = pl.all_horizontal(check.ok for check in judged if check.quarantines)
    own = [column(name) for name in names]
    return Split(
        good=marked.filter(keep).select(own),
        quarantined=marked.filter(~keep).select(own + columns.exprs(judged, nested=nested)),
        counts=_counts(marked, judged, quarantined=(~keep).sum()),
        columns=columns,
        samples={one.id: first_failing(marked, one, columns.row) for one in judged if one.quarantines},
    )


def first_failing(lf: pl.LazyFrame, check: RowCheck, row: str, limit: int = SAMPLE) -> pl.LazyFrame:
    """The first rows that fail a check, as `row` and `value`; `row` names the column with the row number."""
    return (
        lf.filter(~check.ok)
        .head(limit)
        .select(pl.col(row).cast(pl.Int64).alias("row"), column(check.column).alias("value"))
    )


def fit_rows(lf: pl.LazyFrame, checks: Sequence[RowCheck], where: pl.Expr | None = None) -> pl.LazyFrame:
    """The rows that teach the parameters: those no check at severity error, and no quarantining one, refuses.

    Of these `where` chooses; where it is null, a row does not teach. `unique` is left out: it judges a row by
    other rows, and never changes what is learned.
    """
    teaching = [check.ok for check in checks if check.row_wise and (check.quarantines or check.is_error)]
    passed = lf.filter(pl.all_horizontal(teaching)) if teaching else lf
    return passed if where is None else passed.filter(where)


def _counts(lf: pl.LazyFrame, checks: Sequence[RowCheck], *, quarantined: pl.Expr) -> pl.LazyFrame:
    return lf.select(pl.len().alias("rows"), quarantined.alias("quarantined"), *failures(checks))


def _marks(checks: Sequence[RowCheck], taken: Collection[str]) -> list[str]:
    """A name for each check's verdict that no column has."""
    prefix = "_passed"
    while any(name.startswith(prefix) for name in taken):
        prefix = f"_{prefix}"
    return [f"{prefix}{i}" for i, _ in enumerate(checks)]
