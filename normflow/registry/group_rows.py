"""The parameters of many groups as rows: arrays go in whole, and DuckDB makes the rows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from normflow.registry.records import GroupRows

STATEMENT = """INSERT INTO parameters (
    fit_id, "group", "column", method, method_version, options, transform, numbers
) SELECT ?, key, ?, ?, ?, ?, {transform}, map([{names}], [{numbers}]) FROM normflow_groups"""


def insert_groups(con: DuckDBPyConnection, rows: GroupRows) -> None:
    """Add a row a group; the texts of numbers are the shortest that read back to the same bits."""
    arrays = {name: one for name, one in rows.numbers.items() if isinstance(one, np.ndarray)}
    columns = {name: f"n{i}" for i, name in enumerate(arrays)}
    exprs = {
        name: columns[name] if name in columns else f"{_number(one)}" for name, one in rows.numbers.items()
    }
    pieces = [
        f"{exprs[piece]}::VARCHAR" if piece in exprs else _text(piece) for piece in rows.transform if piece
    ]
    statement = STATEMENT.format(
        transform=" || ".join(pieces),
        names=", ".join(map(_text, exprs)),
        numbers=", ".join(exprs.values()),
    )
    table = {"key": np.array(rows.groups, dtype=object)}
    table |= {columns[name]: np.ascontiguousarray(one) for name, one in arrays.items()}
    con.register("normflow_groups", table)
    try:
        con.execute(statement, [rows.fit_id, rows.column, rows.method, rows.method_version, rows.options])
    finally:
        con.unregister("normflow_groups")


def _number(value: float | np.ndarray) -> str:
    return f"'{value!r}'::DOUBLE"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
