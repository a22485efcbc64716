"""A registry on a PostgreSQL server: the same tables, in a schema of their own.

A transaction is a connection. Those that write are one at a time, by an advisory lock that the server drops
with the connection, as a lock file keeps them apart elsewhere. Reading sees one state, and waits for nobody.
"""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import RawCursor, errors

from normflow import __version__
from normflow.errors import ConfigError, RegistryBusyError, RegistryError
from normflow.locks import pauses
from normflow.naming import quoted
from normflow.registry.database import as_known, busy, missing, newer
from normflow.registry.server_connection import ServerConnection, made, upgraded
from normflow.registry.tables import FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from normflow.registry.connection import Connection
    from normflow.spec import Server

HOST = "NORMFLOW_HOST"
CONNECT = {"connect_timeout": "10", "application_name": "normflow"}
FULL = ("too many clients", "remaining connection slots", "too many connections", "starting up")
LACKING = (errors.UndefinedColumn, errors.UndefinedTable)
HAS_META = (
    "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
    " ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = 'meta')"
)
LOCK = "SELECT pg_advisory_xact_lock(hashtext('normflow'), hashtext(?))"
INSTEAD = "use the server's own tools: pg_dump makes a copy, VACUUM FULL gives room back"


class ServerStore:
    """A schema of a database on a server; `wait` is how many seconds to wait for others."""

    def __init__(self, server: Server, wait: float) -> None:
        self.server, self.wait = server, wait
        self._known = False

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded here; asked of the server until it is so."""
        if not self._known:
            with self._told(), self._connected() as con:
                self._known = self._has_tables(con)
        return self._known

    @contextmanager
    def writing(self) -> Iterator[ServerConnection]:
        """A transaction that may write, alone; the tables are made where there are none."""
        with self._told(), self._connected() as con:
            con.execute(LOCK, [self.server.schema])
            if not self._has_tables(con):
                made(con, self.server.schema, creator=f"normflow {__version__}")
            found = self._format(con)
            if found > FORMAT:
                raise newer(self.server, found)
            if found < FORMAT:
                upgraded(con, found)
            yield con
        self._known = True

    @contextmanager
    def reading(self) -> Iterator[ServerConnection]:
        """One state of the tables; readers wait for nobody."""
        with self._told(), self._connected(reading=True) as con:
            if not self._has_tables(con):
                raise missing(self.server)
            found = self._format(con)
            if found < FORMAT:
                con.show_as_current(found, quoted(self.server.schema))
            with as_known(self.server, found, LACKING):
                yield con

    def alone(self) -> Path:
        """Never: there is no file.

        Raises:
            ConfigError: always.
        """
        raise ConfigError("the registry is a database and no file", where=str(self.server), hint=INSTEAD)

    def require_ours(self) -> None:
        """See that no newer normflow made the tables, if there are any."""
        with self._told(), self._connected(reading=True) as con:
            if self._has_tables(con) and (found := self._format(con)) > FORMAT:
                raise newer(self.server, found)

    @contextmanager
    def _connected(self, *, reading: bool = False) -> Iterator[ServerConnection]:
        with self._connect() as con:
            if reading:
                con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            found = ServerConnection(con)
            found.execute(
                "SELECT set_config('search_path', ?, true), set_config('lock_timeout', ?, true),"
                " set_config('normflow.host', ?, true)",
                [
                    quoted(self.server.schema),
                    f"{max(1, round(self.wait * 1000))}ms",
                    os.environ.get(HOST) or socket.gethostname(),
                ],
            )
            yield found

    def _connect(self) -> psycopg.Connection[Any]:
        """Connect, waiting where the server has no room for one more, or only begins."""
        options = {**CONNECT, **self._options()}
        for _ in pauses(self.wait):
            try:
                return psycopg.connect(prepare_threshold=None, cursor_factory=RawCursor, **options)  # type: ignore[arg-type]
            except psycopg.OperationalError as error:
                if not any(sign in str(error) for sign in FULL):
                    raise
        raise RegistryBusyError(
            f"the server has no connection to give (waited {self.wait:g} s)",
            where=str(self.server),
            hint="try again later, or raise its max_connections",
        )

    def _options(self) -> dict[str, str]:
        try:
            return self.server.options()
        except ValueError as error:
            raise ConfigError(str(error), where=str(self.server)) from None

    def _has_tables(self, con: Connection) -> bool:
        """Whether there is a registry, as this transaction sees it: to_regclass would look past it."""
        found = con.execute(HAS_META, [self.server.schema]).fetchone()
        return bool(found[0])

    def _format(self, con: Connection) -> int:
        try:
            found = con.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        except LACKING:
            found = None
        if found is None or not str(found[0]).isdecimal() or int(found[0]) < 1:
            raise RegistryError(
                f"the schema '{self.server.schema}' holds something else and no normflow registry",
                where=str(self.server),
                hint="name another with ?schema=",
            )
        return int(found[0])

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the driver raises into one error that names the server, and never shows its password.

        The driver's own error is not kept as its cause: what it quotes is not ours to know.
        """
        try:
            yield
        except errors.LockNotAvailable:
            raise busy(self.server, "another process", self.wait) from None
        except psycopg.Error as error:
            what, hint = self._first_line(error), ""
            if isinstance(error, psycopg.OperationalError):
                what, hint = f"the server cannot be asked ({what})", "see that it runs and lets you in"
            raise RegistryError(what, where=str(self.server), hint=hint) from None

    def _first_line(self, error: psycopg.Error) -> str:
        text = (str(error).strip().splitlines() or [type(error).__name__])[0]
        password = self._options().get("password", "")
        return text.replace(password, "***") if password else text
