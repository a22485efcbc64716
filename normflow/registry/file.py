"""A registry in a DuckDB file: locked beside it, opened for a moment, made when it is first written."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from normflow import __version__
from normflow.errors import RegistryError
from normflow.locks import Busy, FileLock
from normflow.registry import database
from normflow.registry.group_rows import insert_groups
from normflow.registry.tables import to_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from normflow.registry.records import GroupRows
    from normflow.registry.tables import Row, Table

AT_A_TIME = 256  # rows of a statement
UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


class FileConnection:
    """A transaction on a DuckDB file."""

    whole = "bit_xor(hash(one))"  # DuckDB compares the checksum of each block that it reads
    here = ""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self.con = con

    def execute(self, query: str, values: Sequence[object] = ()) -> DuckDBPyConnection:
        """Ask or do one thing."""
        return self.con.execute(query, list(values))

    def stream(self, query: str, size: int) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, `size` at a time."""
        result = self.con.execute(query)
        while rows := result.fetchmany(size):
            yield from rows

    def insert(self, table: Table[Row], rows: Sequence[Row], *, absent_only: bool) -> None:
        """Add rows as lists, one a column: a thousand times faster than row by row.

        One statement for all would hold each list as often as it has vectors: 20,000 states took 24 GB.
        """
        values = ", ".join(f"unnest(?::{kind}[])" for kind in table.types.values())
        verb = "INSERT OR IGNORE" if absent_only else "INSERT"
        for start in range(0, len(rows), AT_A_TIME):
            part = rows[start : start + AT_A_TIME]
            columns = [[to_sql(getattr(row, name)) for row in part] for name in table.types]
            self.con.execute(f"{verb} INTO {table.name} ({table.columns}) SELECT {values}", columns)

    def insert_groups(self, rows: GroupRows) -> None:
        """Add the parameters of many groups."""
        insert_groups(self.con, rows)


class FileStore:
    """The file, its lock and its log. `path` is its name in errors, `wait` how many seconds others may take.

    A process that dies leaves no lock behind, since the system takes its locks away, and DuckDB undoes what
    was not committed.
    """

    def __init__(self, path: Path, wait: float) -> None:
        self.path, self.wait = path, wait
        self._file = path.resolve()  # two names for one file share one lock

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded here."""
        return self._file.exists()

    @contextmanager
    def writing(self) -> Iterator[FileConnection]:
        """A transaction that may write, alone; the file is made where there is none."""
        with self._locked(shared=False), self._open(read_only=False) as con, database.transaction(con):
            yield FileConnection(con)

    @contextmanager
    def reading(self) -> Iterator[FileConnection]:
        """One state of the file; readers do not wait for each other."""
        self._require()
        with self._locked(shared=True), self._open(read_only=True) as con:
            yield FileConnection(con)

    @contextmanager
    def alone(self) -> Iterator[Path]:
        """The file while nobody else may open it, with all of the registry in it and no log beside it."""
        self._require()
        with self._locked(shared=False):
            self._require_ours()
            logged = self._log.exists()
            with self._open(read_only=not logged) as con:
                if logged:
                    con.execute("CHECKPOINT")
            yield self._file

    def require_ours(self) -> None:
        """See that no newer normflow wrote the file, if there is one."""
        if self.exists:
            with self._locked(shared=True):
                self._require_ours()

    def _require(self) -> None:
        if not self.exists:
            raise database.missing(self.path)

    def _require_ours(self) -> None:
        database.require_ours(self._file, self.path, wait=self.wait)

    def _open(self, *, read_only: bool) -> AbstractContextManager[DuckDBPyConnection]:
        return database.opened(self._file, self.path, read_only=read_only, wait=self.wait)

    @contextmanager
    def _locked(self, *, shared: bool) -> Iterator[None]:
        lock = self._acquire(shared=shared)
        try:
            if not shared:
                self._prepare()
            yield
        finally:
            if lock is not None:
                lock.release()

    def _acquire(self, *, shared: bool) -> FileLock | None:
        lock_file = self._file.with_name(f"{self._file.name}.lock")
        if self._file.is_dir():
            raise RegistryError("is a folder, not a file", where=str(self.path), hint=database.NAME_ANOTHER)
        try:
            return FileLock.acquire(lock_file, wait=self.wait, shared=shared)
        except Busy as busy:
            raise database.busy(self.path, busy.holder, self.wait) from None
        except OSError as error:
            if shared and error.errno in UNWRITABLE:
                return None  # an archived registry can be read; DuckDB's own lock guards it
            raise self._unwritable(error) from error

    def _prepare(self) -> None:
        """Make the registry if there is none; look at an unclean one before opening it for writing.

        Opening for writing changes nothing by itself, except that it folds a write-ahead log in.
        """
        if not self.exists:
            try:
                database.create(self._file, self.path, creator=f"normflow {__version__}")
            except OSError as error:
                raise self._unwritable(error) from error
        elif self._log.exists():
            self._require_ours()

    @property
    def _log(self) -> Path:
        return self._file.with_name(f"{self._file.name}.wal")

    def _unwritable(self, error: OSError) -> RegistryError:
        return RegistryError(
            f"the registry cannot be written: {error.strerror}",
            where=str(self.path),
            hint="make its folder writable, or name another file with `registry:`",
        )
