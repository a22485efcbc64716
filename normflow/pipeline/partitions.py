"""What is known of each partition of a source: from the registry, else from its rows, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from normflow.fits import observed
from normflow.pipeline.engines import Kernel, on_spark, profiled
from normflow.pipeline.prepare import unchanged
from normflow.pipeline.states import States
from normflow.profiles import GroupedProfile, Profile
from normflow.sources import fingerprints_of, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.states import Keep, Known
    from normflow.pipeline.watch import Watch
    from normflow.registry import Registry
    from normflow.sources import Partition, Run, Source
    from normflow.stores import Place


class ToRead(NamedTuple):
    """A file whose rows are read: all of them, or, of one that is known by runs, so many."""

    partition: Partition
    new: int | None = None

    @property
    def path(self) -> Place:
        """The file."""
        return self.partition.path

    def rows(self) -> int | None:
        """How many rows are read; None where the file does not tell how many it has."""
        return self.partition.rows() if self.new is None else self.new


class Partitions:
    """The partitions of what is prepared: those whose state is kept are not read, and `read` are the others.

    Of a large Parquet file runs of row groups have states too, so that of a file that has grown, or was
    written anew, only those are read that no earlier version had. A private pipeline keeps no state.
    """

    def __init__(self, prepared: Prepared, registry: Registry, watch: Watch, *, keep: Keep) -> None:
        private = prepared.pipeline.private  # a state holds histogram points
        self.prints = fingerprints_of(prepared.source)
        self.read: list[ToRead] = []
        self._prepared, self._watch = prepared, watch
        self._by_runs = not private and (keep == "registry" or registry.exists)
        self._ahead: Iterator[tuple[tuple[Partition, Run | None], Known]] = iter(())
        self._kernel = Kernel.of(prepared, observed(prepared.plan))
        self._states = States(
            registry,
            prepared.state_key,
            self._teaching(prepared.source.partitions[0].scan()),
            observed(prepared.plan),
            by_group=prepared.pipeline.fit.by is not None,
            keep="nowhere" if private and keep == "registry" else keep,
        )

    def known(self, source: Source) -> Iterator[Known]:
        """What is known of each partition of the source, or of its last ones, in order.

        Raises:
            SourceError: a file cannot be read, or was changed meanwhile.
        """
        if on_spark(self._prepared.pipeline):
            self._ahead = profiled(self._prepared, self._kernel, list(self._wanted(source)), self._watch)
        kept = self._states.kept([self.prints[path] for path in source.paths])
        for partition, found in zip(source.partitions, kept, strict=True):
            yield found or self._read(partition)
            self._watch.finished(partition)
        self._states.flush()

    def missing(self, source: Source) -> tuple[ToRead, ...]:
        """The partitions that `known` would read; none is read here."""
        kept = self._states.kept([self.prints[path] for path in source.paths])
        every = zip(source.partitions, kept, strict=True)
        return tuple(self._missing(partition) for partition, found in every if found is None)

    def _wanted(self, source: Source) -> Iterator[tuple[Partition, Run | None]]:
        """The files, or runs of them, that `known` will read, in order."""
        for partition in (one.partition for one in self.missing(source)):
            runs = self._runs(partition)
            states = self._states.kept([one.fingerprint for one in runs])
            new = [run for run, state in zip(runs, states, strict=True) if state is None]
            yield from ((partition, run) for run in (new if runs else [None]))

    def _missing(self, partition: Partition) -> ToRead:
        runs = self._runs(partition)
        if not runs:
            return ToRead(partition)
        states = self._states.kept([one.fingerprint for one in runs])
        new = (run.rows for run, state in zip(runs, states, strict=True) if state is None)
        return ToRead(partition, sum(new))

    def _read(self, partition: Partition) -> Known:
        runs = self._runs(partition)
        found = self._read_runs(partition, runs) if runs else self._observed(partition)
        if not runs:
            self.read.append(ToRead(partition))
        self._keep(partition, self.prints[partition.path], found)
        return found

    def _read_runs(self, partition: Partition, runs: tuple[Run, ...]) -> Known:
        profile, groups, read = Profile(), GroupedProfile(), 0
        states = self._states.kept([one.fingerprint for one in runs])
        for run, state in zip(runs, states, strict=True):
            found = state or self._observed(partition, run)
            if state is None:
                self._keep(partition, run.fingerprint, found)
                read += run.rows
            profile, groups = profile + found[0], groups + found[1]
        self.read.append(ToRead(partition, read))
        return profile, groups

    def _runs(self, partition: Partition) -> tuple[Run, ...]:
        return partition.runs() if self._by_runs else ()

    def _observed(self, partition: Partition, run: Run | None = None) -> Known:
        with reading(partition.path):
            if elsewhere := self._watch.working(self._observed_elsewhere, partition, run):
                return elsewhere
            teaching = self._teaching(partition.scan(run))
            return self._watch.working(_observed, teaching, self._kernel, self._watch.seen)

    def _observed_elsewhere(self, partition: Partition, run: Run | None) -> Known | None:
        """What Spark knows of it: files that turned out to be known meanwhile are passed over."""
        return next((known for one, known in self._ahead if one == (partition, run)), None)

    def _keep(self, partition: Partition, fingerprint: str, found: Known) -> None:
        unchanged(self._prepared, partition.path)  # what was read are the rows that the fingerprint names
        self._states.keep(fingerprint, found)

    def _teaching(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        return self._kernel.teaching(rows)


def _observed(teaching: pl.LazyFrame, kernel: Kernel, seen: Callable[[int], object]) -> Known:
    """What is known of the rows that teach, and of each group of them where groups are asked for."""
    return kernel.known(teaching, seen=seen)
