"""Where a schema that a pipeline file names comes from: an installed package, or an allowed import."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

from normflow.errors import ConfigError, PluginError, suggestion
from normflow.plugins import offered

if TYPE_CHECKING:
    from collections.abc import Collection

IMPORT = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


def schema_named(name: str, *, place: str = "", allowed: Collection[str] = ()) -> object:
    """The object that a file calls by the name of an entry point, or as `module:Name`.

    A file alone imports nothing but what is installed under the entry-point group `normflow.schemas`. A
    module is imported where whoever runs the pipeline allowed it: `allowed` holds modules, and means all
    below them too.

    Raises:
        ConfigError: it is neither, or the import is not allowed.
        PluginError: the import fails.
    """
    where = f"{place}: schemas" if place else "schemas"
    if ":" in name:
        module, _, attribute = name.partition(":")
        if not IMPORT.fullmatch(name):
            raise ConfigError(f"'{name}' is no module:Name", where=where)
        if not any(module == one or module.startswith(f"{one}.") for one in allowed):
            raise ConfigError(
                f"'{name}' would import {module}, and a pipeline file alone imports nothing",
                where=where,
                hint=f"allow it: --allow-import {module}",
            )
        return _imported(name, module, attribute)
    known = offered("schemas")
    mine = [one for one in known if one.name == name]
    if not mine:
        meant = suggestion(name, {one.name for one in known}) or "no installed package offers one"
        raise ConfigError(f"no schema '{name}' is installed; {meant}", where=where)
    if len({one.value for one in mine}) > 1:
        raise ConfigError(f"'{name}' is offered by several packages", where=where, hint="uninstall one")
    module, _, attribute = mine[0].value.partition(":")
    return _imported(name, module, attribute)


def _imported(name: str, module: str, attribute: str) -> object:
    try:
        found: object = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:  # a stranger's module may raise anything
        raise PluginError(
            f"schema '{name}' cannot be loaded: {type(error).__name__}: {error}",
            hint="install its package, or mend it",
        ) from error
    return found
