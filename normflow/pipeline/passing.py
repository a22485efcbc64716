"""The rows of a source on their way: beside what the fit reads, parted, and the good ones transformed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.contract import split
from normflow.fits import entering, transformed_rows
from normflow.pipeline.policies import policy_checks
from normflow.pipeline.taps import watched
from normflow.sources import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from normflow.contract import RowCheck, Split
    from normflow.fits import Fit, Rows
    from normflow.pipeline.observers import Where
    from normflow.pipeline.prepare import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """The way of the rows: as they come in, the checks that judge them, and how these part them."""

    fit: Fit
    rows: Rows
    judging: tuple[RowCheck, ...]
    parts: Split

    @property
    def outgoing(self) -> pl.LazyFrame:
        """The good rows, transformed."""
        return self.through({})

    def through(self, seeing: Mapping[Where, Sequence[Callable[[pl.DataFrame], object]]]) -> pl.LazyFrame:
        """The same, and on the way batches are shown to those who look at them there."""
        entering = watched(self.parts.rows, seeing.get("entering", ()))
        good = watched(self.parts.good_of(entering), seeing.get("good", ()))
        outgoing = transformed_rows(self.rows.on(good), self.fit, raising=False)
        return watched(outgoing, seeing.get("leaving", ()))


def passing(prepared: Prepared, fit: Fit) -> Passing:
    """The plans of all that a run does to the rows of its source; nothing is read yet."""
    rows = entering(scan(prepared.source), fit, ranges=True)
    judging = (*prepared.row_checks, *policy_checks(rows, fit))
    flat = prepared.pipeline.quarantine.format in {"csv", "tsv"}
    return Passing(fit=fit, rows=rows, judging=judging, parts=split(rows.lf, judging, nested=not flat))
