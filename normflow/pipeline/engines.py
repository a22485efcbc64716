"""Where the rows are worked on: here, or in pieces by the workers of a Spark cluster, with the same bits.

Workers run the same kernel over the same reader: a piece is a file of the source, or rows of one. Profiles of
pieces add up to that of all rows; pieces transformed come back in their order, and whoever looks at the rows
of a run looks at them here, as he does in a run without Spark.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
from polars.io.plugins import register_io_source

from normflow.contract import fit_rows
from normflow.frames import collected_here
from normflow.pipeline.passing import way_of
from normflow.pipeline.taps import watched
from normflow.profiles import GroupedProfile, Profile, observe, observe_groups, refined, refined_by
from normflow.sources import Run, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from normflow.pipeline.observers import Where
    from normflow.pipeline.passing import Passing, Way
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Watch
    from normflow.profiles import Asked
    from normflow.sources import Partition, Source
    from normflow.spec import Pipeline

    Known = tuple[Profile, GroupedProfile]
    Seeing = Mapping[Where, Sequence[Callable[[pl.DataFrame], object]]]

PIECE = 1 << 20
"""Numbers in a piece of a Parquet or IPC file that is transformed; it learns from so many times as much:"""
LONGER = 32
BATCH_ROWS = 1 << 16


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one file of a source; `start` is the number of the first in the whole source."""

    partition: Partition
    run: Run | None
    start: int = 0

    def rows(self) -> pl.LazyFrame:
        """Its rows."""
        return self.partition.scan(self.run)


class Kernel(NamedTuple):
    """What turns rows into what is known of them: the rows that teach, and what is observed of these."""

    teaching: Callable[[pl.LazyFrame], pl.LazyFrame]
    known: Callable[..., Known]

    @classmethod
    def of(cls, prepared: Prepared, columns: Sequence[str]) -> Kernel:
        """That of a pipeline."""
        how, memory = prepared.pipeline.fit, prepared.pipeline.memory
        where = prepared.where.expr if prepared.where else None
        teaching = partial(fit_rows, checks=prepared.row_checks, where=where)
        whole = partial(observe, columns=columns, resolution=how.resolution, memory=memory)
        if how.by is None:
            return cls(teaching, partial(_ungrouped, whole=whole))
        return cls(
            teaching,
            partial(
                observe_groups,
                by=sorted(how.by.columns),
                columns=columns,
                resolution=how.by.resolution,
                whole_resolution=how.resolution,
                memory=memory,
            ),
        )


def on_spark(pipeline: Pipeline) -> bool:
    """Whether the rows of a pipeline are worked on by Spark."""
    return pipeline.engine.kind == "spark"


@contextmanager
def engine(pipeline: Pipeline) -> Iterator[None]:
    """The engine of a pipeline, held for as long as it is used more than once.

    Raises:
        PluginError: it is Spark, which is not installed, or cannot be started.
    """
    if not on_spark(pipeline):
        yield
        return
    from normflow import cluster

    with cluster.session(pipeline.engine):
        yield


def profiled(
    prepared: Prepared, kernel: Kernel, wanted: Sequence[tuple[Partition, Run | None]], watch: Watch
) -> Iterator[tuple[tuple[Partition, Run | None], Known]]:
    """What the workers know of these files, or runs of them, in order."""
    size = PIECE * LONGER // max(1, len(prepared.schema))
    pieces = [piece for partition, run in wanted for piece in _pieces(partition, run, size)]
    states = _states(prepared, partial(_knowing, kernel=kernel), pieces)
    for one in wanted:
        profile, groups = kernel.known(kernel.teaching(one[0].scan().head(0)))
        for _ in _pieces(*one, size):
            more, its = next(states)
            profile, groups = profile + more, groups + its
            watch.seen(more.rows)
        yield one, (profile, groups)


def refined_whole(
    prepared: Prepared,
    source: Source,
    profile: Profile,
    quantiles: Mapping[str, Sequence[float]],
    watch: Watch,
) -> Profile:
    """The profile with the quantiles that it knows badly read again; see `profiles.refined`."""
    kernel, always = Kernel.of(prepared, ()), prepared.pipeline.fit.quantiles == "exact"
    if not on_spark(prepared.pipeline):
        return refined(kernel.teaching(scan(source)), profile, quantiles, always=always, seen=watch.seen)
    size = PIECE * LONGER // max(1, len(prepared.schema))
    pieces = [piece for one in source.partitions for piece in _pieces(one, None, size)]

    def look(asked: Asked) -> Profile:
        closer = observe(asked.values(kernel.teaching(scan(source).head(0))))
        work = partial(_knowing, kernel=Kernel(kernel.teaching, partial(_looked, asked=asked)))
        for more, _ in _states(prepared, work, pieces):
            closer += more
            watch.seen(more.rows)
        return closer

    return refined_by(look, profile, quantiles, always=always)


