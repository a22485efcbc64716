"""SQL dialects: expressions in DuckDB's words, written for another warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a query must know of a warehouse.

    `replaces`: whether `SELECT *` can leave out and replace columns. `folds_case`: whether two names that
    differ only in case are one column. `fence`: what ends a stage of a query, so that it is not merged with
    the next and computed again at each mention. `natives`: which of asinh, log1p and expm1 it computes to the
    last digits (Spark did not compute asinh so before 4.2, but the other two).
    """

    name: str
    replaces: bool
    folds_case: bool
    fence: str = ""
    natives: frozenset[str] = frozenset({"asinh"})


DIALECTS = {
    one.name: one
    for one in (
        Dialect(name="duckdb", replaces=True, folds_case=True),
        Dialect(name="postgres", replaces=False, folds_case=False, fence="OFFSET 0"),
        Dialect(name="spark", replaces=False, folds_case=True, natives=frozenset({"log1p", "expm1"})),
        Dialect(name="bigquery", replaces=True, folds_case=True),
    )
}


def dialect_named(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in DIALECTS:
        raise ConfigError(f"no SQL dialect '{name}'", hint=suggestion(str(name), DIALECTS))
    return DIALECTS[name]


def translator(dialect: Dialect) -> Callable[[str], str]:
    """A function that writes one item of a SELECT, in DuckDB's words, for the dialect.

    Raises:
        ConfigError: the dialect is not DuckDB's, and sqlglot is not installed.
    """
    if dialect.name == "duckdb":
        return str
    try:
        from sqlglot import exp, parse_one
    except ImportError:
        raise ConfigError(
            f"the dialect '{dialect.name}' is written by sqlglot, which is not installed",
            hint="pip install 'normflow-etl[sql]'",
        ) from None

    def translated(item: str) -> str:
        (tree,) = parse_one(f"SELECT {item}", read="duckdb", into=exp.Select).selects
        for division in tree.find_all(exp.Div):
            division.set("typed", True)  # both sides are DOUBLE, which a column's name does not tell
        return tree.sql(dialect=dialect.name)

    return translated
