"""The page of a run, of all that the registry knows of it."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from normflow.errors import NormflowError, SinkError
from normflow.pipeline.drift_history import drift_history
from normflow.pipeline.export import keep
from normflow.pipeline.recorded import config_recorded, versions_recorded
from normflow.pipeline.views import recorded_run
from normflow.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from normflow.record import RunRecord
    from normflow.registry import RunRow
    from normflow.spec import Pipeline, Server


def report(registry: str | Path | Server, reference: str) -> str:
    """The HTML page of a run, by id, unique prefix or `pipeline@latest`; it opens without any other file.

    Raises:
        RegistryError: there is no such run, or it ended before there was anything to record.
    """
    from normflow.report.html import page

    return page(known(registry, reference))


def known(registry: str | Path | Server, reference: str) -> dict[str, Any]:
    """A run's document with what its page shows beside it: versions, the command, what histograms are of."""
    document, records = recorded_run(registry, reference), Registry(registry)
    run_id = document["run_id"]
    row = records.run(run_id)
    again = ["normflow", "rerun", run_id, "--registry", document["registry"]]
    repeats = document["status"] == "succeeded" and row.config is not None
    return {
        **document,
        "columns": _drawn(records, document),
        "versions": versions_recorded(row),
        "private": _private(row),
        "command": shlex.join(again) if repeats else "",
        "drift_history": drift_history(records, row),
    }


def pictured(registry: str | Path | Server, document: Mapping[str, Any]) -> dict[str, Any]:
    """A run's document with what the histograms of its columns are drawn from; not of a private pipeline."""
    records = Registry(registry)
    private = _private(records.run(document["run_id"]))
    return {**document, "columns": document["columns"] if private else _drawn(records, document)}


def _drawn(records: Registry, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The columns of a document, each with the `reference` that its fit keeps."""
    use = records.use_of(document["run_id"])
    taught = json.loads(use.document)["columns"] if use else []
    references = {(one["output"], one["index"]): one.get("reference") for one in taught}
    return [
        {**one, "reference": references.get((one["output"], one["index"]))} for one in document["columns"]
    ]


def _private(run: RunRow) -> bool:
    return bool((config_recorded(run) or {}).get("private", False))


def write_report(registry: str | Path | Server, reference: str, path: Path) -> int:
    """Write the page of a run to a file, whole or not at all; how many bytes it has.

    Raises:
        RegistryError: there is no such run, or it ended before there was anything to record.
        ConfigError: the file is the registry.
        SinkError: the file cannot be written.
    """
    Registry(registry).require_other(path)
    text = report(registry, reference)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SinkError(f"cannot be written: {error.strerror}", where=str(path)) from error
    keep(text, path)
    return len(text.encode()) + 1


def reported(pipeline: Pipeline, record: RunRecord) -> RunRecord:
    """The record of a run whose page was written where the pipeline says; a warning where it could not be.

    The page of a replay would hide that of the run itself, and is only written when it is asked for.
    """
    if pipeline.report is None or record.mode == "replay":
        return record
    try:
        write_report(pipeline.registry, record.run_id, pipeline.report)
    except NormflowError as error:
        told = f"the report could not be written ({error.message})"
    except Exception as error:  # noqa: BLE001  (whatever it is, what was published is published)
        told = f"the report could not be written ({type(error).__name__}: {error})"
    except BaseException as error:
        error.add_note(f"the run {record.status}, and its report was not written")
        raise
    else:
        return record
    return replace(record, warnings=(*record.warnings, told))
