"""How far a run is: rows counted as they stream and told to a listener, and work that a signal can stop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

    from normflow.sources import Partition, Source

PAUSE = 0.1  # seconds between two reports
Given = ParamSpec("Given")
Result = TypeVar("Result")


class Progress(Protocol):
    """Who listens to a run: called at the start and at the end of each stage, and ten times a second between.

    `rows` have passed the stage, of `total` where that is known. The calls come from the thread that called
    `run`, and an exception that leaves one ends the run.
    """

    def __call__(self, stage: str, rows: int, total: int | None, /) -> object:
        """Hear how far the run is."""


class Stopped(Exception):  # noqa: N818  (no error: it ends a query for whose result nobody waits any more)
    """Raised among the rows of a query that shall end."""


class Watch:
    """One run as it is listened to: the stage it is in, and how many rows have passed it.

    `total` is how many rows the source has; None where its files do not tell, or nobody listens. `ended` is
    called at the end of each stage, with its name, how many rows passed it, and the seconds it took.
    """

    def __init__(
        self,
        source: Source,
        progress: Progress | None = None,
        ended: Callable[[str, int, float], object] | None = None,
    ) -> None:
        self._progress, self._ended = progress, ended
        self._since = monotonic()
        self._sizes = {one.path: one.rows() for one in source.partitions} if progress else {}
        self.total = self.total_of(source)
        self._stage, self._of = "", self.total
        self._rows = self._finished = 0
        self._counting = Lock()
        self._stopped = False

    def total_of(self, source: Source) -> int | None:
        """How many rows these files have, as far as they tell."""
        known = [size for one in source.paths if (size := self._sizes.get(one)) is not None]
        return sum(known) if known else None

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[None]:
        """A stage of the run, in which so many rows shall pass."""
        self.begins(name, total)
        yield
        self.ends()

    def begins(self, stage: str, total: int | None = None) -> None:
        """Say that a stage begins."""
        self._stage, self._of = stage, total
        self._rows = self._finished = 0
        self._since = monotonic()
        self._tell()

    def ends(self) -> None:
        """Say that all rows have passed the stage."""
        self._rows = self._rows if self._of is None else self._of
        self._tell()
        if self._ended:
            self._ended(self._stage, self._rows, monotonic() - self._since)

    def finished(self, partition: Partition) -> None:
        """All rows of this file have passed, also those that the reader could skip."""
        self._finished += self._sizes.get(partition.path) or 0
        self._rows = max(self._rows, self._finished)

    def passing(self, batch: pl.DataFrame) -> None:
        """See a batch on its way."""
        self.seen(batch.height)

    def seen(self, rows: int) -> None:
        """So many more rows have passed the stage.

        Raises:
            Stopped: nobody waits for the rest.
        """
        if self._stopped:
            raise Stopped
        with self._counting:
            self._rows += rows

    def working(self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
        """The result of work on rows that are told to `seen`.

        It is done on another thread: inside a query Python runs no signal handler until the query ends. This
        thread tells how far it is, and whatever is raised here meanwhile leaves when the work has stopped.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="normflow-run") as pool:
            try:
                result = pool.submit(copy_context().run, partial(work, *args, **kwargs))
                while wait([result], timeout=PAUSE).not_done:
                    self._tell()
            except BaseException:
                self._stopped = True
                raise  # and the pool waits for the end of the work
        return result.result()

    def _tell(self) -> None:
        if self._progress:
            self._progress(self._stage, self._rows, self._of)
