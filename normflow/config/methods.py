"""What the `normalize` section may name: methods and their options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.config.values import Fault
from normflow.errors import ConfigError, suggestion
from normflow.methods import (
    METHODS,
    ROW_METHODS,
    built_in,
    method_named,
    option_names,
    plugin_methods,
    plugin_versions,
    row_method_named,
)
from normflow.plugins import installed, kinds_of
from normflow.select import candidates_of
from normflow.spec import ROW_WISE, policies_of
from normflow.spec.named import builtin
from normflow.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from normflow.methods import Method, RowMethod
    from normflow.spec import Goal, Option

AUTO = "auto"
PLUGINS = "plugins"


def method_names() -> list[str]:
    """The names a column's line may hold."""
    return [AUTO, *(method.name for method in METHODS), *(method.name for method in ROW_METHODS)]


def method_faults(
    name: str, options: Mapping[str, Option], plugins: Collection[str] = (), line: Collection[str] = ()
) -> list[Fault]:
    """An unknown method, or each option that the method does not take as it is written.

    `line` holds the keys that any column's line may have, of which one may be meant. The options of a
    plugin's method are looked at when it is loaded, in the run.
    """
    if name in plugins:
        return []
    if name not in method_names():
        return [Fault(("method",), f"no such method '{name}'; {suggestion(name, method_names())}")]
    kinds: tuple[type[Method | RowMethod], ...] = (*METHODS, *ROW_METHODS)
    kind = next((one for one in kinds if one.name == name), None)
    known, found = option_names(kind) if kind else (), list[Fault]()
    for key, value in options.items():
        meant = nearest(key, [*known, *line]) if key not in known else ""
        if meant in line:
            found.append(Fault((key,), f"unknown key; did you mean '{meant}'?", of_key=True))
        elif kind is None:
            found.append(Fault((key,), "auto takes no options; it chooses by itself", of_key=True))
        else:
            found += _faults(name, {key: value}, key)
    return found if found or kind is None else _faults(name, options)


def policy_faults(policies: Mapping[str, object]) -> list[Fault]:
    """Each policy that cannot be what is written."""
    found = []
    for key, value in policies.items():
        try:
            policies_of({key: value})
        except ConfigError as error:
            found.append(Fault((key,), f"{error.what}; {error.hint}" if error.hint else error.what))
    return found


def auto_faults(
    method: str, goal: Goal | None, candidates: Sequence[str] | None, plugins: Collection[str]
) -> list[Fault]:
    """A goal or candidates beside a named method, and each candidate that is none."""
    asked = {"goal": goal, "candidates": candidates}
    if method != AUTO:
        what = f"is for auto, and {method} is named; remove one"
        return [
            Fault((key,), f"{key} {what}", of_key=True) for key, value in asked.items() if value is not None
        ]
    found = []
    for place, name in enumerate(candidates or ()):
        try:
            candidates_of([name] * (1 + (name in (candidates or ())[:place])), plugins)
        except ConfigError as error:
            found.append(Fault(("candidates", place), f"{error.what}; {error.hint}"))
    return found


def plugin_faults(plugins: Sequence[str]) -> list[Fault]:
    """Each plugin that is not installed, stands twice, or has a taken name; none of their code runs."""
    found = []
    for place, name in enumerate(plugins):
        try:
            if not built_in(name):
                installed(name)
            plugin_versions(plugin_methods([name]))
            _require_free(name)
        except ConfigError as error:
            found.append(Fault(("plugins", place), f"{error.what}; {error.hint}"))
        if name in plugins[:place]:
            found.append(Fault(("plugins", place), f"'{name}' is listed twice"))
    return found


def _require_free(name: str) -> None:
    if builtin(name) and "checks" in kinds_of(name):
        what = f"plugin '{name}' has the name of a check that is built in"
        raise ConfigError(what, hint="ask its makers to rename it")


def _faults(name: str, options: Mapping[str, Option], *path: str) -> list[Fault]:
    try:
        row_method_named(name, options) if name in ROW_WISE else method_named(name, options)
    except ConfigError as error:
        return [Fault(path, f"{error.what}; {error.hint}" if error.hint else error.what, of_key=bool(path))]
    return []
