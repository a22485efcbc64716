"""A source and a sink: tables of a SQLite file, by Python's own library."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SinkError, SourceError

if TYPE_CHECKING:
    from pathlib import Path


def read(*, file: str, table: str) -> pl.DataFrame:
    """All rows of a table."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as con:
        try:
            found = con.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608  (a quoted name)
        except sqlite3.OperationalError as error:
            raise SourceError(str(error), where=f"{file}/{table}", hint="check the table") from error
        return pl.DataFrame(found.fetchall(), schema=[one[0] for one in found.description], orient="row")


def check(*, file: str, table: str) -> None:
    """See that the file can be written."""
    try:
        with closing(sqlite3.connect(file)) as con:
            con.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        raise SinkError(str(error), where=f"{file}/{table}", hint="check the path") from error


def publish(*, staged: Path, run_id: str, file: str, table: str) -> None:
    """Replace the table in one transaction, once a run."""
    rows = pl.read_parquet(staged)
    columns = ", ".join(map(_quoted, rows.columns))
    with closing(sqlite3.connect(file, isolation_level=None)) as con:
        con.execute("BEGIN IMMEDIATE")
        con.execute("CREATE TABLE IF NOT EXISTS runs (name TEXT PRIMARY KEY, run_id TEXT)")
        if (
            con.execute("SELECT 1 FROM runs WHERE (name, run_id) = (?, ?)", (table, run_id)).fetchone()
            is None
        ):
            con.execute(f"DROP TABLE IF EXISTS {_quoted(table)}")
            con.execute(f"CREATE TABLE {_quoted(table)} ({columns})")
            marks = ", ".join("?" * rows.width)
            insert = f"INSERT INTO {_quoted(table)} VALUES ({marks})"  # noqa: S608  (as above)
            con.executemany(insert, rows.iter_rows())
            con.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", (table, run_id))
        con.execute("COMMIT")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
