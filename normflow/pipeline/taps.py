"""Looking at rows on their way: the batches of a plan are seen as they pass, and go on as they are."""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import polars as pl


def watched(lf: pl.LazyFrame, seeing: Iterable[Callable[[pl.DataFrame], object]]) -> pl.LazyFrame:
    """The rows, each batch of which is shown to all who see, on several threads; what one raises ends it.

    They see all columns of all rows: no filter or choice of columns behind them moves before them.
    """
    who = tuple(seeing)

    def passed(batch: pl.DataFrame) -> pl.DataFrame:
        for see in who:
            see(batch)
        return batch

    if not who:
        return lf
    return lf.map_batches(
        passed, streamable=True, predicate_pushdown=False, projection_pushdown=False, slice_pushdown=False
    )


class Tally:
    """Aggregates of the batches that pass, each given to `add` as one row of values, one at a time.

    On an empty frame of the same columns they are taken at once, so that there are values if no row passes,
    and a mistake in one is found before rows are read.
    """

    def __init__(
        self,
        exprs: Sequence[pl.Expr],
        empty: pl.DataFrame,
        add: Callable[[dict[str, Any]], object],
        ready: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
    ) -> None:
        self._exprs, self._add, self._ready = list(exprs), add, ready
        self._adding = Lock()
        self.see(empty)

    def see(self, batch: pl.DataFrame) -> None:
        """Add a batch."""
        if not self._exprs:
            return
        found = (self._ready(batch) if self._ready else batch).select(self._exprs).row(0, named=True)
        with self._adding:
            self._add(found)


class Sums(Tally):
    """Sums of the batches that pass, which are the sums of all rows."""

    def __init__(self, exprs: Sequence[pl.Expr], empty: pl.DataFrame) -> None:
        self.found: Counter[str] = Counter()
        super().__init__(exprs, empty, self._sum)

    def _sum(self, values: dict[str, int | None]) -> None:
        for name, value in values.items():
            self.found[name] += value or 0
