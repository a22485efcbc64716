"""A handle on a registry: its transactions, wherever it lies."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar

from normflow.errors import ConfigError
from normflow.registry.file import FileStore
from normflow.spec import Server, registry_files, registry_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from normflow.registry.connection import Connection, Store
    from normflow.registry.tables import Table

Row = TypeVar("Row")


class Handle:
    """The place of a registry, and the transactions on it.

    Every method is a transaction of its own, except inside `with registry.transaction():`, which makes one of
    them all. Between transactions nothing is open. A handle belongs to one thread.

    Args:
        path: the DuckDB file, or `postgresql://user@host/database`; it need not exist before the first write.
        wait: how many seconds to wait for other runs.

    Raises:
        ConfigError: the address cannot be read, or the driver of the server is not installed.
        RegistryBusyError: another process holds the registry past `wait`.
        FormatError: a newer normflow wrote it, and it lacks what is asked of it.
        RegistryError: it is no registry, is damaged, out of reach, or cannot be written, as one of a newer
            normflow; nothing is changed.
    """

    def __init__(self, path: str | Path | Server, *, wait: float = 30.0) -> None:
        try:
            self.path = registry_place(path)
        except ValueError as error:
            raise ConfigError(str(error), where="registry") from None
        self.wait = wait
        self._store = _store(self.path, wait)
        self._con: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open between transactions, so there is nothing to close."""

    @property
    def place(self) -> str:
        """The place as a record names it: the absolute path, or the address without its password."""
        return str(self.path if isinstance(self.path, Server) else self.path.resolve())

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded here."""
        return self._con is not None or self._store.exists

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All that is recorded inside lasts together or not at all; a transaction inside joins this one."""
        with self._joined(self._store.writing) as con:
            yield con

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of the registry for several questions; readers do not wait for each other."""
        with self._joined(self._store.reading) as con:
            yield con

    def alone(self) -> AbstractContextManager[Path]:
        """The file while nobody else may open it, with all of the registry in it and no log beside it.

        Raises:
            ConfigError: the registry is no file.
        """
        return self._store.alone()

    def require_other(self, path: Path) -> None:
        """See that a file which is to be written is not the registry, its log or its lock.

        Raises:
            ConfigError: it is.
        """
        if isinstance(self.path, Server):
            return
        file = self.path.resolve()
        if path.resolve() in registry_files(file) or (
            path.exists() and file.exists() and path.samefile(file)
        ):
            raise ConfigError("is the registry", where=str(path), hint="write to another file")

    def require_ours(self) -> None:
        """See that no newer normflow wrote the registry, if there is one; changes nothing.

        Raises:
            RegistryError: a newer normflow did.
        """
        self._store.require_ours()

    def _select(self, table: Table[Row], clause: str, values: Sequence[object]) -> list[Row]:
        """The records for which the clause holds; none where nothing was ever recorded."""
        if not self.exists:
            return []
        with self.reading() as con:
            return table.select(con, clause, values)

    @contextmanager
    def _joined(self, begin: Callable[[], AbstractContextManager[Connection]]) -> Iterator[Connection]:
        if self._con is not None:
            yield self._con
            return
        with begin() as con:
            self._con = con
            try:
                yield con
            finally:
                self._con = None


def _store(place: Path | Server, wait: float) -> Store:
    if not isinstance(place, Server):
        return FileStore(place, wait)
    try:
        from normflow.registry.postgres import ServerStore
    except ImportError as error:
        raise ConfigError(
            "a registry in PostgreSQL needs psycopg",
            where=str(place),
            hint="pip install 'normflow-etl[postgres]'",
        ) from error
    return ServerStore(place, wait)
