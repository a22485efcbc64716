"""Registries of earlier formats: read as if they were of this one, and brought to it by the first write.

A format only ever adds columns and tables. What an older program did not record is null.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from normflow.errors import RegistryError
from normflow.registry.tables import ADDED, FORMAT, NEW, VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from normflow.registry.tables import Table


def read_as_current(con: DuckDBPyConnection, found: int) -> None:
    """Let a connection that only reads see what a file of this format lacks: columns null, tables empty."""
    (database,) = con.execute("SELECT current_database()").fetchone() or ("",)
    quoted = '"' + database.replace('"', '""') + '"'
    for table, columns in _added(found):
        nulls = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items())
        con.execute(f"CREATE TEMP VIEW {table} AS SELECT *, {nulls} FROM {quoted}.main.{table}")  # noqa: S608  (names of our own)
    for new in _new(found):
        nulls = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in new.types.items())
        con.execute(f"CREATE TEMP VIEW {new.name} AS SELECT {nulls} WHERE false")


def migrate(con: DuckDBPyConnection, file: Path, path: Path, found: int) -> None:
    """Bring a file of format `found` to this one in one transaction, after a copy named `<file>.format-<n>`.

    Raises:
        RegistryError: the copy cannot be written; the file is as it was.
    """
    con.execute("CHECKPOINT")  # so that the file alone is the whole database
    kept = file.with_name(f"{file.name}.format-{found}")
    new = kept.with_name(f".{kept.name}.new")
    try:
        shutil.copyfile(file, new)
        new.replace(kept)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise RegistryError(
            f"is of an earlier format, and its copy '{kept.name}' cannot be written: {error.strerror}",
            where=str(path),
            hint="make room beside it",
        ) from error
    con.execute("BEGIN")  # whatever fails ends the connection, and with it the transaction
    for table, columns in _added(found):
        for name, kind in columns.items():
            con.execute(f'ALTER TABLE {table} ADD COLUMN "{name}" {kind}')
    for new_table in _new(found):
        con.execute(new_table.ddl)
    for view in VIEWS:
        con.execute(view.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    con.execute("UPDATE meta SET value = ? WHERE key = 'format'", [str(FORMAT)])
    con.execute("COMMIT")


def _added(found: int) -> Iterator[tuple[str, dict[str, str]]]:
    """By table, the columns that came after a format."""
    tables: dict[str, dict[str, str]] = {}
    for later in range(found + 1, FORMAT + 1):
        for table, columns in ADDED[later].items():
            tables.setdefault(table, {}).update(columns)
    yield from tables.items()


def _new(found: int) -> list[Table[Any]]:
    """The tables that came after a format."""
    return [table for later in range(found + 1, FORMAT + 1) for table in NEW.get(later, ())]
