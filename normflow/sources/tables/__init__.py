"""Sources that are no files: one module a kind, each with the two functions of `Reader`."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from normflow.errors import ConfigError, SourceError
from normflow.sources.reading import reading
from normflow.spec.tables import STREAM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import polars as pl

    from normflow.spec import TableSource

MODULES = {kind: kind for kind in ("duckdb", "database")} | {STREAM: "stream"}


class Reader(Protocol):
    """How the tables of one kind are read."""

    def pinned(self, source: TableSource) -> TableSource:
        """The same, at the version that the table has now; as it is where the kind keeps none.

        Raises:
            SourceError: the table is not there, or not at the version that is asked for.
        """

    def read(self, source: TableSource) -> AbstractContextManager[pl.LazyFrame]:
        """The rows, to be collected once; the schema is known without reading one.

        Raises:
            SourceError: the table is not there or cannot be read.
        """


def pinned(source: TableSource) -> TableSource:
    """See `Reader`."""
    with reading(source.named):
        return _reader(source.kind).pinned(source)


@contextmanager
def read(source: TableSource) -> Iterator[pl.LazyFrame]:
    """See `Reader`; whatever goes wrong while the rows are read is a `SourceError`."""
    with reading(source.named), _reader(source.kind).read(source) as rows:
        yield rows


def schema(source: TableSource) -> pl.Schema:
    """The names and types of the columns.

    Raises:
        SourceError: the table is not there or cannot be read; two columns have one name.
    """
    with read(source) as rows:
        return rows.collect_schema()


def required(library: str, extra: str, what: str) -> None:
    """See that a library is installed.

    Raises:
        ConfigError: it is not.
    """
    try:
        import_module(library)
    except ImportError:
        told = f"{what} are read with {library}, which is not installed"
        raise ConfigError(told, hint=f"pip install 'normflow-etl[{extra}]'") from None


def refused(source: TableSource, error: BaseException, hint: str = "") -> SourceError:
    """What a driver says, as one sentence."""
    first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return SourceError(f"it cannot be read: {first.strip()[:300]}", where=source.named, hint=hint)


def _reader(kind: str) -> Reader:
    return cast("Reader", import_module(f"normflow.sources.tables.{MODULES[kind]}"))
