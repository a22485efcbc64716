"""A handle on a registry file: who may open it, when, and for how long."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from normflow import __version__
from normflow.errors import RegistryError
from normflow.locks import Busy, FileLock
from normflow.registry import database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from normflow.registry.tables import Table

Row = TypeVar("Row")

UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


class Handle:
    """The path of a registry, and the transactions on it.

    Every method is a transaction of its own, except inside `with registry.transaction():`, which makes one of
    them all. Between transactions nothing is open. A handle belongs to one thread. A process that dies leaves
    no lock behind, since the system takes its locks away, and DuckDB undoes what was not committed.

    Args:
        path: the DuckDB file; it need not exist before the first write.
        wait: how many seconds to wait for other runs.

    Raises:
        RegistryBusyError: another process holds the registry past `wait`.
        FormatError: a newer normflow wrote it, and it lacks what is asked of it.
        RegistryError: the file is no registry, is damaged, or cannot be written, as one of a newer normflow;
            nothing is changed.
    """

    def __init__(self, path: str | Path, *, wait: float = 30.0) -> None:
        self.path = Path(path)
        self.wait = wait
        self._file = self.path.resolve()  # two names for one file share one lock
        self._con: DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open between transactions, so there is nothing to close."""

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded here."""
        return self._file.exists()

    @contextmanager
    def transaction(self) -> Iterator[DuckDBPyConnection]:
        """All that is recorded inside lasts together or not at all; a transaction inside joins this one."""
        if self._con is not None:
            yield self._con
            return
        with self._locked(shared=False), self._open(read_only=False) as con, database.transaction(con):
            yield con

    @contextmanager
    def reading(self) -> Iterator[DuckDBPyConnection]:
        """One state of the registry for several questions; readers do not wait for each other."""
        if self._con is not None:
            yield self._con
            return
        if not self.exists:
            raise self._missing()
        with self._locked(shared=True), self._open(read_only=True) as con:
            yield con

    @contextmanager
    def alone(self) -> Iterator[Path]:
        """The file while nobody else may open it, with all of the registry in it and no log beside it."""
        if not self.exists:
            raise self._missing()
        with self._locked(shared=False):
            self._require_ours()
            logged = self._log.exists()
            with self._open(read_only=not logged) as con:
                if logged:
                    con.execute("CHECKPOINT")
            yield self._file

    def require_ours(self) -> None:
        """See that nothing but a newer normflow wrote the registry, if there is one; changes nothing.

        Raises:
            RegistryError: a newer normflow did.
        """
        if self.exists:
            with self._locked(shared=True):
                self._require_ours()

    def _require_ours(self) -> None:
        database.require_ours(self._file, self.path, wait=self.wait)

    def _select(self, table: Table[Row], clause: str, values: Sequence[object]) -> list[Row]:
        """The records for which the clause holds; none where nothing was ever recorded."""
        if not self.exists:
            return []
        with self.reading() as con:
            return table.select(con, clause, values)

    @contextmanager
    def _open(self, *, read_only: bool) -> Iterator[DuckDBPyConnection]:
        with database.opened(self._file, self.path, read_only=read_only, wait=self.wait) as con:
            self._con = con
            try:
                yield con
            finally:
                self._con = None

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

    def _missing(self) -> RegistryError:
        return RegistryError("no registry here", where=str(self.path), hint="`normflow run` makes one")

    def _unwritable(self, error: OSError) -> RegistryError:
        return RegistryError(
            f"the registry cannot be written: {error.strerror}",
            where=str(self.path),
            hint="make its folder writable, or name another file with `registry:`",
        )
