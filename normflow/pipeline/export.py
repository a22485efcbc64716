"""A fit on its way to another machine: one JSON document with the run and the configuration it came from."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from normflow.errors import ConfigError, FitError, SinkError
from normflow.pipeline.compare import side
from normflow.pipeline.given import EXPORT, KIND
from normflow.pipeline.recorded import config_recorded, inputs_recorded, versions_recorded
from normflow.pipeline.views import run_document

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.fits import Fit
    from normflow.registry import Registry, RunRow

PLACE = "__nf_ref"


def exported(registry: Registry, reference: str) -> str:
    """A fit as JSON text, with the record, configuration, inputs and versions of the run that applied it.

    `reference` names a run, or a fit, which comes with the last successful run that used it.
    `run(pipeline, fit="that.json")` applies it without a registry that knows it.

    Raises:
        RegistryError: there is no such run or fit.
    """
    fit, run = _used(registry, reference)
    return json.dumps(
        {
            "version": EXPORT,
            "kind": KIND,
            "fit": json.loads(fit.to_json()),
            "run": run_document(run) if run else None,
            "config": config_recorded(run) if run else None,
            "inputs": inputs_recorded(run) if run else None,
            "versions": versions_recorded(run) if run else None,
        },
        ensure_ascii=False,
        indent=1,
    )


def exported_sql(
    registry: Registry, reference: str, table: str | None, dialect: str, *, inverse: bool = False
) -> str:
    """A fit as one SELECT over a table with the columns that the run's source had, or its inverse.

    Dots part the path of a table: `analytics.weather`; by default it is called as the run's pipeline. Where
    no run used the fit, and for the inverse, nobody knows all columns of the table: the query takes those
    that it does not change by `*`, which not every dialect can.

    Raises:
        RegistryError: there is no such run or fit.
        ConfigError: the fit, or a name, has no SQL in this dialect; no table is named, and no run known.
    """
    fit, run = _used(registry, reference)
    if table is None and run is None:
        raise ConfigError("no run used this fit, so no table is known", hint="name one with --table")
    path = table.split(".") if table else [run.pipeline] if run else []
    return _select(fit, run, path, dialect, inverse=inverse)


def exported_dbt(registry: Registry, reference: str, table: str | None, dialect: str) -> str:
    """A fit as a model of dbt: its SELECT over `{{ ref(…) }}` of `table`, or of the pipeline's name.

    Raises:
        RegistryError: there is no such run or fit.
        ConfigError: as `exported_sql`.
    """
    fit, run = _used(registry, reference)
    if table is None and run is None:
        raise ConfigError("no run used this fit, so no model is known", hint="name one with --table")
    name = table or (run.pipeline if run else "")
    text = _select(fit, run, [PLACE], dialect, inverse=False)
    quoted = next(one for one in (f'"{PLACE}"', f"`{PLACE}`") if one in text)
    parts = [
        f"{{% raw %}}{one}{{% endraw %}}" if re.search("{[{%#]", one) else one for one in text.split(quoted)
    ]
    # in Jinja's words a text is what it is in Python's
    ref = "{{ ref(" + repr(name) + ") }}"
    return f"{{{{ config(materialized='table') }}}}\n\n-- normflow fit {fit.id}\n" + ref.join(parts)


def exported_onnx(registry: Registry, reference: str) -> bytes:
    """A fit as an ONNX model in float64.

    Raises:
        RegistryError: there is no such run or fit.
        FitError: the fit has groups, row-wise methods, or no map.
        PluginError: onnx is not installed.
    """
    from normflow.onnx import to_onnx

    return to_onnx(side(registry, reference).fit)


def exported_sklearn(registry: Registry, reference: str) -> str:
    """A fit as the JSON text of a fitted `normflow.sklearn.Normalizer`.

    Raises:
        RegistryError: there is no such run or fit.
        FitError: the fit has groups, row-wise methods, or arrays.
        PluginError: scikit-learn is not installed.
    """
    from normflow.sklearn import Normalizer

    try:
        return Normalizer.from_fit(side(registry, reference).fit).to_json()
    except ValueError as error:
        raise FitError(str(error), hint="export another column's fit, or JSON") from error


def keep(text: str | bytes, path: Path) -> None:
    """Write an export to a file, whole or not at all.

    Raises:
        SinkError: the system refuses.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(text if isinstance(text, bytes) else f"{text}\n".encode())
        new.replace(path)
    except OSError as error:
        raise SinkError(f"cannot be written: {error.strerror}", where=str(path)) from error
    finally:
        new.unlink(missing_ok=True)


def _used(registry: Registry, reference: str) -> tuple[Fit, RunRow | None]:
    """The fit that a reference means, and its run, or the last successful one that used it."""
    found = side(registry, reference)
    return found.fit, found.run or registry.newest_with(found.fit.id)


def _select(fit: Fit, run: RunRow | None, path: list[str], dialect: str, *, inverse: bool) -> str:
    """The SELECT of a fit over the columns that its run's source had, where they are known."""
    document = (run_document(run) if run else None) or {}
    columns = None if inverse else document.get("source_columns") or None
    return fit.to_sql(path, dialect, columns=columns, inverse=inverse)
