"""The quarantined rows of a run once more, after a mend: same contract, same fit, a file of their own."""

from __future__ import annotations

from dataclasses import fields, replace
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from normflow import sinks
from normflow.contract import QuarantineColumns
from normflow.contract.gate import OUTPUT_ONLY
from normflow.errors import ConfigError, RegistryError, SourceError
from normflow.pipeline.execute import WAIT, carried_out
from normflow.pipeline.given import require_source
from normflow.pipeline.learn import Learned
from normflow.pipeline.prepare import prepare
from normflow.pipeline.recorded import inputs_recorded, repeatable
from normflow.registry import Registry
from normflow.sources import reading, resolve, schema
from normflow.spec import (
    ColumnChecks,
    FitSpec,
    Limit,
    Pipeline,
    QuarantineSpec,
    SinkSpec,
    SourceSpec,
    TableSpec,
    UniqueSpec,
    format_of,
    quarantine_beside,
)
from normflow.spec.tables import is_remote

if TYPE_CHECKING:
    from collections.abc import Collection

    from normflow.pipeline.watch import Progress
    from normflow.record import RunRecord
    from normflow.registry import OutputRow, RunRow
    from normflow.spec import Server

Part = TypeVar("Part", ColumnChecks, FitSpec, TableSpec, UniqueSpec)


def replay(
    registry: Registry | Path | Server | str,
    run: str,
    out: Path | str | None = None,
    *,
    allow_import: Collection[str] = (),
    wait: float = WAIT,
    progress: Progress | None = None,
) -> RunRecord:
    """Judge the rows that a run quarantined again, and publish those that pass now to a file of their own.

    The rows are read from the run's quarantine file, whose values somebody may have mended meanwhile; the
    columns that the run added are left out. Contract and fit are those of the run. What passes goes to `out`,
    by default `<sink>.replay-<run>` beside the sink, or beside the pipeline file where the sink is no file;
    what still fails goes to `<out>.quarantine` beside that.
    The sink and the quarantine of the run stay as they are. What judges rows as a whole (`max_rows`,
    `max_failed`, means and the like) is left out: these rows are no sample of the table. Of the schemas that
    the run's file named as `module:Name` only modules in `allow_import` are imported, as in `run`. The replay
    is on record as a run of mode `replay`.

    Raises:
        RegistryError: there is no such run, it failed, it quarantined nothing, or a later run wrote its file.
        SourceError: the quarantine file is gone.
        ConfigError: `out` is a file of the run, or the registry; the quarantine is in an object store.
        ContractError: a check that quarantines nothing failed.
    """
    record = registry if isinstance(registry, Registry) else Registry(registry)
    row = record.run(run)
    told, fit = repeatable(record, row)
    kept = _kept(record, row)
    pipeline = _pipeline(told, Path(kept.path), _out(row, told, out))
    record.require_other(pipeline.sink.path)
    prepared = prepare(pipeline, allow_import=allow_import)
    require_source(fit, prepared.schema, kept.path)
    warnings = (_changed(kept, row), *_alone(pipeline))
    given = Learned(fit=fit, origin="given", warnings=warnings)
    return carried_out(prepared, record, "replay", given, wait=wait, progress=progress)


def _kept(registry: Registry, run: RunRow) -> OutputRow:
    """The quarantine file of a run, as it was recorded."""
    found = next((one for one in registry.outputs(run.run_id) if one.role == "quarantine"), None)
    if found is None or not found.rows:
        raise RegistryError(f"run {run.run_id} quarantined no row", where=str(registry.path))
    last = registry.last_to_write(found.path)
    if last != run.run_id:
        what = f"the quarantine of run {run.run_id} is gone: run {last} wrote this file later"
        raise RegistryError(what, where=found.path, hint=f"replay {last}")
    if is_remote(found.path):
        what = f"the quarantine of run {run.run_id} is in a store, and a replay reads a local file"
        hint = "run a pipeline of your own over it, or name a local quarantine: quarantine: bad.parquet"
        raise ConfigError(what, where=found.path, hint=hint)
    if not Path(found.path).is_file():
        raise SourceError(
            f"the quarantine of run {run.run_id} is gone", where=found.path, hint="bring it back"
        )
    return found


def _out(run: RunRow, pipeline: Pipeline, out: Path | str | None) -> Path:
    """Where the rows go that pass; never over a file that the run read or wrote.

    Raises:
        ConfigError: it is such a file.
    """
    sink = pipeline.file.with_suffix(".parquet") if pipeline.sink.table else pipeline.sink.path
    found = Path(out) if out else sink.with_name(f"{sink.stem}.replay-{run.run_id}{sink.suffix}")
    read = [Path(one["path"]) for one in inputs_recorded(run)]
    taken = {sinks.destination(path) for path in (pipeline.sink.path, pipeline.quarantine.path, *read)}
    if taken & {sinks.destination(found), sinks.destination(quarantine_beside(found))}:
        raise ConfigError(f"'{found.name}' is a file of run {run.run_id}", hint="write to another file")
    return found


def _pipeline(pipeline: Pipeline, file: Path, out: Path) -> Pipeline:
    """The pipeline of a run, reading its quarantine."""
    source = SourceSpec(paths=(str(file),), format=pipeline.quarantine.format)
    with reading(file):
        added = QuarantineColumns.among(schema(resolve(source)).names())
    kind = format_of(out.name) or pipeline.sink.format
    options = pipeline.sink.options if kind == pipeline.sink.format else {}
    return replace(
        pipeline,
        source=replace(source, without=added),
        contract={name: _by_rows(rule) for name, rule in pipeline.contract.items()},
        table=replace(
            _without(pipeline.table, "rows", "row_change", "columns"),
            unique=tuple(
                _without(one, "max_failed") if one.on_fail == "quarantine" else one
                for one in pipeline.table.unique
            ),
        ),
        fit=_without(pipeline.fit, "drift"),
        checks={name: _by_rows(rule) for name, rule in pipeline.checks.items()},
        sink=SinkSpec(path=out, format=kind, options=options),
        quarantine=QuarantineSpec(path=quarantine_beside(out), format=kind, max_rows=Limit()),
    )


def _by_rows(rule: ColumnChecks) -> ColumnChecks:
    """A rule without what it asks of all rows together."""
    ceilings = () if rule.on_fail == "fail" else ("max_failed",)
    return _without(rule, *OUTPUT_ONLY, *ceilings)


def _without(part: Part, *names: str) -> Part:
    """A part of a pipeline with these fields as if nobody had written them."""
    unset: Any = {one.name: one.default for one in fields(part) if one.name in names}
    return replace(part, **unset)


def _changed(kept: OutputRow, run: RunRow) -> str:
    with reading(kept.path), Path(kept.path).open("rb") as file:
        same = file_digest(file, "sha256").hexdigest() == kept.sha256
    what = "is as it wrote it: nothing was mended" if same else "was changed since"
    return f"replay of run {run.run_id}: its quarantine {what}"


def _alone(pipeline: Pipeline) -> tuple[str, ...]:
    names = [name for name, rule in pipeline.contract.items() if rule.unique]
    names += [" and ".join(one.columns) for one in pipeline.table.unique]
    told = f"unique was judged among the replayed rows only: {', '.join(names)}"
    return (told,) if names else ()
