"""The first rows that a run would publish, without a run: nothing is judged, published or recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.errors import ConfigError
from normflow.pipeline.given import given_fit
from normflow.pipeline.learn import Learned, fit_for
from normflow.pipeline.passing import passing
from normflow.pipeline.prepare import prepare
from normflow.pipeline.spool import brought
from normflow.pipeline.watch import Watch
from normflow.registry import Registry
from normflow.sources import reading

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    import polars as pl

    from normflow.fits import Fit
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Progress
    from normflow.spec import Mode, Pipeline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Preview:
    """The first rows of an output that is not written, and the fit that made them."""

    rows: pl.DataFrame
    learned: Learned


def preview(
    pipeline: Pipeline,
    limit: int,
    *,
    mode: Mode | None = None,
    fit: Fit | str | None = None,
    as_of: str | datetime | None = None,
    allow_import: Collection[str] = (),
    progress: Progress | None = None,
) -> Preview:
    """The first `limit` rows that a run with these arguments would publish, if its checks passed.

    The fit is that of the run: stored, given, or learned from all rows now, and not kept. Rows that would be
    quarantined are left out; those that break a check which fails the run are among the others.

    Raises:
        ConfigError: found before a row was read.
        NoFitError: mode `frozen`, and no fit has this configuration.
        SourceError: the source cannot be read.
    """
    if limit < 1:
        raise ConfigError(f"a preview has at least 1 row, and here it is {limit}")
    with brought(pipeline, progress) as read:
        prepared = prepare(pipeline, read=read, allow_import=allow_import)
        return _first(prepared, limit, mode, fit, as_of, progress)


def _first(
    prepared: Prepared,
    limit: int,
    mode: Mode | None,
    fit: Fit | str | None,
    as_of: str | datetime | None,
    progress: Progress | None,
) -> Preview:
    pipeline = prepared.pipeline
    registry, watch = Registry(pipeline.registry), Watch(prepared.source, progress)
    given = given_fit(prepared, registry, mode, fit, as_of)
    chosen = mode or pipeline.fit.mode
    learned = Learned(fit=given, origin="given") if given else fit_for(prepared, registry, chosen, watch)
    head = passing(prepared, learned.fit).outgoing.head(limit)
    with reading(pipeline.source.named):
        return Preview(rows=watch.working(head.collect, engine="streaming"), learned=learned)
