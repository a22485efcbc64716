"""What a run recorded of itself as JSON: as it was meant, or one error that says which run is damaged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from normflow.errors import RegistryError
from normflow.fits import Fit
from normflow.spec import Pipeline

if TYPE_CHECKING:
    from normflow.registry import Registry, RunRow

HINT = "`normflow registry check` judges the registry"
AGAIN = "run the pipeline once more"


def inputs_recorded(run: RunRow) -> list[dict[str, Any]]:
    """The inputs of a run, as `inputs_of` gave them.

    Raises:
        RegistryError: they are something else.
    """
    found = _parsed(run.inputs)
    if isinstance(found, list) and all(
        isinstance(one, dict) and isinstance(one.get("path"), str) for one in found
    ):
        return found
    raise _damaged(run, "inputs")


def versions_recorded(run: RunRow) -> dict[str, Any]:
    """What a run was made with, as `versions` gave it.

    Raises:
        RegistryError: it is something else.
    """
    return _mapping(run, "versions", run.versions)


def config_recorded(run: RunRow) -> dict[str, Any] | None:
    """The resolved pipeline of a run; None for a run of a version that kept none.

    Raises:
        RegistryError: it is something else.
    """
    return None if run.config is None else _mapping(run, "config", run.config)


def document_recorded(run: RunRow) -> dict[str, Any]:
    """The record of a run as its last step left it; nothing where it came to none.

    Raises:
        RegistryError: it is something else.
    """
    return _mapping(run, "document", run.document or "{}")


def repeatable(registry: Registry, run: RunRow) -> tuple[Pipeline, Fit]:
    """The pipeline and the fit of a run, by which it can be made again.

    Raises:
        RegistryError: it did not succeed, its fit was forgotten, or it was recorded without its
            configuration.
    """
    use, hint = registry.use_of(run.run_id), AGAIN
    if run.status != "succeeded":
        what, hint = f"run {run.run_id} {run.status}", "`normflow runs` lists those that succeeded"
    elif use is None:
        what = f"the fit of run {run.run_id} was forgotten, so it cannot be made again"
    elif run.config is None:
        what = f"run {run.run_id} was recorded before runs kept their configuration"
    else:
        return Pipeline.from_json(run.config), Fit.from_json(use.document)
    raise RegistryError(what, where=str(registry.path), hint=hint)


def _mapping(run: RunRow, name: str, text: str) -> dict[str, Any]:
    found = _parsed(text)
    if isinstance(found, dict):
        return found
    raise _damaged(run, name)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _damaged(run: RunRow, name: str) -> RegistryError:
    return RegistryError(f"the record of the run is damaged: '{name}'", where=run.run_id, hint=HINT)
