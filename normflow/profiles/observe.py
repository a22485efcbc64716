"""One streaming pass over a frame: rows in, profile out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from normflow.dtypes import as_float, is_measurable, is_numeric
from normflow.errors import ConfigError
from normflow.frames import as_lazy, flattened
from normflow.memory import usual
from normflow.naming import column
from normflow.profiles.frame import Profile
from normflow.profiles.histogram import RESOLUTION
from normflow.profiles.running_column import RunningColumn, RunningRows
from normflow.profiles.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from normflow.frames import ArrowStream
    from normflow.profiles.bits import Floats
    from normflow.profiles.column import ColumnProfile

BATCH_ROWS = 262_144
BATCH_BYTES = 1 << 29  # of numbers in a batch at most, so that the batches of wide frames are short
BATCH_SHARE = 8  # one part in so many of the memory that a run may hold
FEWEST_ROWS = 4096  # of a batch, below which calls cost more than values
THREADS = 4

Running = RunningColumn | RunningRows


def observe(
    lf: pl.LazyFrame,
    columns: Iterable[str] | None = None,
    *,
    resolution: int = RESOLUTION,
    shapeless: Collection[str] = (),
    threads: int | None = None,
    batch_rows: int | None = None,
    memory: int | None = None,
    seen: Callable[[int], object] | None = None,
) -> Profile:
    """The profile of a lazy frame, in one streaming pass whose memory does not grow with the rows.

    Without `columns` every column is observed: numbers fully, all others as rows and nulls. Booleans, dates,
    times and durations are numbers only where they are named. Each place of an array of numbers is a column:
    `embedding[0]` and on. `resolution` is the most buckets that a histogram has. Of `shapeless` columns only
    counts, extremes and sums are observed, which takes a third of the time. `threads`,
    `batch_rows` and `memory` (bytes that may be held; a quarter of the machine where it is not given) change
    speed and memory, never the profile. `seen` is called with the rows of each batch, and
    what it raises ends the pass.

    Raises:
        ConfigError: fewer than two buckets, or less than one thread or row.
        polars.exceptions.PolarsError: what Polars finds wrong with the frame, as it is.
    """
    check_at_least_one(threads=threads, batch_rows=batch_rows)
    chosen = flattened(lf if columns is None else lf.select(column(name) for name in columns))
    schema = dict(chosen.collect_schema())
    if not schema:
        return Profile(rows=lf.select(pl.len()).collect(engine="streaming").item())
    is_number = is_numeric if columns is None else is_measurable
    numbers = {name for name, dtype in schema.items() if is_number(dtype)}
    running: dict[str, Running] = {
        name: RunningColumn(None if name in shapeless else resolution) if name in numbers else RunningRows()
        for name in schema
    }
    read = chosen.select(
        as_float(column(name), dtype) if name in numbers else column(name).is_null()
        for name, dtype in schema.items()
    )
    chunk = batch_rows or default_batch_rows(len(schema), memory)
    batches = read.collect_batches(chunk_size=chunk, maintain_order=False)
    rows = _add_all(told(batches, seen), running, threads or default_threads())
    bench = Workbench()
    return Profile({name: column.settled(bench) for name, column in running.items()}, rows, schema)


def profile(data: pl.LazyFrame | pl.DataFrame | ArrowStream) -> Profile:
    """The profile of a frame: of Polars, or of anything that streams Arrow, such as a pandas frame.

    `profile(a) + profile(b)` is the profile of the rows of both, and equal profiles are equal bits.

    A fit from a profile may differ from that of its frame in columns of two scales, such as 1e9 ± 1 beside
    some zeros: where a profile knows quartiles badly (`coarse`), a fit from the frame reads the rows again.
    """
    return observe(as_lazy(data))


def observe_values(values: Sequence[float | None] | Floats, *, resolution: int = RESOLUTION) -> ColumnProfile:
    """The profile of values at hand; None is null.

    Raises:
        ConfigError: fewer than two buckets.
    """
    given = np.asarray(values, np.float64) if isinstance(values, np.ndarray) else values
    running, bench = RunningColumn(resolution), Workbench()
    running.add(pl.Series(given, dtype=pl.Float64), bench)
    return running.settled(bench)


def check_at_least_one(**options: int | None) -> None:
    """Refuse options that are given and below 1.

    Raises:
        ConfigError: the first of them.
    """
    for name, given in options.items():
        if given is not None and given < 1:
            raise ConfigError(f"{name} is at least 1, and here it is {given}")


def default_threads() -> int:
    """Half the threads of Polars, which decodes the next batch meanwhile."""
    return min(THREADS, max(1, pl.thread_pool_size() // 2))


def default_batch_rows(columns: int, memory: int | None = None) -> int:
    """As many rows as are quick to read and whose numbers fit in memory.

    Short batches cost time: each is counted in a window of 100,000 buckets for every column.
    """
    room = min(BATCH_BYTES, (memory or usual()) // BATCH_SHARE)
    return max(FEWEST_ROWS, min(BATCH_ROWS, room // (8 * max(columns, 1))))


def told(batches: Iterable[pl.DataFrame], seen: Callable[[int], object] | None) -> Iterable[pl.DataFrame]:
    """The batches, and `seen` told the rows of each when it has been worked on."""
    for batch in batches:
        yield batch
        if seen:
            seen(batch.height)


def _add_all(batches: Iterable[pl.DataFrame], running: Mapping[str, Running], threads: int) -> int:
    """Show every batch to every column, each column in one thread at a time; how many rows there were."""
    names = list(running)
    shares = [(names[i::threads], Workbench()) for i in range(min(threads, len(names)))]
    rows = 0
    with ThreadPoolExecutor(max(1, len(shares)), thread_name_prefix="normflow-observe") as pool:
        for batch in batches:
            rows += batch.height
            at_work = [pool.submit(_add, batch, running, *share) for share in shares]
            for one in at_work:
                one.result()
    return rows


def _add(batch: pl.DataFrame, running: Mapping[str, Running], names: list[str], bench: Workbench) -> None:
    for name in names:
        running[name].add(batch[name], bench)
