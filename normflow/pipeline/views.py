"""Questions that publish nothing: a file's profile, a pipeline's choices, the history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from normflow.dtypes import is_numeric
from normflow.errors import RegistryError, SchemaError, suggestion
from normflow.pipeline.columns import described
from normflow.pipeline.learn import fit_for
from normflow.pipeline.prepare import prepare
from normflow.pipeline.watch import Watch
from normflow.profiles import observe
from normflow.registry import Registry
from normflow.select import choose
from normflow.sources import reading, resolve, scan
from normflow.spec import SourceSpec

if TYPE_CHECKING:
    from pathlib import Path

    from polars._typing import PolarsDataType

    from normflow.profiles import ColumnProfile
    from normflow.registry import RunRow
    from normflow.spec import Pipeline


def profile_file(path: Path) -> list[dict[str, Any]]:
    """What is known of each column of a data file, and what auto would choose; one dictionary a column.

    Raises:
        SourceError: the file is missing or unreadable, or its name tells no format.
    """
    source = resolve(SourceSpec(paths=(str(path),)))
    with reading(path):
        profile = observe(scan(source))
    return [_profiled(name, profile.schema[name], column) for name, column in profile.items()]


def _profiled(name: str, dtype: PolarsDataType, column: ColumnProfile) -> dict[str, Any]:
    known: dict[str, Any] = {
        "column": name,
        "dtype": str(dtype),
        "rows": column.rows,
        "missing": column.missing or 0.0,
    }
    if not is_numeric(dtype):
        return {**known, "method": None}
    choice = choose(column)
    evidence = choice.evidence.to_json()
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
    }


def explained(pipeline: Pipeline, column: str | None = None) -> list[dict[str, Any]]:
    """Why each column of a pipeline got its method: of its stored fit, or of one learned now and not kept.

    Raises:
        SchemaError: there is no such column among the normalized ones.
    """
    prepared = prepare(pipeline)
    fit = fit_for(prepared, Registry(pipeline.registry), "reuse", Watch(prepared.source)).fit
    columns = described(fit)
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


def recorded_runs(registry: Path, pipeline: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest runs on record, newest first, as plain values.

    Raises:
        RegistryError: there is no registry.
    """
    record = Registry(registry)
    if not record.exists:
        raise RegistryError(
            "no registry here",
            where=str(registry),
            hint="name it with --registry, or give the pipeline file instead of its name",
        )
    return [_run(row) for row in record.runs(pipeline, limit=limit)]


def recorded_run(registry: Path, reference: str) -> dict[str, Any]:
    """The record of one run, by id, unique prefix or `pipeline@latest`.

    Raises:
        RegistryError: there is no such run, or it ended before there was anything to record.
    """
    row = Registry(registry).run(reference)
    if row.document:
        document: dict[str, Any] = json.loads(row.document)
        error = {"id": None, "message": row.error} if row.error else None
        return {**document, "status": row.status, "exit_code": row.exit_code, "error": error}
    raise RegistryError(
        f"run {row.run_id} {row.status}: {row.error or 'nothing more was recorded'}",
        where=str(registry),
        hint="mend what it says and run again",
    )


def _run(row: RunRow) -> dict[str, Any]:
    counted = json.loads(row.document) if row.document else {}
    return {
        "run_id": row.run_id,
        "pipeline": row.pipeline,
        "started": f"{row.started:%Y-%m-%d %H:%M:%S}Z",
        "status": row.status,
        "exit_code": row.exit_code,
        "rows": counted.get("rows"),
        "quarantined": counted.get("quarantined"),
        "fit_id": row.fit_id,
        "error": row.error,
    }
