"""A fit on its way to another machine: one JSON document with the run and the configuration it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from normflow.errors import SinkError
from normflow.pipeline.compare import side
from normflow.pipeline.views import run_document

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.registry import Registry, RunRow

KIND = "normflow fit"


def exported(registry: Registry, reference: str) -> str:
    """A fit as JSON text, with the record, configuration, inputs and versions of the run that applied it.

    `reference` names a run, or a fit, which comes with the last successful run that used it.
    `run(pipeline, fit="that.json")` applies it without a registry that knows it.

    Raises:
        RegistryError: there is no such run or fit.
    """
    found = side(registry, reference)
    run = found.run or registry.newest_with(found.fit.id)
    return json.dumps(
        {
            "version": 1,
            "kind": KIND,
            "fit": json.loads(found.fit.to_json()),
            "run": run_document(run) if run else None,
            "config": _plain(run, "config"),
            "inputs": _plain(run, "inputs"),
            "versions": _plain(run, "versions"),
        },
        ensure_ascii=False,
        indent=1,
    )


def keep(text: str, path: Path) -> None:
    """Write an export to a file, whole or not at all.

    Raises:
        SinkError: the system refuses.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text + "\n", encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise SinkError(f"cannot be written: {error.strerror}", where=str(path)) from error
    finally:
        new.unlink(missing_ok=True)


def _plain(run: RunRow | None, name: str) -> object:
    text = getattr(run, name) if run else None
    return json.loads(text) if text else None
