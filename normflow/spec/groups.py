"""Parameters by group: which columns make a group, and what becomes of groups that taught little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from normflow.errors import ConfigError, suggestion

Unseen = Literal["global", "null", "error"]
LEAST_BUCKETS, MOST_BUCKETS = 64, 131_072
KEYS = ("columns", "min_rows", "unseen", "resolution")


@dataclass(frozen=True, kw_only=True)
class GroupSpec:
    """Rows with equal values in `columns` are a group, and each group has parameters of its own.

    A group that fewer than `min_rows` rows taught takes those of the whole table. `unseen` is what becomes of
    rows whose group was not there: the parameters of the whole table, null, or an error. `resolution` is how
    many histogram buckets a column has in each group.
    """

    columns: tuple[str, ...]
    min_rows: int = 30
    unseen: Unseen = "global"
    resolution: int = 512


def groups_of(value: object) -> GroupSpec:
    """The groups that `by` asks for: a column's name, a list of them, or a mapping with `columns`.

    Raises:
        ConfigError: it is none of these, or an option is none of `by`'s; `where` is the key.
    """
    line = value if isinstance(value, Mapping) else {"columns": value}
    for key in line:
        if key not in KEYS:
            raise _wrong("", f"no such key '{key}'", suggestion(str(key), KEYS))
    if "columns" not in line:
        raise _wrong("", "lacks columns", "name the columns whose values make a group")
    found: dict[str, object] = {"columns": _columns(line["columns"])}
    if "min_rows" in line:
        found["min_rows"] = _whole("min_rows", line["min_rows"], 1, None)
    if "unseen" in line:
        found["unseen"] = _unseen(line["unseen"])
    if "resolution" in line:
        found["resolution"] = _whole("resolution", line["resolution"], LEAST_BUCKETS, MOST_BUCKETS)
    return GroupSpec(**found)  # type: ignore[arg-type]  # each value was looked at


def _columns(value: object) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(one, str) for one in names):
        raise _wrong("columns", f"are a column's name or a list of names, not {value!r}")
    twice = next((one for one in names if names.count(one) > 1), None)
    if twice is not None:
        raise _wrong("columns", f"'{twice}' is named twice", "name each column once")
    return tuple(names)


def _unseen(value: object) -> Unseen:
    word = "null" if value is None else value  # in YAML, null is the word
    if word not in get_args(Unseen):
        raise _wrong("unseen", f"cannot be {value!r}", suggestion(str(value), get_args(Unseen)))
    return word  # type: ignore[return-value]


def _whole(key: str, value: object, least: int, most: int | None) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(key, f"is a whole number, not {value!r}")
    if value < least or (most is not None and value > most):
        limits = f"at least {least}" if most is None else f"between {least:,} and {most:,}"
        raise _wrong(key, f"is {limits}, not {value}")
    return value


def _wrong(key: str, what: str, hint: str = "") -> ConfigError:
    return ConfigError(f"{key} {what}" if key else what, where=f"by.{key}" if key else "by", hint=hint)
