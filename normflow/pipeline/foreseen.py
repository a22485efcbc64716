"""How far a run would find its rows from those that taught the fit, before it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from normflow.contract import fit_rows
from normflow.pipeline.drifting import FitDrift, learned_anew, too_far
from normflow.pipeline.learn import Learned
from normflow.profiles import Profile
from normflow.sources import reading, scan

if TYPE_CHECKING:
    import polars as pl

    from normflow.fits import Fit
    from normflow.pipeline.partitions import Partitions
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Watch
    from normflow.record import CheckRecord
    from normflow.spec import DriftSpec


class Foreseen(NamedTuple):
    """The verdicts on drift; why the run learns anew, and why it publishes nothing, where it does."""

    verdicts: tuple[CheckRecord, ...]
    anew: str
    refused: str


def foreseen(
    prepared: Prepared, fit: Fit, limits: DriftSpec, partitions: Partitions, watch: Watch
) -> Foreseen:
    """What drift from a fit that is reused makes of a run, if its rows keep the contract.

    It follows from the profiles of all partitions; where groups are compared all rows are read.
    """
    drift = _drift(prepared, fit, limits)
    if drift.by_group:
        watch.working(_see_all, drift, prepared, watch)
        verdicts = drift.judged_seen()
    else:
        known = (profile for profile, _ in partitions.known(prepared.source))
        verdicts = drift.judged(sum(known, Profile()))
    moved = too_far(drift.drift, drift.moved, limits)
    failed = "; ".join(one.message for one in verdicts if one.status == "failed")
    return Foreseen(verdicts, learned_anew(moved, limits) if moved else "", failed)


def by_group(prepared: Prepared, fit: Fit, limits: DriftSpec) -> bool:
    """Whether all rows have to be read, because groups are compared."""
    return _drift(prepared, fit, limits).by_group


def _drift(prepared: Prepared, fit: Fit, limits: DriftSpec) -> FitDrift:
    return FitDrift(prepared, Learned(fit=fit, origin="reused"), limits)


def _see_all(drift: FitDrift, prepared: Prepared, watch: Watch) -> None:
    where = prepared.where.expr if prepared.where else None
    teaching: pl.LazyFrame = fit_rows(scan(prepared.source), prepared.row_checks, where)
    with reading(prepared.pipeline.source.named):
        for batch in teaching.collect_batches(maintain_order=False):
            drift.add(batch)
            watch.seen(batch.height)
