"""The profile of batches that somebody else reads."""

from __future__ import annotations

from itertools import count
from threading import Lock, local
from typing import TYPE_CHECKING

import polars as pl

from normflow.dtypes import as_float, is_measurable
from normflow.frames import collected_here, flattened
from normflow.naming import column
from normflow.profiles.frame import Profile
from normflow.profiles.histogram import RESOLUTION
from normflow.profiles.running_column import RunningColumn, RunningRows
from normflow.profiles.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class RunningProfile:
    """The profile of some columns of batches, which may come on several threads and in any order.

    It is that of `observe` on the rows of all batches with these columns: a function of the values alone.
    """

    def __init__(
        self, columns: Iterable[str], schema: Mapping[str, pl.DataType], *, resolution: int = RESOLUTION
    ) -> None:
        self._columns = list(columns)
        empty = pl.DataFrame(schema={name: schema[name] for name in self._columns})
        flat = flattened(empty.lazy()).collect_schema()
        self._schema = dict(flat)
        self._running: dict[str, RunningColumn | RunningRows] = {
            name: RunningColumn(resolution) if is_measurable(dtype) else RunningRows()
            for name, dtype in flat.items()
        }
        self._adding = {name: Lock() for name in flat}
        self._counting, self._rows = Lock(), 0
        self._own, self._threads = local(), count()

    def add(self, batch: pl.DataFrame) -> None:
        """Add a batch that has the columns."""
        chosen = flattened(batch.lazy().select(map(column, self._columns)))
        numbers = collected_here(
            chosen.select(
                as_float(column(name), dtype) if is_measurable(dtype) else column(name).is_null()
                for name, dtype in self._schema.items()
            )
        )
        with self._counting:
            self._rows += batch.height
        bench, names = self._turn()
        for name in names:
            with self._adding[name]:
                self._running[name].add(numbers[name], bench)

    def settled(self) -> Profile:
        """The profile of all that was added."""
        bench = Workbench()
        profiles = {name: one.settled(bench) for name, one in self._running.items()}
        return Profile(profiles, self._rows, self._schema)

    def _turn(self) -> tuple[Workbench, list[str]]:
        """The scratch memory of this thread, and the columns in its order.

        Each thread begins with another column, so that they seldom wait for each other.
        """
        if not hasattr(self._own, "turn"):
            names = list(self._running)
            start = next(self._threads) * 7 % max(len(names), 1)
            self._own.turn = (Workbench(), [*names[start:], *names[:start]])
        return self._own.turn  # type: ignore[no-any-return]  # what was put there