def through(prepared: Prepared, way: Passing, seeing: Seeing) -> pl.LazyFrame:
    """The good rows, transformed, which are shown on the way to those who look on; as `Passing.through`."""
    if not on_spark(prepared.pipeline):
        return way.through(seeing)

    def leaving(*_asked: object) -> Iterator[pl.DataFrame]:
        for entering, transformed in _passed(prepared, way):
            for see in seeing.get("entering", ()):
                see(entering)
            good = collected_here(way.parts.good_of(entering.lazy()))
            for see in seeing.get("good", ()):
                see(good)
            yield transformed

    rows = register_io_source(leaving, schema=way.outgoing.collect_schema())
    # No choice of rows or columns moves before those who look on, so all of them are asked for.
    return watched(rows, seeing["leaving"])


def _passed(prepared: Prepared, way: Passing) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Batches as they come in, with those that leave, in the order of the source."""
    from normflow import cluster

    engine, size = prepared.pipeline.engine, PIECE // max(1, len(prepared.schema))
    partitions = prepared.source.partitions
    with cluster.session(engine) as session:
        pieces = [piece for one in partitions for piece in _pieces(one, None, size)]
        if way.parts.columns.row in way.parts.rows.collect_schema():
            pieces = _numbered(cluster.results(session, engine, _counting, pieces))
        work = partial(_passing, way=way.way)
        for _, batches in cluster.results(session, engine, work, pieces):
            for entering, transformed in batches:
                yield pl.read_ipc(io.BytesIO(entering)), pl.read_ipc(io.BytesIO(transformed))


def _pieces(partition: Partition, run: Run | None, size: int) -> list[Piece]:
    """The rows of a file, or of a run of them: so many together, or all where its size is not told."""
    first, rows = (run.offset, run.rows) if run else (0, partition.rows())
    if rows is None or rows <= size:
        return [Piece(partition, run)]
    starts = range(first, first + rows, size)
    return [Piece(partition, Run("", one, min(size, first + rows - one))) for one in starts]


def _numbered(counts: Iterator[tuple[Piece, list[tuple[bytes, bytes]]]]) -> list[Piece]:
    """The pieces that were counted, with the number of the first row of each."""
    found, start = [], 0
    for piece, ((count, _),) in counts:
        found.append(Piece(piece.partition, piece.run, start))
        start += int(count)
    return found


def _states(
    prepared: Prepared, work: Callable[[Piece], Iterator[tuple[bytes, bytes]]], pieces: Sequence[Piece]
) -> Iterator[Known]:
    from normflow import cluster

    engine = prepared.pipeline.engine
    with cluster.session(engine) as session:
        for _, ((profile, groups),) in cluster.results(session, engine, work, pieces):
            yield Profile.from_bytes(profile), GroupedProfile.from_bytes(groups)


# On the workers:


def _knowing(piece: Piece, *, kernel: Kernel) -> Iterator[tuple[bytes, bytes]]:
    profile, groups = kernel.known(kernel.teaching(piece.rows()))
    yield profile.to_bytes(), groups.to_bytes()


def _counting(piece: Piece) -> Iterator[tuple[bytes, bytes]]:
    yield str(piece.run.rows if piece.run else piece.partition.counted()).encode(), b""


def _passing(piece: Piece, *, way: Way) -> Iterator[tuple[bytes, bytes]]:
    passing = way_of(piece.rows(), way, start=piece.start)
    for batch in passing.parts.rows.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
        yield _bytes(batch), _bytes(collected_here(passing.transformed(passing.parts.good_of(batch.lazy()))))


def _bytes(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_ipc(file, compression="lz4")
    return file.getvalue()


def _ungrouped(
    lf: pl.LazyFrame, *, whole: Callable[..., Profile], seen: Callable[[int], object] | None = None
) -> Known:
    return whole(lf, seen=seen), GroupedProfile()


def _looked(lf: pl.LazyFrame, *, asked: Asked) -> Known:
    return observe(asked.values(lf)), GroupedProfile()
