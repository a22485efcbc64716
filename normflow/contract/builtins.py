"""The checks that pandera has built in, as expressions: true where a row passes, never null.

Each judges a value as pandera judges it, but for two things that are stated here. Null passes every one of
them, as in pandera with `ignore_na`. NaN fails every comparison, `equal_to`, `isin` (unless it is listed)
and `in_range`; pandera takes it for the largest number, and so lets it pass `greater_than`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow.contract.values import listed_in
from normflow.spec.named import BUILTINS as ARGUMENTS
from normflow.spec.named import builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Builtin:
    """One built-in check.

    Args:
        passes: whether a value passes, from the column and the arguments; null where the value is null.
        takes: which columns it is for: `any`, `text`, or `ordered`, which are numbers, dates, times and text.
        told: the sentence on a failing row, with the arguments as fields.
    """

    passes: Callable[[pl.Expr, Mapping[str, Any]], pl.Expr]
    told: str
    takes: str = "any"


def compiled(name: str, arguments: Mapping[str, Any], x: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Whether a row passes a built-in check, by pandera's name or alias; None where it has no such check."""
    known = builtin(name)
    if known is None:
        return None
    found = BUILTINS[known]
    own = {key: _in_type(value, dtype) for key, value in arguments.items()}
    passes = found.passes(_comparable(x, dtype), own).fill_null(value=True)
    return passes & _no_nan(name, arguments, x) if dtype.is_float() else passes


def is_builtin(name: str) -> bool:
    """Whether pandera has a check of this name built in that an expression can judge."""
    return builtin(name) is not None


def type_fault(name: str, arguments: Mapping[str, Any], dtype: pl.DataType) -> str:
    """Why a built-in check cannot judge a column of this type, as a sentence; empty where it can."""
    takes = BUILTINS[builtin(name) or ""].takes
    if takes == "text" and not _is_text(dtype):
        return f"{name} needs text, and the column is {dtype}"
    if takes == "ordered" and (dtype.is_nested() or dtype == pl.Binary):
        return f"{name} needs values in an order, and the column is {dtype}"
    return _wrong_kind(name, arguments, dtype)


def sentence(name: str, arguments: Mapping[str, Any]) -> str:
    """What a failing row has wrong: `is not greater than 0`."""
    found = builtin(name) or ""
    known = dict.fromkeys(chain(*ARGUMENTS[found]))
    shown = {
        key: ", ".join(map(str, one)) if isinstance(one, tuple | list) else one
        for key, one in arguments.items()
    }
    return BUILTINS[found].told.format(**{**known, **shown})


def _wrong_kind(name: str, arguments: Mapping[str, Any], dtype: pl.DataType) -> str:
    """A number where the column holds text, or the other way round."""
    if dtype == pl.Null:
        return ""
    values = [
        one
        for value in arguments.values()
        for one in (value if isinstance(value, tuple | list) else [value])
        if one is not None and not isinstance(one, bool)
    ]
    if dtype.is_numeric() and any(isinstance(one, str) for one in values):
        return f"{name} compares with text, and the column is {dtype}"
    counts = name == "str_length"
    if _is_text(dtype) and not counts and any(isinstance(one, int | float) for one in values):
        return f"{name} compares with numbers, and the column is {dtype}"
    return ""


def _is_text(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Null) or dtype.base_type() in (pl.Categorical, pl.Enum)


def _in_type(value: Any, dtype: pl.DataType) -> Any:
    """A list in the type of the column: an integer column holds 2.0, and never 2.5."""
    if not isinstance(value, tuple | list | set | frozenset):
        return value
    return pl.Series(listed_in(value, dtype), dtype=dtype) if dtype.is_numeric() else pl.Series(list(value))


def _comparable(x: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Text of any kind as text, so that it is compared by its characters; all else as it is."""
    return x.cast(pl.String) if dtype.base_type() in (pl.Categorical, pl.Enum) else x


def _no_nan(name: str, arguments: Mapping[str, Any], x: pl.Expr) -> pl.Expr:
    listed = [value for one in arguments.values() for value in (one if isinstance(one, tuple | list) else ())]
    lets_pass = builtin(name) in ("not_equal_to", "notin") or any(value != value for value in listed)  # noqa: PLR0124
    return pl.lit(value=True) if lets_pass else x.is_not_nan().fill_null(value=True)


def _listed(x: pl.Expr, values: Any) -> pl.Expr:
    return x.is_in(values.implode())


def _within(x: pl.Expr, a: Mapping[str, Any]) -> pl.Expr:
    above = x >= a["min_value"] if a.get("include_min", True) else x > a["min_value"]
    below = x <= a["max_value"] if a.get("include_max", True) else x < a["max_value"]
    both: pl.Expr = above & below
    return both


def _length(x: pl.Expr, a: Mapping[str, Any]) -> pl.Expr:
    found, exact = x.str.len_chars(), a.get("exact_value")
    lo, hi = (a.get("min_value"), a.get("max_value")) if exact is None else (exact, exact)
    passes = found >= 0
    if lo is not None:
        passes &= found >= lo
    if hi is not None:
        passes &= found <= hi
    return passes


def _anchored(pattern: str) -> str:
    return pattern if pattern.startswith("^") else f"^{pattern}"


BUILTINS: Mapping[str, Builtin] = {
    "equal_to": Builtin(passes=lambda x, a: x == a["value"], told="is not {value}"),
    "not_equal_to": Builtin(passes=lambda x, a: x != a["value"], told="is {value}"),
    "greater_than": Builtin(
        passes=lambda x, a: x > a["min_value"],
        takes="ordered",
        told="is not above {min_value}",
    ),
    "greater_than_or_equal_to": Builtin(
        passes=lambda x, a: x >= a["min_value"],
        takes="ordered",
        told="is not at least {min_value}",
    ),
    "less_than": Builtin(
        passes=lambda x, a: x < a["max_value"],
        takes="ordered",
        told="is not below {max_value}",
    ),
    "less_than_or_equal_to": Builtin(
        passes=lambda x, a: x <= a["max_value"],
        takes="ordered",
        told="is not at most {max_value}",
    ),
    "in_range": Builtin(
        passes=_within,
        takes="ordered",
        told="is not between {min_value} and {max_value}",
    ),
    "isin": Builtin(
        passes=lambda x, a: _listed(x, a["allowed_values"]),
        told="is not one of {allowed_values}",
    ),
    "notin": Builtin(
        passes=lambda x, a: ~_listed(x, a["forbidden_values"]),
        told="is one of {forbidden_values}",
    ),
    "str_matches": Builtin(
        passes=lambda x, a: x.str.contains(_anchored(a["pattern"])),
        takes="text",
        told="does not begin with a match of {pattern}",
    ),
    "str_contains": Builtin(
        passes=lambda x, a: x.str.contains(a["pattern"]),
        takes="text",
        told="has no match of {pattern}",
    ),
    "str_startswith": Builtin(
        passes=lambda x, a: x.str.starts_with(a["string"]),
        takes="text",
        told="does not begin with {string}",
    ),
    "str_endswith": Builtin(
        passes=lambda x, a: x.str.ends_with(a["string"]),
        takes="text",
        told="does not end with {string}",
    ),
    "str_length": Builtin(
        passes=_length,
        takes="text",
        told="has another length than asked for",
    ),
}
