"""A transaction on a PostgreSQL server, and what differs there from a DuckDB file.

| there | here |
|---|---|
| `VARCHAR`, `BIGINT`, `TIMESTAMP`, `VARCHAR[]` | the same, text in the order of its bytes |
| `DOUBLE` | `DOUBLE PRECISION` |
| `BLOB` | `BYTEA` |
| `MAP(VARCHAR, DOUBLE)` | `JSON`: numbers as the shortest texts of their bits, `"NaN"`, `"Infinity"` |
| `rowid` | a column that counts, where an order is asked for |
| a file has one machine | `runs.host`, by which a machine knows its own |

Text cannot hold the character 0 there; it stands as two others.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from psycopg import RawServerCursor

from normflow.naming import quoted
from normflow.registry.migrate import added, new_tables, read_as_current
from normflow.registry.tables import BYTES, DOUBLE, FORMAT, META, NUMBERS, TABLES, TEXT, VIEWS, to_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import psycopg

    from normflow.registry.records import GroupRows
    from normflow.registry.tables import Row, Table

TYPES = {TEXT: 'VARCHAR COLLATE "C"', DOUBLE: "DOUBLE PRECISION", BYTES: "BYTEA", NUMBERS: "JSON"}
COUNTED = "rowid BIGINT GENERATED ALWAYS AS IDENTITY"
MORE = {
    "runs": f"host {TYPES[TEXT]} DEFAULT current_setting('normflow.host', true)",
    "check_results": COUNTED,
    "outputs": COUNTED,
}
COPY = """COPY parameters (
    fit_id, "group", "column", method, method_version, options, transform, numbers
) FROM STDIN"""
ESCAPE, ZERO = "\ue000", "\0"  # the first is of those that Unicode leaves to programs


class ServerAnswer:
    """The rows of a query, as Python values."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, None after the last."""
        found = self._cursor.fetchone()
        return None if found is None else _back(found)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that are left."""
        return [_back(row) for row in self._cursor.fetchall()]


class ServerConnection:
    """A transaction on a server."""

    whole = "sum(hashtext(one::text))"
    here = "AND host = current_setting('normflow.host', true)"

    def __init__(self, con: psycopg.Connection[Any]) -> None:
        self.con = con

    def execute(self, query: str, values: Sequence[object] = ()) -> ServerAnswer:
        """Ask or do one thing."""
        cursor = self.con.cursor(binary=True)
        return ServerAnswer(cursor.execute(_numbered(query), [*map(_there, values)] or None))

    def stream(self, query: str, size: int) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, `size` at a time."""
        with RawServerCursor(self.con, "normflow") as cursor:
            cursor.execute(query, binary=True)
            while rows := cursor.fetchmany(size):
                yield from map(_back, rows)

    def insert(self, table: Table[Row], rows: Sequence[Row], *, absent_only: bool) -> None:
        """Add rows; with `absent_only` those whose key is not there yet."""
        places = ", ".join(f"${i}" for i in range(1, len(table.types) + 1))
        absent = " ON CONFLICT DO NOTHING" if absent_only else ""
        values = ([_stored(kind, getattr(row, name)) for name, kind in table.types.items()] for row in rows)
        with self.con.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table.name} ({table.columns}) VALUES ({places}){absent}",  # noqa: S608  (names of our own)
                values,
            )

    def insert_groups(self, rows: GroupRows) -> None:
        """Add the parameters of many groups; the texts of numbers read back to the same bits."""
        numbers = {
            name: one.tolist() if isinstance(one, np.ndarray) else [float(one)] * len(rows.groups)
            for name, one in rows.numbers.items()
        }
        with self.con.cursor() as cursor, cursor.copy(COPY) as copy:
            for i, group in enumerate(rows.groups):
                here = {name: values[i] for name, values in numbers.items()}
                transform = "".join(repr(here[one]) if one in here else one for one in rows.transform)
                texts = (rows.fit_id, group, rows.column, rows.method)
                copy.write_row(
                    (*map(_there, texts), rows.method_version, rows.options, _there(transform), _json(here))
                )

    def show_as_current(self, found: int, schema: str) -> None:
        """Let this transaction see what tables of format `found` lack: columns null, tables empty."""
        kinds = {kind: _kind(kind) for kind in (TEXT, DOUBLE, BYTES, NUMBERS)}
        read_as_current(self.execute, found, schema, kinds)


def made(con: ServerConnection, schema: str, *, creator: str) -> None:
    """Make the tables and views of an empty registry."""
    if con.execute("SELECT to_regnamespace(?) IS NULL", [quoted(schema)]).fetchone() == (True,):
        con.execute(f"CREATE SCHEMA {quoted(schema)}")
    for statement in (META, *map(_ddl, TABLES), *VIEWS):
        con.execute(statement)
    con.execute("INSERT INTO meta VALUES ('format', ?), ('creator', ?)", [str(FORMAT), creator])


def upgraded(con: ServerConnection, found: int) -> None:
    """Bring tables of format `found` to the present one, in the transaction that is under way."""
    names = [view.split()[2] for view in VIEWS]
    for name in names:
        con.execute(f"DROP VIEW IF EXISTS {name}")
    for table, columns in added(found):
        for name, kind in columns.items():
            con.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {_kind(kind)}")
    for statement in (*map(_ddl, new_tables(found)), *VIEWS):
        con.execute(statement)
    con.execute("UPDATE meta SET value = ? WHERE key = 'format'", [str(FORMAT)])


def _ddl(table: Table[Any]) -> str:
    columns = [f"{quoted(name)} {_kind(kind)}" for name, kind in table.types.items()]
    more = [MORE[table.name]] if table.name in MORE else []
    key = ", ".join(map(quoted, table.key))
    return f"CREATE TABLE {table.name} ({', '.join([*columns, *more])}, PRIMARY KEY ({key}))"


def _kind(kind: str) -> str:
    return TYPES.get(kind, kind)


def _numbered(query: str) -> str:
    """The query with `$1`, `$2`, … for each `?`."""
    first, *rest = query.split("?")
    return first + "".join(f"${i}{part}" for i, part in enumerate(rest, 1))


def _stored(kind: str, value: Any) -> Any:
    return _json(value) if kind == NUMBERS else _there(to_sql(value))


def _json(numbers: Mapping[str, float]) -> str:
    known = {_there(name): _number(float(one)) for name, one in numbers.items()}
    return json.dumps(known, ensure_ascii=False, allow_nan=False)


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _there(value: Any) -> Any:
    """A value as the server takes it."""
    if isinstance(value, str) and (ZERO in value or ESCAPE in value):
        return value.replace(ESCAPE, f"{ESCAPE}1").replace(ZERO, f"{ESCAPE}0")
    return [_there(one) for one in value] if isinstance(value, list | tuple) else value


def _back(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(map(_here, row))


def _here(value: Any) -> Any:
    if isinstance(value, str):
        if ESCAPE not in value:
            return value
        return value.replace(f"{ESCAPE}0", ZERO).replace(f"{ESCAPE}1", ESCAPE)
    if isinstance(value, dict):
        return {_here(name): float(one) for name, one in value.items()}
    return [_here(one) for one in value] if isinstance(value, list) else value
