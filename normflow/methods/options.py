"""Options of a method: which there are, and whether a value suits one."""

from __future__ import annotations

import math
import sys
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from normflow.errors import ConfigError, suggestion
from normflow.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.methods._method import Method
    from normflow.methods._row_method import RowMethod


SPOKEN = {True: "true", False: "false"}
LARGEST = sys.float_info.max


def option_names(method: type[Method | RowMethod]) -> tuple[str, ...]:
    """The names of a method's options."""
    return tuple(field.name for field in fields(method))  # type: ignore[arg-type]


def checked(method: type[Method | RowMethod], options: Mapping[str, object]) -> dict[str, Any]:
    """The options as the method's fields hold them: numbers as floats, lists as tuples.

    Raises:
        ConfigError: an unknown name, or a value of another type.
    """
    hints = _hints(method)
    known = option_names(method)
    taken = {}
    for name, value in options.items():
        if name not in known:
            hint = suggestion(name, known) or "it has none"
            raise ConfigError(f"method '{method.name}' has no option '{name}'", hint=hint)
        found = list(_readings(value, hints[name]))
        if not found:
            meant = nearest(value, _words(hints[name])) if isinstance(value, str) else ""
            raise ConfigError(
                f"method '{method.name}': option '{name}' must be {spoken(hints[name])}, not {value!r}",
                hint=f"did you mean '{meant}'?" if meant else "",
            )
        taken[name] = found[0]
    return taken


@cache
def _hints(method: type[Method | RowMethod]) -> Mapping[str, Any]:
    return get_type_hints(method)


def rising(method: str, option: str, pair: tuple[float, float]) -> None:
    """Refuse a pair of numbers that does not rise, or rises further than float64 reaches.

    Raises:
        ConfigError: it does not.
    """
    lo, hi = pair
    if not 0.0 < hi - lo < math.inf:
        raise ConfigError(f"{method}: {option} must rise from its first to its second number, not {lo}, {hi}")


def _readings(value: Any, hint: Any) -> list[object]:
    """The value as the hint wants it, or nothing."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return [found for one in inside for found in _readings(value, one)]
    if origin is Literal:
        return [one for one in inside if type(one) is type(value) and one == value]
    if origin is tuple:
        paired = isinstance(value, list | tuple) and len(value) == len(inside)
        items = [_readings(one, of) for one, of in zip(value, inside, strict=True)] if paired else [[]]
        return [tuple(item[0] for item in items)] if all(items) else []
    if hint is float:
        number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
        return [float(value)] if number else []
    if hint is int:
        return [value] if type(value) is int else []
    return [value] if isinstance(value, hint) else []


def _words(hint: Any) -> list[str]:
    """The words that an option may be."""
    inside = get_args(hint)
    if get_origin(hint) is Literal:
        return [one for one in inside if isinstance(one, str)]
    return [word for one in inside for word in _words(one)]


def spoken(hint: Any) -> str:
    """What an option may be, in words."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(spoken(one) for one in inside)
    if origin is Literal:
        return " or ".join(
            SPOKEN.get(one, repr(one)) if isinstance(one, bool) else repr(one) for one in inside
        )
    if origin is tuple:
        return f"{len(inside)} numbers"
    return {float: "a number", int: "a whole number", bool: "true or false", NoneType: "null"}[hint]
