"""Good rows and quarantined rows, parted on one way through the rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from normflow.contract.counts import failures
from normflow.contract.mends import Mended, mended
from normflow.contract.quarantine import QuarantineColumns
from normflow.naming import column

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from normflow.contract.checks import RowCheck

SAMPLE = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """How rows part: one chain leads from `rows` to the good ones; what is set aside leaves it on the way.

    Nothing here is a second reader of the rows: two readers that are not equally fast would have all rows
    between them in memory. What is counted and set aside is told by expressions, for who sees the batches.

    Args:
        rows: the rows of the source, and beside them their number and verdicts where some may be quarantined.
        checks: all checks, which read the verdicts where they stand beside the rows.
        names: the source's own columns, in order.
        keep: whether a row is good; None where no check quarantines.
        columns: what the added columns of a quarantined row are called.
        nested: whether the names of failed checks are a list, and not one text.
        originals: by mended column, the one that holds its values as they came.
    """

    rows: pl.LazyFrame
    checks: tuple[RowCheck, ...]
    names: tuple[str, ...]
    keep: pl.Expr | None
    columns: QuarantineColumns
    nested: bool = True
    originals: Mapping[str, str] = field(default_factory=dict)

    @property
    def good(self) -> pl.LazyFrame:
        """The rows to go on with, all columns in order."""
        return self.good_of(self.rows)

    def good_of(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The good ones of rows that stand as `rows` do."""
        own = [column(name) for name in self.names]
        return rows.select(own) if self.keep is None else rows.filter(self.keep).select(own)

    @property
    def quarantined(self) -> pl.LazyFrame | None:
        """The other rows, with `columns` behind their own; None when no check quarantines."""
        return None if self.keep is None else self.rows.filter(~self.keep).select(self.reasons)

    @property
    def reasons(self) -> list[pl.Expr]:
        """The columns of a quarantined row, with its values as they came."""
        own = [column(self.originals.get(name, name)).alias(name) for name in self.names]
        return [*own, *self.columns.exprs(self.checks, nested=self.nested)]

    @property
    def tallies(self) -> list[pl.Expr]:
        """Sums over `rows`, read by `Counts.read`: sums of parts of the rows add up."""
        quarantined = pl.lit(0) if self.keep is None else (~self.keep).sum()
        return [pl.len().alias("rows"), quarantined.alias("quarantined"), *failures(self.checks)]

    @property
    def counts(self) -> pl.LazyFrame:
        """The tallies of all rows, one row."""
        return self.rows.select(self.tallies)


def split(
    lf: pl.LazyFrame,
    checks: Sequence[RowCheck],
    *,
    nested: bool = True,
    numbered: bool = False,
    start: int = 0,
    mends: Mended | None = None,
) -> Split:
    """Part the rows of a source by its quarantining checks.

    A row that fails only checks with `on_fail: fail` stays with the good ones: the run is judged by the
    counts and nothing is published. `nested` false writes the failed names as one text, for formats without
    lists. Rows have their number, from `start` on, where they part, or where a check or `numbered` asks for
    it. `mends` is how
    values were mended before: a quarantined row has them as they came.
    """
    hidden = mends.hidden if mends else ()
    names = lf.collect_schema().names()
    columns = QuarantineColumns.beside(names)
    parting = any(check.quarantines for check in checks)
    numbered = numbered or parting or any(check.later for check in checks)
    checks = [check.among(columns.row) for check in checks]
    # A check that needs the rows before it is judged in the chain, which knows them; a batch does not.
    marked = [check for check in checks if parting or not (check.row_wise or check.later)]
    marks = dict(zip((one.id for one in marked), _marks(checks, {*names, columns.row}), strict=False))
    judged = tuple(
        replace(check, ok=pl.col(marks[check.id])) if check.id in marks else check for check in checks
    )
    rows = lf.with_row_index(columns.row, start) if numbered else lf
    if marks:
        rows = rows.with_columns(check.ok.alias(marks[check.id]) for check in marked)
    keep = pl.all_horizontal(check.ok for check in judged if check.quarantines) if parting else None
    return Split(
        rows=rows,
        checks=judged,
        names=tuple(name for name in names if name not in hidden),
        keep=keep,
        columns=columns,
        nested=nested,
        originals=mends.originals if mends else {},
    )


def first_failing(lf: pl.LazyFrame, check: RowCheck, row: str, limit: int = SAMPLE) -> pl.LazyFrame:
    """The first rows that fail a check, as `row` and `value`; `row` names the column with the row number."""
    return (
        lf.filter(~check.ok)
        .head(limit)
        .select(pl.col(row).cast(pl.Int64).alias("row"), check.value.alias("value"))
    )


def fit_rows(lf: pl.LazyFrame, checks: Sequence[RowCheck], where: pl.Expr | None = None) -> pl.LazyFrame:
    """The rows that teach the parameters: those no check at severity error, and no quarantining one, refuses.

    Values that are mended teach as what they became. Of these rows `where` chooses; where it is null, a row
    does not teach. `unique` is left out: it judges a row by other rows, and never changes what is learned.
    """
    way = mended(lf, checks)
    teaching = [
        check.ok
        for check in way.checks
        if check.row_wise and not check.mends and (check.quarantines or check.is_error)
    ]
    passed = way.rows.filter(pl.all_horizontal(teaching)) if teaching else way.rows
    return passed if where is None else passed.filter(where)


def _marks(checks: Sequence[RowCheck], taken: Collection[str]) -> list[str]:
    """A name for each check's verdict that no column has."""
    prefix = "_passed"
    while any(name.startswith(prefix) for name in taken):
        prefix = f"_{prefix}"
    return [f"{prefix}{i}" for i, _ in enumerate(checks)]
