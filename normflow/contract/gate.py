"""The gate: what can be judged from the schema alone, before a row is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.contract.builtins import is_builtin, type_fault
from normflow.errors import Problem, SchemaError, suggestion
from normflow.spec import TYPE_NAMES, is_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from normflow.spec import ColumnChecks

NUMBERS_ONLY = ("range", "finite", "mean", "std", "skew", "quantile", "drift")
OUTPUT_ONLY = ("mean", "std", "skew", "quantile", "nulls_at_most", "drift")


def gate(
    schema: Mapping[str, pl.DataType],
    checks: Mapping[str, ColumnChecks],
    places: Mapping[str, str],
    *,
    section: str = "contract",
) -> None:
    """Let a schema through when every declared column is there, has its type, and can take its checks.

    `places` maps `contract.<column>` (or `checks.<column>`, and `….<column>.<key>`) to where it was written.

    Raises:
        SchemaError: with all problems, in the order they are declared.
    """
    problems = [
        Problem(_place(places, section, column, key), what, f"{section}.{column}")
        for column, rule in checks.items()
        for key, what in _problems(schema, column, rule, section)
    ]
    if problems:
        raise SchemaError.of(problems)


def _place(places: Mapping[str, str], section: str, column: str, key: str) -> str:
    exact = f"{section}.{column}"
    return places.get(f"{exact}.{key}") or places.get(exact, "")


def _problems(
    schema: Mapping[str, pl.DataType], column: str, rule: ColumnChecks, section: str
) -> Iterator[tuple[str, str]]:
    if column not in schema:
        place = "output" if section == "checks" else "source"
        yield "", _advised(f"no such column in the {place}", suggestion(column, schema))
        return
    dtype = schema[column]
    yield from _wrong_dtype(rule.dtype, dtype)
    for key in NUMBERS_ONLY:
        if getattr(rule, key) and not (dtype.is_numeric() or dtype == pl.Null):
            yield key, f"{key} needs numbers, and the column is {dtype}"
    yield from _wrong_list(rule.isin, dtype)
    yield from _wrong_text(rule, dtype)
    yield from _wrong_named(rule, dtype, section)
    if section == "contract":
        for key in OUTPUT_ONLY:
            if getattr(rule, key):
                yield key, f"{key} is for what leaves; declare it under checks"
    elif rule.on_fail == "quarantine":
        yield "on_fail", "only rows that enter can be quarantined; declare it under contract"


def _wrong_dtype(name: str | None, dtype: pl.DataType) -> Iterator[tuple[str, str]]:
    if name is None:
        return
    if name not in TYPE_NAMES:
        yield "dtype", _advised(f"no such type '{name}'", suggestion(name, TYPE_NAMES))
    elif not is_type(dtype, name):
        yield "dtype", f"the contract asks for {name}, and the column is {dtype}"


def _wrong_named(rule: ColumnChecks, dtype: pl.DataType, section: str) -> Iterator[tuple[str, str]]:
    if rule.on_fail == "clip" and (dtype.is_decimal() or dtype == pl.Null):
        yield "on_fail", f"clip needs integers or floats, and the column is {dtype}"
    for one in rule.checks:
        if is_builtin(one.name):
            if wrong := type_fault(one.name, one.arguments, dtype):
                yield "checks", wrong
        elif section == "checks":
            yield "checks", f"{one.name} is registered, and only built-in checks judge what leaves"
        elif rule.on_fail != "fail":
            yield "on_fail", f"{one.name} is registered, and a registered check only fails the run"


def _wrong_text(rule: ColumnChecks, dtype: pl.DataType) -> Iterator[tuple[str, str]]:
    text = is_type(dtype, "string") or dtype == pl.Null
    if rule.regex is not None and not text:
        yield "regex", f"regex needs text, and the column is {dtype}"
    if rule.length is not None and not (text or isinstance(dtype, pl.List | pl.Array)):
        yield "length", f"length needs text or lists, and the column is {dtype}"


def _wrong_list(
    values: tuple[str | float | bool, ...] | None, dtype: pl.DataType
) -> Iterator[tuple[str, str]]:
    if values is None or dtype == pl.Null:
        return
    kinds = {_kind(value) for value in values}
    if len(kinds) > 1:
        yield "isin", f"the list mixes {' and '.join(sorted(kinds))}"
    elif kinds and kinds != {_kind_of(dtype)}:
        yield "isin", f"the list holds {kinds.pop()}, and the column is {dtype}"


def _kind(value: str | float | bool) -> str:
    if isinstance(value, str):
        return "text"
    return "true and false" if isinstance(value, bool) else "numbers"


def _kind_of(dtype: pl.DataType) -> str:
    if is_type(dtype, "string"):
        return "text"
    return "true and false" if dtype == pl.Boolean else "numbers" if dtype.is_numeric() else ""


def _advised(what: str, hint: str) -> str:
    return f"{what}; {hint}" if hint else what
