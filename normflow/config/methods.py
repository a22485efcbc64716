"""What the `normalize` section may name: methods and their options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.config.values import Fault
from normflow.errors import ConfigError, suggestion
from normflow.methods import METHODS, method_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import Option

AUTO = "auto"


def method_names() -> list[str]:
    """The names a column's line may hold."""
    return [AUTO, *(method.name for method in METHODS)]


def method_faults(name: str, options: Mapping[str, Option]) -> list[Fault]:
    """An unknown method, or each option that the method does not take as it is written."""
    if name not in method_names():
        return [Fault(("method",), f"no such method '{name}'; {suggestion(name, method_names())}")]
    if name == AUTO:
        return [Fault((key,), "auto takes no options; it chooses by itself", of_key=True) for key in options]
    alone = [fault for key, value in options.items() for fault in _faults(name, {key: value}, key)]
    return alone or _faults(name, options)


def _faults(name: str, options: Mapping[str, Option], *path: str) -> list[Fault]:
    try:
        method_named(name, options)
    except ConfigError as error:
        return [Fault(path, f"{error.what}; {error.hint}" if error.hint else error.what, of_key=bool(path))]
    return []
