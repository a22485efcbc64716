"""Rows that leave the way: kept aside in order, on disk where they are many, until the others are written."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import polars as pl
from polars.io.plugins import register_io_source

from normflow import sinks
from normflow.contract import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from normflow.contract import Split
    from normflow.pipeline.origins import Origins

HELD_BYTES = 1 << 26
SPAN = 1 << 19  # rows of the source whose quarantined rows are sorted together


class Aside:
    """The quarantined rows of a pass: shown its batches, it gives them back in source order.

    Batches come on several threads, not always in order. So rows are kept by spans of the source; beyond
    64 MB all that is held goes to files beside the quarantine's own, which `close` removes.
    """

    def __init__(self, parts: Split, staged: Path, dropped: tuple[str, ...], origins: Origins) -> None:
        self._parts, self._origins = parts, origins
        self._staged = staged
        self._reasons = [one for one in parts.reasons if one.meta.output_name() not in dropped]
        self._bad = pl.lit(value=False) if parts.keep is None else ~parts.keep
        self._held: dict[int, list[pl.DataFrame]] = {}
        self._spilled: dict[int, list[Path]] = {}
        self._bytes = self._files = 0
        self._samples: dict[str, pl.DataFrame] = {}
        self._keeping = Lock()
        told = self._told(pl.DataFrame(schema=parts.rows.collect_schema()))
        self.schema = origins.told(told, parts.columns).schema

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def see(self, batch: pl.DataFrame) -> None:
        """Keep the rows of a batch that are quarantined."""
        bad = batch.filter(self._bad)
        if not bad.height:
            return
        told, row = self._told(bad), self._parts.columns.row
        with self._keeping:
            self._sample(bad)
            for span, rows in told.group_by(pl.col(row) // SPAN, maintain_order=True):
                self._held.setdefault(int(span[0]), []).append(rows)
            self._bytes += int(told.estimated_size())
            if self._bytes > HELD_BYTES:
                self._spill()

    def lazy(self) -> pl.LazyFrame:
        """All of them, in the order of the source; `close` comes after they are read."""
        return register_io_source(self._rows, schema=self.schema)

    @property
    def samples(self) -> Mapping[str, pl.DataFrame]:
        """By quarantining check the first rows that fail it: `row` and `value`."""
        return self._samples

    def close(self) -> None:
        """Remove what was written."""
        sinks.discard(*(file for files in self._spilled.values() for file in files))
        self._held, self._spilled = {}, {}

    def _told(self, bad: pl.DataFrame) -> pl.DataFrame:
        return bad.select(self._reasons)

    def _sample(self, bad: pl.DataFrame) -> None:
        row = self._parts.columns.row
        for check in self._parts.checks:
            if check.quarantines:
                first = bad.filter(~check.ok).head(SAMPLE)
                found = first.select(pl.col(row).cast(pl.Int64).alias("row"), check.value.alias("value"))
                known = self._samples.get(check.id)
                both = found if known is None else pl.concat([known, found])
                self._samples[check.id] = both.sort("row").head(SAMPLE)

    def _spill(self) -> None:
        run = self._staged.name.removesuffix(".tmp")
        for span, frames in self._held.items():
            self._files += 1
            file = self._staged.with_name(f"{run}-aside-{self._files}.tmp")
            self._spilled.setdefault(span, []).append(file)
            pl.concat(frames).write_ipc(file)
        self._held, self._bytes = {}, 0

    def _rows(
        self,
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,  # noqa: ARG002 (as Polars asks it)
    ) -> Iterator[pl.DataFrame]:
        left = n_rows
        for span in sorted({*self._held, *self._spilled}):
            frames = [*(pl.read_ipc(file) for file in self._spilled.get(span, ())), *self._held.get(span, ())]
            rows: Any = pl.concat(frames).sort(self._parts.columns.row)
            rows = self._origins.told(rows, self._parts.columns)
            rows = rows if with_columns is None else rows.select(with_columns)
            rows = rows if predicate is None else rows.filter(predicate)
            rows = rows if left is None else rows.head(left)
            left = None if left is None else left - rows.height
            yield rows
