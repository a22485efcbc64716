"""Values that a contract mends on the way in: made null, or clipped to their range."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from normflow.contract.values import bounds_in
from normflow.fits.layout import free_prefix
from normflow.naming import column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from normflow.contract.checks import RowCheck


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mended:
    """Rows whose values are mended, before anything else looks at them.

    Args:
        rows: the rows, and beside them what `hidden` names: verdicts on the values as they came, and these.
        checks: the checks, which read those verdicts.
        originals: by mended column, the hidden column with the values as they came.
    """

    rows: pl.LazyFrame
    checks: tuple[RowCheck, ...]
    originals: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()


def mended(lf: pl.LazyFrame, checks: Sequence[RowCheck]) -> Mended:
    """The rows with each value that a check with `on_fail: null` or `clip` refuses made null, or clipped.

    A value is judged as it came by all checks of its column. `clip` moves it to the nearer end of the range;
    NaN has no nearer end and becomes null, and so does an infinity where the range is open.
    """
    columns = dict.fromkeys(check.column for check in checks if check.mends)
    if not columns:
        return Mended(rows=lf, checks=tuple(checks))
    taken = lf.collect_schema().names()
    prefix = free_prefix(taken)
    originals = {name: f"{prefix}came{i}" for i, name in enumerate(columns)}
    judged = [check for check in checks if check.column in columns and check.row_wise]
    marks = {check.id: f"{prefix}passed{i}" for i, check in enumerate(judged)}
    beside = lf.with_columns(
        *(column(name).alias(original) for name, original in originals.items()),
        *(check.ok.alias(marks[check.id]) for check in judged),
    )
    mending = {name: [check for check in judged if check.column == name and check.mends] for name in columns}
    rows = beside.with_columns(_mended(found, marks).alias(name) for name, found in mending.items())
    told = tuple(
        replace(check, ok=pl.col(marks[check.id]), came=originals[check.column])
        if check.id in marks
        else check
        for check in checks
    )
    return Mended(rows=rows, checks=told, originals=originals, hidden=(*originals.values(), *marks.values()))


def _mended(checks: Sequence[RowCheck], marks: Mapping[str, str]) -> pl.Expr:
    first = checks[0]
    x = column(first.column)
    passes = pl.all_horizontal(pl.col(marks[check.id]) for check in checks)
    kept = pl.when(passes).then(x)
    return kept if first.rule.on_fail == "null" else kept.otherwise(_clipped(first, x))


def _clipped(check: RowCheck, x: pl.Expr) -> pl.Expr:
    dtype = check.dtype
    bounds = bounds_in(check.rule.range or (None, None), dtype)
    if bounds is None:
        return pl.lit(None, dtype=dtype)
    lo, hi = (pl.lit(bound, dtype=dtype) for bound in bounds)
    clipped = pl.when(x < lo).then(lo).when(x > hi).then(hi).otherwise(x)
    if not dtype.is_float():
        return clipped
    # NaN is above every end to Polars, and has none that is nearer.
    return pl.when(x.is_not_nan() & clipped.is_finite()).then(clipped)
