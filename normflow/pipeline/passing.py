"""The rows of a source on their way: beside what the fit reads, parted, and the good ones transformed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.contract import mended, split
from normflow.fits import entering, transformed_rows
from normflow.pipeline.policies import policy_checks
from normflow.pipeline.taps import watched
from normflow.sources import scan
from normflow.spec.named import builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from normflow.contract import RowCheck, Split
    from normflow.fits import Fit, Rows
    from normflow.pipeline.observers import Where
    from normflow.pipeline.prepare import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What is done to rows, whichever they are: the fit, the checks of rows, and how these are told.

    `nested` is of the names of failed checks, and `numbered` rows have their number; see `contract.split`.
    """

    fit: Fit
    checks: tuple[RowCheck, ...]
    nested: bool
    numbered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """The way of the rows: as they come in, the checks that judge them, and how these part them."""

    way: Way
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
        return watched(self.transformed(good), seeing.get("leaving", ()))

    def transformed(self, good: pl.LazyFrame) -> pl.LazyFrame:
        """Good rows with the fit applied."""
        return transformed_rows(self.rows.on(good), self.way.fit, raising=False)


def passing(prepared: Prepared, fit: Fit) -> Passing:
    """The plans of all that a run does to the rows of its source; nothing is read yet."""
    contract = prepared.pipeline.contract
    flat = prepared.pipeline.quarantine.format in {"csv", "tsv"}
    strangers = [one.name for rule in contract.values() for one in rule.checks if not builtin(one.name)]
    numbered = bool(strangers) or any(one.batches for one in prepared.foreign)
    way = Way(fit=fit, checks=prepared.row_checks, nested=not flat, numbered=numbered)
    return way_of(scan(prepared.source), way)


def way_of(lf: pl.LazyFrame, way: Way, *, start: int = 0) -> Passing:
    """The plans of all that is done to some rows, of which the first has this number."""
    mends = mended(lf, way.checks)
    rows = entering(mends.rows, way.fit, ranges=True)
    judging = (*mends.checks, *policy_checks(rows, way.fit))
    parts = split(rows.lf, judging, nested=way.nested, numbered=way.numbered, start=start, mends=mends)
    return Passing(way=way, rows=rows, judging=judging, parts=parts)
