"""Back to the units of the source: normalized rows, or predictions, through a stored fit into a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow import sinks
from normflow.errors import ConfigError, NoFitError, SchemaError, suggestion
from normflow.fits.apply import lost
from normflow.fits.frame import undone
from normflow.pipeline.given import fit_named
from normflow.pipeline.taps import watched
from normflow.pipeline.watch import Watch
from normflow.registry import Registry
from normflow.sources import reading, resolve, scan, schema
from normflow.spec import SinkSpec, SourceSpec, format_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from normflow.fits import Fit
    from normflow.spec import Pipeline

STAGED = "inverse"
WAIT = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A file in the units of the source; `columns` says by whose fit each went back.

    `lost` counts, by column, values outside of what the fit can give, which became null.
    """

    pipeline: str
    fit_id: str
    path: str
    rows: int
    bytes: int
    sha256: str
    columns: Mapping[str, str]
    lost: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The answer as one versioned document of plain JSON values."""
        return {"version": 1, "exit_code": 0, **asdict(self)}


def restore(
    pipeline: Pipeline,
    data: str,
    out: Path,
    *,
    fit: str | None = None,
    columns: Mapping[str, str] | None = None,
    wait: float = WAIT,
) -> Restored:
    """Bring the outputs in `data` back to the units of their columns, and publish them as `out`.

    The fit is that of the pipeline's last successful run, or `fit`: an id, a unique prefix,
    `pipeline@latest`, or a file. `columns` are those of the data that go back, each with the output whose fit
    it takes; without it all outputs that are there. Rows stream once, and what is there stays until all is
    written.

    Raises:
        ConfigError: the name of `out` tells no format.
        NoFitError: no run of the pipeline has succeeded yet.
        SchemaError: the data has no output of the fit, or a column cannot go back.
        SourceError: the data is missing or unreadable.
        SinkError: `out` cannot be written, or is among the data.
    """
    kind = format_of(out.name)
    if kind is None:
        raise ConfigError("its name tells no format", where=str(out), hint="end it in .parquet or .csv")
    found = fit_named(Registry(pipeline.registry), fit) if fit else _newest(pipeline)
    source = resolve(SourceSpec(paths=(data,)))
    wanted = _wanted(found, schema(source), columns, data)
    own = pipeline.sink
    spec = SinkSpec(path=out, format=kind, options=own.options if kind == own.format else {})
    watch = Watch(source)
    with sinks.lock(out, wait=wait):
        sinks.sweep(out)
        staged = sinks.stage(out, STAGED, sources=source.paths)
        try:
            rows = watched(scan(source), [watch.passing]).cache()
            plans = [
                sinks.sink(found.inverse(rows, wanted), staged, spec),
                rows.select(pl.len()),
                lost(rows, found, wanted),
            ]
            with reading(data), sinks.writing(out):
                _, counted, gone = watch.working(pl.collect_all, plans, engine="streaming")
            digest = sinks.verify(staged, out, kind, counted.item())
            sinks.publish({staged: out})
        finally:
            sinks.discard(staged)
    return Restored(
        pipeline=pipeline.name,
        fit_id=found.id,
        path=str(out),
        rows=counted.item(),
        bytes=digest.bytes,
        sha256=digest.sha256,
        columns=wanted,
        lost=gone.row(0, named=True),
    )


def _wanted(fit: Fit, found: pl.Schema, columns: Mapping[str, str] | None, data: str) -> Mapping[str, str]:
    """Which columns go back, each with the output whose fit it takes."""
    wanted = {place.output: one.output for place, one in undone(fit, found, columns).items()}
    if not wanted:
        outputs = [one.output for one in fit.columns if one.transform.maps]
        raise SchemaError(
            "no column of it is an output of the fit that can go back",
            where=data,
            hint=suggestion("", outputs) or "name one as --column NAME=OUTPUT",
        )
    return wanted


def _newest(pipeline: Pipeline) -> Fit:
    registry = Registry(pipeline.registry)
    if registry.newest_success(pipeline.name) is None:
        raise NoFitError(
            f"no run of '{pipeline.name}' has succeeded yet, so there is no fit to undo",
            where=str(registry.path),
            hint=f"normflow run {pipeline.file}, or name a fit with --fit",
        )
    return fit_named(registry, f"{pipeline.name}@latest")
