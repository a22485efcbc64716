"""Lakes: how a Delta table and an Iceberg catalog are reached, and what they say in one sentence."""

from __future__ import annotations

import errno
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from normflow.errors import ConfigError, NormflowError, suggestion
from normflow.extras import required
from normflow.spec.tables import is_remote, without_values
from normflow.stores import polars_options, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deltalake import DeltaTable
    from pyiceberg.catalog import Catalog

    from normflow.spec import Options

RUN = "normflow_run"
"""By what name a commit keeps the run that made it."""
OF_CATALOG = "name"
CONFLICTS = ("CommitFailedError", "CommitFailedException", "ValidationException")


@contextmanager
def asking(options: Options) -> Iterator[None]:
    """Tell what a lake's library says as an `OSError` of one sentence, in which no secret stands.

    They raise what they meet, from any library below them.
    """
    try:
        yield
    except (NormflowError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  (see above)
        raise OSError(errno.EIO, _sentence(error, options)) from None


def delta_table(place: str | Path, storage: Options) -> DeltaTable | None:
    """The table as it is now; None where there is none.

    Raises:
        ConfigError: deltalake is not installed.
        OSError: it cannot be read.
    """
    required("deltalake", "delta", "Delta tables are read and written")
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    with asking(storage):
        try:
            return DeltaTable(str(place), storage_options=delta_options(storage))
        except TableNotFoundError:
            return None


def delta_options(storage: Options) -> dict[str, str] | None:
    """`storage` as deltalake takes it, with its secrets; to be kept no longer than the table."""
    return polars_options(storage) or None


def is_missing(catalog: str | Path) -> bool:
    """Whether it would be a file, and there is none: opening it would make one."""
    return isinstance(catalog, Path) and not catalog.is_file()


@contextmanager
def iceberg_catalog(place: str | Path, options: Options) -> Iterator[Catalog]:
    """A catalog: that of a SQLite file, else one that pyiceberg's configuration or the options describe.

    Raises:
        ConfigError: pyiceberg is not installed; nobody says where the catalog is.
        OSError: it cannot be reached.
    """
    required("pyiceberg", "iceberg", "Iceberg tables are read and written")
    given = polars_options(options)
    name: str | None = given.pop(OF_CATALOG, None)
    if isinstance(place, Path):
        home = place.absolute().parent
        given = {"type": "sql", "uri": f"sqlite:///{home / place.name}", "warehouse": str(home), **given}
        if not is_remote(given["warehouse"]):
            given["warehouse"] = str(home / given["warehouse"])
        name = name or "default"
    elif place and not is_remote(place):
        name = name or place
    with asking(options):
        from pyiceberg.catalog import load_catalog  # which reads pyiceberg's configuration

        _require_known(name, given)
        catalog = load_catalog(name, **given)
    with closing(catalog):
        yield catalog


def _require_known(name: str | None, given: Mapping[str, str]) -> None:
    """See that somebody says where the catalog is.

    Raises:
        ConfigError: neither the options nor pyiceberg's configuration do.
    """
    from pyiceberg.catalog import list_catalogs

    known = list_catalogs()
    if {"type", "uri"}.isdisjoint(given) and (name or "default") not in known:
        what = f"pyiceberg's configuration has no catalog '{name or 'default'}'"
        raise ConfigError(
            what, hint=suggestion(name or "", known) or "write catalog: FILE.db, or options: {type, uri, …}"
        )


def _sentence(error: Exception, options: Options) -> str:
    kind, text = type(error).__name__, str(error)
    if kind in CONFLICTS:
        return "another writer committed meanwhile"
    if kind == "ConnectionError":  # Python's, or that of requests
        return "the catalog cannot be reached"
    return sentence(without_values(text, options)) if text.strip() else kind
