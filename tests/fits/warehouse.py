"""Frames in DuckDB, and what a query makes of them."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from normflow.naming import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[Any, ...]
TYPES: dict[Any, str] = {
    pl.Float64: "DOUBLE",
    pl.Float32: "REAL",
    pl.Int64: "BIGINT",
    pl.Int8: "TINYINT",
    pl.String: "VARCHAR",
    pl.Boolean: "BOOLEAN",
    pl.Decimal(12, 2): "DECIMAL(12, 2)",
}


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One database in memory for all tests: a new one each would be half of their time."""
    return duckdb.connect()


def selected(frame: pl.DataFrame, query: str, path: Sequence[str] = ("t",)) -> tuple[list[str], list[Row]]:
    """The names of the columns and the rows that a query over the frame, as a table, gives in DuckDB."""
    database = connection()
    for i in range(1, len(path)):
        database.execute(f"CREATE SCHEMA IF NOT EXISTS {'.'.join(map(quoted, path[:i]))}")
    table = ".".join(map(quoted, path))
    typed = [(quoted(name), TYPES[dtype]) for name, dtype in frame.schema.items()]
    database.execute(f"CREATE TABLE {table} ({', '.join(' '.join(one) for one in typed)})")
    try:
        if frame.height:
            lists = ", ".join(f"unnest(?::{kind}[])" for _, kind in typed)
            database.execute(f"INSERT INTO {table} SELECT {lists}", [one.to_list() for one in frame])
        found = database.execute(query)
        return [one[0] for one in found.description or []], found.fetchall()
    finally:
        database.execute(f"DROP TABLE {table}")


def near(found: float | None, wanted: float | None, tolerance: float, floor: float = 0.0) -> bool:
    """NULL where null, NaN where NaN, else within the tolerance of max(1, |y|), or the floor."""
    if found is None or wanted is None:
        return found is wanted
    if found == wanted or (math.isnan(found) and math.isnan(wanted)):
        return True
    return abs(found - wanted) <= max(tolerance * max(1.0, abs(wanted)), floor)


def resolved(values: Sequence[float | None]) -> float:
    """What float64 resolves of the largest number: nothing finer comes back from where all share a scale."""
    return 2.0**-50 * max((abs(x) for x in values if x is not None and math.isfinite(x)), default=0.0)
