"""What a column's line may ask of `auto`: a goal, and the only candidates there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from normflow.errors import ConfigError, suggestion
from normflow.methods import METHODS, ROW_METHODS
from normflow.spec import Goal

if TYPE_CHECKING:
    from collections.abc import Collection


def goal_of(value: object) -> Goal:
    """One of the five goals.

    Raises:
        ConfigError: it is none.
    """
    if value not in get_args(Goal):
        raise ConfigError(
            f"unknown goal '{value}'", where="goal", hint=suggestion(str(value), get_args(Goal))
        )
    return value  # type: ignore[return-value]  # it is one of them


def candidates_of(value: object, plugins: Collection[str] = ()) -> tuple[str, ...]:
    """The names of column-wise methods, normflow's own or those of `plugins`, each once.

    Raises:
        ConfigError: it is no list of names; a name is unknown, row-wise or `auto`, or stands twice.
    """
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, str) for one in value):
        raise _wrong(f"candidates is a list of methods' names, not {value!r}", "[log, yeojohnson]")
    known = [*(method.name for method in METHODS), *plugins]
    for place, name in enumerate(value):
        if name in {method.name for method in ROW_METHODS}:
            raise _wrong(f"{name} works on the members of a row, and auto on columns", "leave it out")
        if name not in known:
            raise _wrong(f"no method '{name}'", suggestion(name, known))
        if name in value[:place]:
            raise _wrong(f"'{name}' is named twice", "name each candidate once")
    return tuple(value)


def _wrong(what: str, hint: str) -> ConfigError:
    return ConfigError(what, where="candidates", hint=hint)
