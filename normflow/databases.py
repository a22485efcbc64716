"""Databases: which driver an address asks for, and how it connects."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from normflow.errors import ConfigError, SourceError
from normflow.naming import without_secrets
from normflow.spec.secrets import masked, revealed
from normflow.spec.tables import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from normflow.spec import Options

DRIVERS = {
    "postgresql": "adbc_driver_postgresql",
    "postgres": "adbc_driver_postgresql",
    "sqlite": "adbc_driver_sqlite",
    "snowflake": "adbc_driver_snowflake",
    "grpc": "adbc_driver_flightsql",
    "grpc+tls": "adbc_driver_flightsql",
}
SHIPPED = ("adbc_driver_postgresql", "adbc_driver_sqlite")
READ_ONLY = {
    "adbc_driver_postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "adbc_driver_sqlite": "PRAGMA query_only = ON",
}


@contextmanager
def connected(address: str | Path, options: Options, *, writes: bool) -> Iterator[Any]:
    """A connection by the driver of the address, closed at the end; what was not committed is undone.

    Raises:
        ConfigError: no driver is known for the address, or it is not installed.
        SourceError: the database cannot be reached.
    """
    library, module = _driver(str(address))
    from adbc_driver_manager import Error

    given = {name: str(value) for name, value in opened(options).items()}
    uri = str(revealed(str(address))).removeprefix("sqlite:///")
    try:
        con = module.connect(uri, **({"db_kwargs": given} if given else {}))
    except Error:
        # what the driver says may hold the address, and with it the password
        shown = masked(without_secrets(str(address)))
        raise SourceError(
            "the database cannot be reached, or refuses the login",
            where=shown,
            hint="check host, port, user and password",
        ) from None
    with con:
        if library in READ_ONLY and not writes:
            with con.cursor() as cursor:
                cursor.execute(READ_ONLY[library])
            con.commit()
        yield con


def _driver(address: str) -> tuple[str, Any]:
    scheme = address.partition("://")[0]
    library = DRIVERS.get(scheme)
    if library is None:
        raise ConfigError(f"no driver for {scheme}:// is known", hint=f"known: {', '.join(sorted(DRIVERS))}")
    try:
        return library, import_module(f"{library}.dbapi")
    except ImportError:
        package = "'normflow-etl[database]'" if library in SHIPPED else library.replace("_", "-")
        what = f"{scheme}:// is read and written with {library}, which is not installed"
        raise ConfigError(what, hint=f"pip install {package}") from None
