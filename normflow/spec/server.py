"""A registry that is no file: the address of a PostgreSQL server, apart from the password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from normflow.spec.secrets import SECRET, revealed

SCHEMES = ("postgresql://", "postgres://")
FORM = "postgresql://user@host:5432/database"
SCHEMA = "normflow"
HIDDEN = ("password", "sslpassword")
ADDRESS = re.compile(r"(?:(?P<login>.*)@)?(?P<hosts>[^@/]*)(?:/(?P<database>[^/]*))?", re.DOTALL)
HOST = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>\d*))?")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a registry lies on a server. A password that the address held stands apart, and is never told.

    A `${secret:NAME}` in place of the password stays in the address, and is asked for when it is used.
    """

    url: str
    password: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        return self.url

    @classmethod
    def of(cls, text: str) -> Server:
        """The server that an address means.

        Raises:
            ValueError: it is no such address; the sentence shows nothing of it, since it may hold a password.
        """
        scheme, _, rest = text.partition("://")
        address, mark, query = rest.partition("?")
        found = ADDRESS.fullmatch(address)
        if f"{scheme}://" not in SCHEMES or not found or "#" in query:
            raise ValueError(
                f"the address of the server cannot be read; write {FORM}, and `/`, `?`, `#` and `@` of a"
                " password as %2F, %3F, %23 and %40"
            )
        if any(key.lower() in HIDDEN for key, _ in parse_qsl(query, keep_blank_values=True)):
            raise ValueError("a password stands before the host: postgresql://user:${secret:NAME}@host/db")
        user, colon, password = (found["login"] or "").partition(":")
        kept = f":{password}" if colon and SECRET.fullmatch(password) else ""
        login = f"{user}{kept}@" if found["login"] is not None else ""
        database = "" if found["database"] is None else f"/{found['database']}"
        server = cls(
            f"postgresql://{login}{found['hosts']}{database}{mark}{query}",
            "" if kept else unquote(password),
        )
        server.options()
        return server

    @property
    def schema(self) -> str:
        """The schema that holds the tables."""
        return dict(self._query()).get("schema", SCHEMA)

    def options(self) -> dict[str, str]:
        """The address as libpq's keywords, the password among them.

        Raises:
            ValueError: a port is no number.
            ConfigError: the environment lacks the secret.
        """
        found = ADDRESS.fullmatch(self.url.partition("://")[2].partition("?")[0])
        assert found is not None  # noqa: S101  (`of` made it)
        user, _, secret = (found["login"] or "").partition(":")
        hosts = [HOST.fullmatch(one) for one in found["hosts"].split(",")]
        if not all(hosts):
            raise ValueError(f"the host and port of the server cannot be read; write {FORM}")
        known = [one for one in hosts if one]
        ports = [one["port"] or "" for one in known]
        given = {
            "host": unquote(",".join(one["host"].strip("[]") for one in known)),
            "port": ",".join(ports) if any(ports) else "",
            "user": unquote(user),
            "password": self.password or str(revealed(unquote(secret))),
            "dbname": unquote(found["database"] or ""),
        }
        given |= {key: value for key, value in self._query() if key != "schema"}
        return {key: value for key, value in given.items() if value}

    def _query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.url.partition("?")[2], keep_blank_values=True)


def registry_files(file: Path) -> tuple[Path, ...]:
    """The file of a registry, and those that DuckDB and we keep beside it: its log and its lock."""
    return (file, *(file.with_name(f"{file.name}.{end}") for end in ("wal", "lock")))


def registry_place(place: str | Path | Server, folder: Path | None = None) -> Path | Server:
    """Where a registry lies: a file, of the folder if its path is relative, or a server.

    Raises:
        ValueError: the address of the server cannot be read.
    """
    if isinstance(place, Server):
        return place
    if isinstance(place, str) and place.startswith(SCHEMES):
        return Server.of(place)
    return Path(place) if folder is None else folder / place
