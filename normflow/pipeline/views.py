"""Questions that publish nothing: a file's profile, a pipeline's choices, the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normflow.dtypes import is_numeric
from normflow.errors import RegistryError, SchemaError, suggestion
from normflow.fits import Fit
from normflow.fits.column import learn_column
from normflow.pipeline.columns import described, pictured
from normflow.pipeline.identity import moved
from normflow.pipeline.learn import fit_for
from normflow.pipeline.prepare import prepare
from normflow.pipeline.recorded import document_recorded, inputs_recorded
from normflow.pipeline.spool import brought
from normflow.pipeline.watch import Watch
from normflow.profiles import observe
from normflow.registry import Registry
from normflow.select import choose
from normflow.sources import reading, resolve, scan
from normflow.spec import MethodSpec, SourceSpec

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from polars._typing import PolarsDataType

    from normflow.profiles import ColumnProfile
    from normflow.registry import RunRow
    from normflow.spec import Pipeline, Server


def profile_file(path: Path, *, shapes: bool = False) -> list[dict[str, Any]]:
    """What is known of each column of a data file, and what auto would choose; one dictionary a column.

    With `shapes` a column has what its histograms are drawn from, too: its `reference`, its transform and
    what guards it, and its skew `after`.

    Raises:
        SourceError: the file is missing or unreadable, or its name tells no format.
    """
    source = resolve(SourceSpec(paths=(str(path),)))
    with reading(path):
        profile = observe(scan(source))
    found = [_profiled(name, profile.schema[name], column) for name, column in profile.items()]
    return found if shapes else [{key: one[key] for key in one if key not in SHAPE} for one in found]


SHAPE = ("reference", "transform", "treatment", "after")


def _profiled(name: str, dtype: PolarsDataType, column: ColumnProfile) -> dict[str, Any]:
    known: dict[str, Any] = {
        "column": name,
        "dtype": str(dtype),
        "rows": column.rows,
        "missing": column.missing or 0.0,
    }
    if not is_numeric(dtype):
        return {**known, "method": None}
    fit = learn_column(name, column, MethodSpec(method="auto"))
    choice = fit.choice or choose(column)
    evidence = choice.evidence.to_json()
    told = fit.to_json()
    return {
        **known,
        **{
            key: evidence[key]
            for key in ("distinct", "min", "max", "mean", "std", "median", "skew", "kurtosis")
        },
        "distinct_exact": column.exact,
        "method": choice.method,
        "reason": choice.reason,
        "choice": choice.to_json(),
        **{key: told[key] for key in SHAPE},
    }


def explained(
    pipeline: Pipeline,
    column: str | None = None,
    *,
    shapes: bool = False,
    allow_import: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Why each column of a pipeline got its method: of its stored fit, or of one learned now and not kept.

    With `shapes` each has what its histograms are drawn from, unless the pipeline is private. Of the schemas
    that the file names as `module:Name` only modules in `allow_import` are imported, as in `run`.

    Raises:
        SchemaError: there is no such column among the normalized ones.
    """
    fit = _fit_of(pipeline, allow_import)
    columns = pictured(fit) if shapes and not pipeline.private else described(fit)
    if column is None:
        return columns
    found = [one for one in columns if column in (one["column"], one["output"])]
    if not found:
        raise SchemaError(
            f"column '{column}' is not normalized by this pipeline",
            where=str(pipeline.file),
            hint=suggestion(column, (one["column"] for one in columns)),
        )
    return found


def _fit_of(pipeline: Pipeline, allow_import: Collection[str]) -> Fit:
    """The stored fit that a run would reuse, else one learned now; a table is read for the latter only."""
    prepared, registry = prepare(pipeline, allow_import=allow_import), Registry(pipeline.registry)
    if pipeline.source.table is None or registry.newest_use(pipeline.name, prepared.reuse_key):
        return fit_for(prepared, registry, "reuse", Watch(prepared.source)).fit
    with brought(pipeline) as read:
        prepared = prepare(pipeline, read=read, allow_import=allow_import)
        return fit_for(prepared, registry, "reuse", Watch(prepared.source)).fit


def fitted(pipeline: Pipeline, fit_id: str) -> list[dict[str, Any]]:
    """What a stored fit does with each column, with what histograms are drawn from."""
    fit = Fit.from_json(Registry(pipeline.registry).fit(fit_id).document)
    return described(fit) if pipeline.private else pictured(fit)


def recorded_runs(registry: str | Path | Server, pipeline: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest runs on record, newest first, as plain values.

    Raises:
        RegistryError: there is no registry.
    """
    record = Registry(registry)
    if not record.exists:
        raise RegistryError(
            "no registry here",
            where=str(record.path),
            hint="name it with --registry, or give the pipeline file instead of its name",
        )
    return [_run(row) for row in record.runs(pipeline, limit=limit)]


def recorded_run(registry: str | Path | Server, reference: str) -> dict[str, Any]:
    """The record of one run, by id, unique prefix or `pipeline@latest`, with the files it read.

    `since` is the successful run before it, and what became of the inputs since then.

    Raises:
        RegistryError: there is no such run, or it ended before there was anything to record.
    """
    record = Registry(registry)
    row = record.run(reference)
    if document := run_document(row):
        inputs = inputs_recorded(row)
        before = None if row.mode == "replay" else record.before(row)  # which reads a file of its own
        return {**document, "inputs": inputs, "since": _since(before, inputs)}
    raise RegistryError(
        f"run {row.run_id} {row.status}: {row.error or 'nothing more was recorded'}",
        where=str(record.path),
        hint="mend what it says and run again",
    )


def run_document(row: RunRow) -> dict[str, Any] | None:
    """The record of a run as it ended; None where it ended before there was anything to record."""
    if not row.document:
        return None
    error = {"id": None, "message": row.error} if row.error else None
    return {**document_recorded(row), "status": row.status, "exit_code": row.exit_code, "error": error}


def _since(before: RunRow | None, inputs: list[dict[str, Any]]) -> dict[str, Any] | None:
    if before is None:
        return None
    found = moved(inputs_recorded(before), inputs)
    return {
        "run_id": before.run_id,
        "inputs": {name: list(paths) for name, paths in found._asdict().items()},
        "told": found.told(),
    }


def _run(row: RunRow) -> dict[str, Any]:
    counted = document_recorded(row)
    return {
        "run_id": row.run_id,
        "pipeline": row.pipeline,
        "started": f"{row.started:%Y-%m-%d %H:%M:%S}Z",
        "status": row.status,
        "exit_code": row.exit_code,
        "rows": counted.get("rows"),
        "quarantined": counted.get("quarantined"),
        "mode": row.mode,
        "fit": counted.get("fit"),
        "fit_id": row.fit_id,
        "input_fingerprint": row.input_fingerprint,
        "error": row.error,
    }
