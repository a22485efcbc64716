"""Opening the DuckDB file: made whole or not at all, refused when it is something else, told in sentences.

The storage format is the one DuckDB 1.0 reads, so that older programs can open the registry too.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import duckdb

from normflow.errors import FormatError, NormflowError, RegistryBusyError, RegistryError
from normflow.locks import pauses
from normflow.registry.tables import FORMAT, META, TABLES, VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

STORAGE = "v1.0.0"
NAME_ANOTHER = "name another file with `registry:`"
INTERRUPTED = "Query interrupted"  # all that DuckDB leaves of what a signal handler raises


def create(file: Path, path: Path, *, creator: str) -> None:
    """Make an empty registry: built under another name and renamed, so a crash leaves none or a whole one."""
    new = file.with_name(f".{file.name}.new")
    for leftover in (new, new.with_name(f"{new.name}.wal")):
        leftover.unlink(missing_ok=True)
    with told(path):
        con = _connect(new, read_only=False)
        try:
            con.execute("BEGIN")
            for statement in (META, *(table.ddl for table in TABLES), *VIEWS):
                con.execute(statement)
            con.execute("INSERT INTO meta VALUES ('format', ?), ('creator', ?)", [str(FORMAT), creator])
            con.execute("COMMIT")
        finally:
            con.close()
    new.replace(file)


@contextmanager
def opened(file: Path, path: Path, *, read_only: bool, wait: float) -> Iterator[DuckDBPyConnection]:
    """A connection to a registry of a format this version reads, closed at the end.

    `path` is the name of `file` that errors give.

    Raises:
        FormatError: the registry, or the DuckDB file it is, was written by a newer version.
        RegistryBusyError: a program that does not know our lock file holds the database.
        RegistryError: the file is no registry, or is damaged.
    """
    with told(path):
        con = _connect_patiently(file, path, read_only=read_only, wait=wait)
        try:
            _check_format(con, path)
            yield con
        finally:
            con.close()


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what DuckDB raises into one error that names the registry."""
    try:
        yield
    except duckdb.Error as error:
        raise _told(error, path) from error
    except RuntimeError as error:
        if str(error) != INTERRUPTED:
            raise
        raise KeyboardInterrupt from error


@contextmanager
def transaction(con: DuckDBPyConnection) -> Iterator[None]:
    """All of what happens inside lasts, or none of it."""
    con.execute("BEGIN")
    try:
        yield
        con.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a connection that is beyond a rollback has given up already
            con.execute("ROLLBACK")
        raise


def _connect(file: Path, *, read_only: bool) -> DuckDBPyConnection:
    con = duckdb.connect(file, read_only=read_only, config={"storage_compatibility_version": STORAGE})
    con.execute("SET enable_progress_bar = false")  # it would print into the data on stdout
    return con


def _connect_patiently(file: Path, path: Path, *, read_only: bool, wait: float) -> DuckDBPyConnection:
    """Connect, waiting for others who opened the file with DuckDB itself."""
    for _ in pauses(wait):
        try:
            return _connect(file, read_only=read_only)
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise
            pid = re.search(r"PID (\d+)", str(error))
    raise busy(path, f"process {pid[1]}" if pid else "another process", wait)


def busy(path: Path, holder: str, wait: float) -> RegistryBusyError:
    """The error for a registry that somebody else holds."""
    return RegistryBusyError(
        f"{holder} holds the registry (waited {wait:g} s)", where=str(path), hint="try again when it is done"
    )


def _check_format(con: DuckDBPyConnection, path: Path) -> None:
    try:
        found = con.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        found = None
    if found is None or not str(found[0]).isdigit():
        raise RegistryError(
            "is a DuckDB database but no normflow registry", where=str(path), hint=NAME_ANOTHER
        )
    if int(found[0]) > FORMAT:
        raise FormatError(
            f"was written by a newer normflow (format {found[0]}, this one reads up to {FORMAT})",
            where=str(path),
            hint="upgrade normflow",
        )


def _told(error: duckdb.Error, path: Path) -> NormflowError:
    text = str(error).splitlines()[0]
    if "not a valid DuckDB database" in text or "Cannot launch in-memory database" in text:
        # the second where DuckDB knows the file as data, such as Parquet
        return RegistryError("is no DuckDB database", where=str(path), hint=NAME_ANOTHER)
    if "Trying to read a database file with version number" in text:
        return FormatError("was written by a newer DuckDB", where=str(path), hint="upgrade duckdb")
    if "Corrupt database file" in text or "Could not read enough bytes" in text:
        return RegistryError(
            f"is damaged ({text.split(':')[0]})",
            where=str(path),
            hint="restore it from a backup, or move it away to begin a new one",
        )
    return RegistryError(text, where=str(path))
