"""SQL dialects: a query in DuckDB's words, written for another warehouse."""

from __future__ import annotations

from dataclasses import dataclass

from normflow.errors import ConfigError, suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a query must know of a warehouse before it is written.

    `replaces`: whether `SELECT *` can leave out and replace columns. `folds_case`: whether two names that
    differ only in case are one column. `forbidden`: what no name may hold.
    """

    name: str
    replaces: bool
    folds_case: bool
    forbidden: str = "\0"


DIALECTS = {
    one.name: one
    for one in (
        Dialect(name="duckdb", replaces=True, folds_case=True),
        Dialect(name="postgres", replaces=False, folds_case=False),
        Dialect(name="spark", replaces=False, folds_case=True),
        Dialect(name="bigquery", replaces=True, folds_case=True, forbidden="\0`\\\n\r"),
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


def written_for(dialect: Dialect, query: str) -> str:
    """A query of DuckDB's dialect, written for this one.

    Raises:
        ConfigError: another dialect than DuckDB's is asked for, and sqlglot is not installed.
    """
    if dialect.name == "duckdb":
        return query
    try:
        from sqlglot import exp, parse_one
    except ImportError:
        raise ConfigError(
            f"the dialect '{dialect.name}' is written by sqlglot, which is not installed",
            hint="pip install 'normflow-etl[sql]'",
        ) from None
    tree = parse_one(query, read="duckdb")
    for division in tree.find_all(exp.Div):
        division.set("typed", True)  # both sides are DOUBLE, which a column's name does not tell
    if dialect.name == "postgres":
        # Postgres would merge the stages and repeat what they hold at each mention; OFFSET 0 keeps them apart
        for stage in tree.find_all(exp.CTE):
            stage.this.offset(0, copy=False)
    return tree.sql(dialect=dialect.name, pretty=True)
