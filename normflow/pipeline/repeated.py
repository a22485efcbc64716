"""Rows that repeat an earlier one: found before the pass that writes, and counted in what leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from normflow import sinks
from normflow.contract import QuarantineColumns, Repeats, judge_rows
from normflow.naming import column
from normflow.pipeline.taps import watched
from normflow.sources import reading, scan

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.contract import Counts, RowCheck
    from normflow.pipeline.observers import Where
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Watch
    from normflow.record import CheckRecord


def knowing_repeats(prepared: Prepared, watch: Watch) -> Prepared:
    """The same, where each check of `unique` knows which rows repeat an earlier one.

    One scan of the keys alone, in bounded memory: which row is the first must be known before rows are
    parted, and batches of the pass that parts them come in any order.
    """
    checks = [check for check in prepared.row_checks if not check.row_wise]
    if not checks:
        return prepared
    names = dict.fromkeys(name for check in checks for name in _keys(check))
    row, folder = QuarantineColumns.beside(names).row, _folder(prepared.pipeline.sink.path)
    seeing = [Repeats(_keys(check), folder, row=row) for check in checks]
    keys = scan(prepared.source).select(column(name) for name in names).with_row_index(row)
    way = watched(keys, [*(one.see for one in seeing), lambda _: watch.seen(0)])
    with reading(prepared.pipeline.source.named), sinks.writing(prepared.pipeline.sink.path):
        watch.working(way.select(pl.len()).collect, engine="streaming")
        later = {check.id: one.later() for check, one in zip(checks, seeing, strict=True)}
    known = tuple(replace(check, later=later.get(check.id)) for check in prepared.row_checks)
    return replace(prepared, row_checks=known)


class LeavingRepeats:
    """The rows that leave with a value that came already, for a check of `unique` on an output."""

    where: Where = "leaving"

    def __init__(self, check: RowCheck, prepared: Prepared) -> None:
        self._check = check
        self._seen = Repeats(_keys(check), _folder(prepared.pipeline.sink.path))
        self.see = self._seen.see

    def verdicts(self, _counts: Counts) -> tuple[CheckRecord, ...]:
        """How many there are; the first one of each value passes."""
        return judge_rows([self._check], {self._check.id: self._seen.count()}, self._seen.rows)


def _keys(check: RowCheck) -> tuple[str, ...]:
    return check.keys or (check.column,)


def _folder(path: Path) -> Path:
    """The folder of a sink, or the one that its folder will be made in."""
    return next(one for one in sinks.destination(path).parents if one.is_dir())
