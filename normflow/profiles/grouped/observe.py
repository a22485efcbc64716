"""One streaming pass over a frame: rows in; the profile of all of them and of each group out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import polars.selectors as cs

from normflow.dtypes import as_float, is_measurable
from normflow.errors import ConfigError
from normflow.frames import flattened
from normflow.naming import column
from normflow.profiles.frame import Profile
from normflow.profiles.grouped.frame import GroupedProfile
from normflow.profiles.grouped.keys import RunningKeys
from normflow.profiles.grouped.running import RunningGroups
from normflow.profiles.histogram import RESOLUTION
from normflow.profiles.observe import (
    FEWEST_ROWS,
    check_at_least_one,
    default_batch_rows,
    default_threads,
    told,
)
from normflow.profiles.running_column import RunningColumn, RunningRows
from normflow.profiles.running_histogram import check_resolution
from normflow.profiles.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from polars._typing import PolarsDataType

    from normflow.profiles.bits import Ints

GROUP_RESOLUTION = 512
STRETCH_BYTES = 1 << 26  # of numbers
STRETCH_ROWS = 1 << 20  # rows sorted at a time: many, as each group has a share in the costs of a stretch
KEY, VALUE = "key ", "value "  # names of the columns of a batch, with their places


def observe_groups(
    lf: pl.LazyFrame,
    by: Sequence[str],
    columns: Iterable[str],
    *,
    resolution: int = GROUP_RESOLUTION,
    whole_resolution: int = RESOLUTION,
    threads: int | None = None,
    batch_rows: int | None = None,
    memory: int | None = None,
    seen: Callable[[int], object] | None = None,
) -> tuple[Profile, GroupedProfile]:
    """The profile of the named columns, and that of each group of rows with equal keys, in one pass.

    The first is what `observe` says of the whole frame, with histograms of `whole_resolution` buckets. `by`
    names the columns of the keys, and `resolution` is the most buckets that a histogram of a group has.
    Memory grows with the groups and their different values, of each group up to that many, and not with the
    rows alone. `threads`, `batch_rows` and `memory` change speed and memory, never the profiles. `seen` is
    called with the rows of each batch, and what it raises ends the pass.

    Raises:
        ConfigError: `by` names no column; fewer than two buckets, or less than one thread or row.
        polars.exceptions.PolarsError: what Polars finds wrong with the frame, as it is.
    """
    check_resolution(resolution, GROUP_RESOLUTION)
    check_at_least_one(threads=threads, batch_rows=batch_rows)
    if not by:
        raise ConfigError("groups are asked for by no column", hint="name one or more in 'by'")
    names = list(columns)
    schema = dict(flattened(lf.select(map(column, names))).collect_schema())
    keys_schema = lf.select(map(column, by)).collect_schema()
    needed = flattened(lf.select(map(column, dict.fromkeys([*by, *names]))), keep=True)
    read = needed.select(
        *(column(name).alias(f"{KEY}{i}") for i, name in enumerate(by)),
        *(_value(name, dtype).alias(f"{VALUE}{i}") for i, (name, dtype) in enumerate(schema.items())),
    )
    chunk = batch_rows or default_batch_rows(len(by) + len(schema), memory)
    batches = read.collect_batches(chunk_size=chunk, maintain_order=False)
    running = _Running(keys_schema, schema, resolution, whole_resolution)
    threads = threads or default_threads()
    with ThreadPoolExecutor(threads, thread_name_prefix="normflow-observe") as pool:
        crew = _Crew(pool, threads, len(schema))
        for batch in told(batches, seen):
            running.add(batch, crew)
        running.add_stretch(crew)
    return running.settled(schema)


def _value(name: str, dtype: PolarsDataType) -> pl.Expr:
    return as_float(column(name), dtype) if is_measurable(dtype) else column(name).is_null()


def _ascending(numbers: Ints) -> Ints:
    """The places of the numbers in ascending order, by counting their digits of 16 bits."""
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    for shift in range(16, int(numbers.max(initial=0)).bit_length(), 16):
        higher = (numbers[order] >> np.int64(shift)).astype(np.uint16)
        order = order[np.argsort(higher, kind="stable")]
    return order


def _in_order(series: pl.Series, order: Ints) -> pl.Series:
    if series.null_count() or series.dtype == pl.Boolean:
        return series.gather(order)
    return pl.Series(series.rechunk().to_numpy()[order])


class _Crew:
    """Threads that share the columns, each column in one thread at a time."""

    def __init__(self, pool: ThreadPoolExecutor, threads: int, columns: int) -> None:
        self._pool = pool
        self._shares = [(range(i, columns, threads), Workbench()) for i in range(min(threads, columns))]

    def each_column(self, work: Callable[[int, Workbench], None]) -> None:
        """Do the work for every column."""

        def share(places: range, bench: Workbench) -> None:
            for place in places:
                work(place, bench)

        for one in [self._pool.submit(share, *mine) for mine in self._shares]:
            one.result()


class _Running:
    """The states of all columns: those of the whole frame see each batch, those of groups each stretch."""

    def __init__(
        self, keys: pl.Schema, schema: Mapping[str, PolarsDataType], resolution: int, whole_resolution: int
    ) -> None:
        numbers = [is_measurable(dtype) for dtype in schema.values()]
        self._keys = RunningKeys(keys)
        self._rows: Ints = np.zeros(0, np.int64)
        self._whole = [RunningColumn(whole_resolution) if one else RunningRows() for one in numbers]
        self._groups = [RunningGroups(resolution if one else 0) for one in numbers]
        self._stretch: list[pl.DataFrame] = []
        self._enough = max(FEWEST_ROWS, min(STRETCH_ROWS, STRETCH_BYTES // (8 * max(len(numbers), 1))))

    def add(self, batch: pl.DataFrame, crew: _Crew) -> None:
        """Show a batch to the states of the whole frame, and put it by for those of the groups."""
        crew.each_column(lambda i, bench: self._whole[i].add(batch[f"{VALUE}{i}"], bench))
        self._stretch.append(batch)
        if sum(one.height for one in self._stretch) >= self._enough:
            self.add_stretch(crew)

    def add_stretch(self, crew: _Crew) -> None:
        """Show what was put by to the states of the groups."""
        if not self._stretch:
            return
        stretch = pl.concat(self._stretch)
        self._stretch = []
        numbers = self._keys.numbers(stretch.select(cs.starts_with(KEY)))
        groups = len(self._keys)
        order = _ascending(numbers)
        numbers = numbers[order]
        rows = np.bincount(numbers, minlength=groups)
        rows[: len(self._rows)] += self._rows
        self._rows = rows
        crew.each_column(
            lambda i, _: self._groups[i].add(numbers, _in_order(stretch[f"{VALUE}{i}"], order), groups)
        )

    def settled(self, schema: Mapping[str, PolarsDataType]) -> tuple[Profile, GroupedProfile]:
        """The profiles of all that was added."""
        bench = Workbench()
        keys, order = self._keys.settled()
        whole = {name: running.settled(bench) for name, running in zip(schema, self._whole, strict=True)}
        # each is let go as soon as it is settled: there is never more than one twice
        groups = {name: self._groups.pop(0).settled(order) for name in schema}
        rows = self._rows[order]
        return Profile(whole, int(rows.sum()), schema), GroupedProfile(keys, rows, groups)
