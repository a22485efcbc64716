"""Which fit a run would apply, and why: there, learned, or missing; and what drift would make of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from normflow.fits import Fit
from normflow.pipeline.compare import differences
from normflow.pipeline.foreseen import by_group, foreseen
from normflow.pipeline.learn import earlier_fit, learned
from normflow.pipeline.partitions import ToRead

if TYPE_CHECKING:
    from normflow.pipeline.compare import Difference
    from normflow.pipeline.partitions import Partitions
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Watch
    from normflow.record import CheckRecord
    from normflow.registry import FitUseRow, Registry
    from normflow.spec import DriftSpec, Mode


class Asked(NamedTuple):
    """What a plan is made from; it may `read` rows or not."""

    prepared: Prepared
    registry: Registry
    partitions: Partitions
    watch: Watch
    mode: Mode
    read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFit:
    """The part of a plan that tells of the fit; see `Plan`."""

    fit: Literal["reused", "learned", "missing"]
    why: str
    partitions: int
    to_read: tuple[ToRead, ...] = ()
    changes: tuple[Difference, ...] | None = None
    drift: tuple[CheckRecord, ...] | None = None
    refused: str = ""


def planned_fit(asked: Asked, same: FitUseRow | None, *, first: bool) -> PlannedFit:
    """What a run does about its fit; `same` is the newest of this configuration."""
    if same is not None and asked.mode != "refit":
        return _reused(asked, Fit.from_json(same.document))
    if asked.mode == "frozen":
        return PlannedFit(
            fit="missing", why=_missing(first=first), partitions=len(asked.prepared.source.partitions)
        )
    why = "mode refit learns from today's source" if asked.mode == "refit" else _missing(first=first)
    return _learned(asked, why)


def _missing(*, first: bool) -> str:
    if first:
        return "no run of this pipeline has succeeded yet"
    return "the configuration or the types of the columns are not those of any earlier fit"


def _reused(asked: Asked, fit: Fit) -> PlannedFit:
    source, limits = asked.prepared.source, asked.prepared.pipeline.fit.drift
    why = "a fit of this configuration and these column types is there"
    found = PlannedFit(fit="reused", why=why, partitions=len(source.partitions), changes=())
    if limits is None:
        return found
    every = by_group(asked.prepared, fit, limits)
    if not asked.read:
        new = tuple(map(ToRead, source.partitions)) if every else asked.partitions.missing(source)
        if new:
            unknown = f"{why}; the run looks how far today's rows drifted from it"
            return replace(found, why=unknown, to_read=new, changes=None)
    return _drifted(asked, fit, limits, found)


def _drifted(asked: Asked, fit: Fit, limits: DriftSpec, found: PlannedFit) -> PlannedFit:
    """The plan for a fit that is there, when it is known how far today's rows are from it."""
    seen = foreseen(asked.prepared, fit, limits, asked.partitions, asked.watch)
    if seen.anew and asked.mode == "reuse":
        return replace(_learned(asked, seen.anew), drift=seen.verdicts)
    source = asked.prepared.source
    every = by_group(asked.prepared, fit, limits)
    read = tuple(map(ToRead, source.partitions)) if every else tuple(asked.partitions.read)
    return replace(found, to_read=read, drift=seen.verdicts, refused=seen.refused)


def _learned(asked: Asked, why: str) -> PlannedFit:
    prepared, how = asked.prepared, asked.prepared.pipeline.fit
    source = prepared.source.last(how.window)
    found = PlannedFit(fit="learned", why=why, partitions=len(source.partitions))
    before = earlier_fit(prepared, asked.registry)
    if before is None or not asked.read:
        new = asked.partitions.missing(source)
        if new or before is None or how.quantiles == "exact":
            return replace(found, to_read=new)
    fit = learned(prepared, asked.partitions, asked.watch, before).fit
    read = tuple(one for one in asked.partitions.read if one.path in source.paths)
    return replace(found, to_read=read, changes=differences(before, fit))
