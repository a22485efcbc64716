"""What the `normalize` section may name: methods and their options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.config.values import Fault
from normflow.errors import ConfigError, suggestion
from normflow.methods import METHODS, ROW_METHODS, method_named, row_method_named
from normflow.spec import ROW_WISE, policies_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import Option

AUTO = "auto"


def method_names() -> list[str]:
    """The names a column's line may hold."""
    return [AUTO, *(method.name for method in METHODS), *(method.name for method in ROW_METHODS)]


def method_faults(name: str, options: Mapping[str, Option]) -> list[Fault]:
    """An unknown method, or each option that the method does not take as it is written."""
    if name not in method_names():
        return [Fault(("method",), f"no such method '{name}'; {suggestion(name, method_names())}")]
    if name == AUTO:
        return [Fault((key,), "auto takes no options; it chooses by itself", of_key=True) for key in options]
    alone = [fault for key, value in options.items() for fault in _faults(name, {key: value}, key)]
    return alone or _faults(name, options)


def policy_faults(policies: Mapping[str, object]) -> list[Fault]:
    """Each policy that cannot be what is written."""
    found = []
    for key, value in policies.items():
        try:
            policies_of({key: value})
        except ConfigError as error:
            found.append(Fault((key,), f"{error.what}; {error.hint}" if error.hint else error.what))
    return found


def _faults(name: str, options: Mapping[str, Option], *path: str) -> list[Fault]:
    try:
        row_method_named(name, options) if name in ROW_WISE else method_named(name, options)
    except ConfigError as error:
        return [Fault(path, f"{error.what}; {error.hint}" if error.hint else error.what, of_key=bool(path))]
    return []
