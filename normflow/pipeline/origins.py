"""Which file a row came from, and its number there."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from normflow.naming import column

if TYPE_CHECKING:
    from normflow.contract import QuarantineColumns
    from normflow.sources import Source
    from normflow.stores import Place


class Origins:
    """The files of a source, for rows that carry their number in the whole of it.

    Files are counted when somebody asks, so a run without such rows pays nothing: Parquet and IPC say in
    their footers how many rows they hold, and text files before the last are read through once more.

    Args:
        source: the files, in their order.
        folder: paths below it are told from there.
    """

    def __init__(self, source: Source, folder: Path) -> None:
        self._source, self._folder = source, folder

    def told(self, rows: pl.DataFrame, columns: QuarantineColumns) -> pl.DataFrame:
        """The rows with their file before their number, which counts from 0 in that file.

        Raises:
            SourceError: a file cannot be read.
        """
        number = rows[columns.row]
        starts = self._starts if rows.height else pl.Series([0])
        place = starts.search_sorted(number, side="right") - 1
        found = {
            columns.source: self._names.gather(place).alias(columns.source),
            columns.row: number - starts.gather(place).cast(number.dtype),
        }
        order = [name for name in rows.columns if name != columns.row]
        order[len(order) - 2 : len(order) - 2] = found
        return rows.with_columns(found.values()).select(column(name) for name in order)

    @cached_property
    def _starts(self) -> pl.Series:
        counts = (one.counted() for one in self._source.partitions[:-1])
        return pl.Series(accumulate(counts, initial=0), dtype=pl.UInt64)

    @cached_property
    def _names(self) -> pl.Series:
        return pl.Series([self._name(path) for path in self._source.paths], dtype=pl.String)

    def _name(self, path: Place) -> str:
        if self._source.table:
            return self._source.table.named
        if not isinstance(path, Path):
            return str(path)
        near = path.is_relative_to(self._folder)
        return str(path.relative_to(self._folder) if near else path)
