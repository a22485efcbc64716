"""Registries of earlier formats: read as if they were of this one, and brought to it by the first write.

A format only ever adds columns and tables. What an older program did not record is null.
"""

from __future__ import annotations

import shutil
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from normflow.errors import RegistryError
from normflow.lasting import renamed
from normflow.registry.tables import ADDED, FORMAT, NEW, VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from normflow.registry.tables import Table


def read_as_current(
    execute: Callable[[str], object], found: int, schema: str, kinds: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Let a connection that only reads see what a registry of this format lacks: columns null, tables empty.

    `schema` is where its tables are, quoted; `kinds` are types that have other names there.
    """
    for table, columns in added(found):
        execute(f"CREATE TEMP VIEW {table} AS SELECT *, {_nulls(columns, kinds)} FROM {schema}.{table}")  # noqa: S608  (names of our own)
    for new in new_tables(found):
        execute(f"CREATE TEMP VIEW {new.name} AS SELECT {_nulls(new.types, kinds)} WHERE false")


def _nulls(columns: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    return ", ".join(f'NULL::{kinds.get(kind, kind)} AS "{name}"' for name, kind in columns.items())


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
        renamed(new, kept)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise RegistryError(
            f"is of an earlier format, and its copy '{kept.name}' cannot be written: {error.strerror}",
            where=str(path),
            hint="make room beside it",
        ) from error
    con.execute("BEGIN")  # whatever fails ends the connection, and with it the transaction
    for table, columns in added(found):
        for name, kind in columns.items():
            con.execute(f'ALTER TABLE {table} ADD COLUMN "{name}" {kind}')
    for new_table in new_tables(found):
        con.execute(new_table.ddl)
    for view in VIEWS:
        con.execute(view.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    con.execute("UPDATE meta SET value = ? WHERE key = 'format'", [str(FORMAT)])
    con.execute("COMMIT")


def added(found: int) -> Iterator[tuple[str, dict[str, str]]]:
    """By table, the columns that came after a format."""
    tables: dict[str, dict[str, str]] = {}
    for later in range(found + 1, FORMAT + 1):
        for table, columns in ADDED[later].items():
            tables.setdefault(table, {}).update(columns)
    yield from tables.items()


def new_tables(found: int) -> list[Table[Any]]:
    """The tables that came after a format."""
    return [table for later in range(found + 1, FORMAT + 1) for table in NEW.get(later, ())]
