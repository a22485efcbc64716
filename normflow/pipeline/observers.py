"""Who looks at the rows of the writing pass, batch by batch, to judge what no expression can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from normflow.contract import compile_checks, registered, shapes
from normflow.pipeline.drifting import FitDrift, OutputDrift, measured
from normflow.pipeline.repeated import LeavingRepeats
from normflow.pipeline.shaping import Shaping

if TYPE_CHECKING:
    import polars as pl

    from normflow.contract import Counts
    from normflow.pipeline.learn import Learned
    from normflow.pipeline.passing import Passing
    from normflow.pipeline.prepare import Prepared
    from normflow.record import CheckRecord

Where = Literal["entering", "good", "leaving"]
"""Rows as they come, with their number (`Split.columns.row`) and verdicts where some may be quarantined;
those that go on to be transformed; and the transformed ones."""


class Observer(Protocol):
    """One that sees the batches of the writing pass as they go by, then says its verdicts.

    It stands in the one chain from the source to the sink (`taps.watched`) and reads nothing for itself: a
    second reader of the same rows, such as a `sink_batches` beside the sink, would hold all rows between it
    and the slower one in memory.
    """

    @property
    def where(self) -> Where:
        """Which rows it sees."""

    def see(self, batch: pl.DataFrame) -> object:
        """Look at a batch; called on several threads, not always in order. What it raises ends the pass."""

    def verdicts(self, counts: Counts) -> tuple[CheckRecord, ...]:
        """What was found, when all rows have passed."""


def observers(prepared: Prepared, learned: Learned, way: Passing) -> tuple[Observer, ...]:
    """All that observe this run."""
    checks, how = prepared.output_checks, prepared.pipeline.fit
    pipeline = prepared.pipeline
    schema = way.outgoing.collect_schema()
    rows = compile_checks(checks, "checks", schema)
    found: list[Observer] = [LeavingRepeats(check, prepared) for check in rows if not check.row_wise]
    row, columns = way.parts.columns.row, tuple(prepared.schema)
    found += [observer for one in prepared.foreign for observer in one.observers(row, columns)]
    found += registered(pipeline.contract, pipeline.places, pipeline.plugins, row=way.parts.columns.row)
    if shapes(checks):
        found.append(Shaping(checks, schema, how.resolution))
    if compared := {name: rule for name, rule in checks.items() if rule.drift}:
        found.append(OutputDrift(prepared, learned, compared))
    if how.drift and measured(learned, how.drift):
        found.append(FitDrift(prepared, learned, how.drift))
    return tuple(found)
