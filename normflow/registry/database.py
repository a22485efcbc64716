"""Opening the DuckDB file: made whole or not at all, refused when it is something else, told in sentences.

The storage format is the one DuckDB 1.0 reads, so that older programs can open the registry too.
"""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import duckdb

from normflow.errors import FormatError, NormflowError, RegistryBusyError, RegistryError, RegistryWarning
from normflow.lasting import renamed
from normflow.locks import pauses
from normflow.naming import quoted
from normflow.registry.migrate import migrate, read_as_current
from normflow.registry.tables import FORMAT, META, TABLES, VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

STORAGE = "v1.0.0"
NAME_ANOTHER = "name another file with `registry:`"
WAY_BACK = (
    "restore a backup of it, or move it and its .wal away: the next run makes a new one, and outputs stay"
)
DAMAGE = (duckdb.InternalException, duckdb.FatalException, duckdb.SerializationException)
SIGNS_OF_DAMAGE = ("Corrupt", "corrupt", "Could not read enough bytes", "replaying WAL")
# Whatever a view of the file says, no other file is read or written, and no extension is loaded.
SEALED: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": STORAGE,
    "enable_external_access": "false",
}
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
    log = file.with_name(f"{file.name}.wal")
    if log.exists():  # of a file that was moved away: DuckDB would write its rows into the new one
        log.replace(log.with_name(f"{log.name}.old"))
    renamed(new, file)


@contextmanager
def opened(file: Path, path: Path, *, read_only: bool, wait: float) -> Iterator[DuckDBPyConnection]:
    """A connection to a registry, closed at the end.

    One of an earlier format is read as it stands, and brought to this one where it is to be written. One of a
    later format is read as far as its tables have the columns known here, with a `RegistryWarning`. `path` is
    the name of `file` that errors give.

    Raises:
        FormatError: a newer version wrote the registry, and it lacks what is asked of it; a newer DuckDB did.
        RegistryBusyError: a program that does not know our lock file holds the database.
        RegistryError: the file is no registry, is damaged, or is to be written and a newer version wrote it.
    """
    with told(path):
        con = _connect_patiently(file, path, read_only=read_only, wait=wait)
        try:
            found = _format_of(con, path)
            if found < FORMAT and read_only:
                (name,) = con.execute("SELECT current_database()").fetchone() or ("",)
                read_as_current(con.execute, found, f"{quoted(name)}.main")
            elif found < FORMAT:
                migrate(con, file, path, found)
            elif found > FORMAT and not read_only:
                raise newer(path, found)
            with as_known(path, found, (duckdb.BinderException, duckdb.CatalogException)):
                yield con
        finally:
            con.close()


@contextmanager
def as_known(path: object, found: int, lacking: tuple[type[Exception], ...]) -> Iterator[None]:
    """Say that a registry of a later format is only read, and where even that is not possible.

    `lacking` are the database's errors for a column or table that is not there.
    """
    if found <= FORMAT:
        yield
        return
    later = f"was written by a newer normflow (format {found}, this one writes {FORMAT})"
    warnings.warn(f"{path}: {later}; it is only read", RegistryWarning, stacklevel=1)
    try:
        yield
    except lacking as error:
        what = f"{later} and lacks what this one asks for"
        raise FormatError(what, where=str(path), hint="upgrade normflow") from error


def require_ours(file: Path, path: Path, *, wait: float) -> None:
    """See that a registry is of no later format, so that it may be written; changes nothing.

    Raises:
        RegistryError: it is.
    """
    with told(path):
        con = _connect_patiently(file, path, read_only=True, wait=wait)
        try:
            if (found := _format_of(con, path)) > FORMAT:
                raise newer(path, found)
        finally:
            con.close()


def newer(path: object, found: int) -> RegistryError:
    """The error for writing to a registry of a later format."""
    what = f"was written by a newer normflow (format {found}, this one writes {FORMAT}) and is only read"
    return RegistryError(
        what, where=str(path), hint="upgrade normflow, or name another file with `registry:`"
    )


def copied(file: Path, new: Path, path: object) -> None:
    """Write all that a registry holds to a new file, which takes only the room that this needs."""
    with told(path):
        con = duckdb.connect()  # not sealed: it opens two files, and runs nothing of what is in them
        try:
            con.execute(f"ATTACH {_text(file)} AS old (READ_ONLY)")
            con.execute(f"ATTACH {_text(new)} AS new (STORAGE_VERSION '{STORAGE}')")
            con.execute("COPY FROM DATABASE old TO new")
        finally:
            con.close()


def _text(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"


@contextmanager
def told(path: object) -> Iterator[None]:
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
    con = duckdb.connect(file, read_only=read_only, config=SEALED)
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


def missing(path: object) -> RegistryError:
    """The error for reading a registry that was never written."""
    return RegistryError("no registry here", where=str(path), hint="`normflow run` makes one")


def busy(path: object, holder: str, wait: float) -> RegistryBusyError:
    """The error for a registry that somebody else holds."""
    return RegistryBusyError(
        f"{holder} holds the registry (waited {wait:g} s)", where=str(path), hint="try again when it is done"
    )


def _format_of(con: DuckDBPyConnection, path: Path) -> int:
    try:
        found = con.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        found = None
    if found is None or not str(found[0]).isdecimal() or int(found[0]) < 1:
        raise RegistryError(
            "is a DuckDB database but no normflow registry", where=str(path), hint=NAME_ANOTHER
        )
    return int(found[0])


def _told(error: duckdb.Error, path: object) -> NormflowError:
    text = str(error).splitlines()[0]
    if "not a valid DuckDB database" in text or "Cannot launch in-memory database" in text:
        # the second where DuckDB knows the file as data, such as Parquet
        return RegistryError("is no DuckDB database", where=str(path), hint=NAME_ANOTHER)
    if "Trying to read a database file with version number" in text:
        return FormatError("was written by a newer DuckDB", where=str(path), hint="upgrade duckdb")
    if isinstance(error, DAMAGE) or any(sign in text for sign in SIGNS_OF_DAMAGE):
        return RegistryError(f"is damaged ({text.split(':')[0]})", where=str(path), hint=WAY_BACK)
    if full := re.search(r"Could not write file .*: (.+)|(No space left on device)", text):
        what = f"the registry cannot be written: {full[1] or full[2]}"
        return RegistryError(what, where=str(path), hint="make room and run again")
    return RegistryError(text, where=str(path))
