"""Who looks at the rows of the writing pass, batch by batch, beside those who write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import polars as pl

    from normflow.contract import Counts
    from normflow.record import CheckRecord


class Observer(Protocol):
    """One that judges rows which no expression can judge: it sees the batches, then says its verdicts.

    The plan joins the writing pass and is collected with it, so the source is scanned once. Batches come on
    several threads.
    """

    def plan(self) -> pl.LazyFrame:
        """What to collect with the pass, such as `lf.sink_batches(see, lazy=True)`."""

    def verdicts(self, counts: Counts) -> tuple[CheckRecord, ...]:
        """What was found, when all rows have passed."""
