"""Sources that are no files: one module a kind, each with the function of `Reader`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from normflow.sources.reading import reading
from normflow.sources.tables import database, delta, duckdb, iceberg, plugin, stream
from normflow.spec.tables import DELTA, ICEBERG, PLUGIN, STREAM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    import polars as pl

    from normflow.spec import TableSource


class Reader(Protocol):
    """How the tables of one kind are read."""

    def read(self, source: TableSource) -> AbstractContextManager[pl.LazyFrame]:
        """The rows, to be collected once; the schema is known without reading one.

        Raises:
            SourceError: the table is not there or cannot be read.
        """


class Versioned(Reader, Protocol):
    """How the tables of a kind are read that keep their versions."""

    def pinned(self, source: TableSource) -> TableSource:
        """The source at the version that is its newest now.

        Raises:
            SourceError: the table is not there or cannot be read.
        """


VERSIONED: Mapping[str, Versioned] = {DELTA: delta, ICEBERG: iceberg}
READERS: Mapping[str, Reader] = {
    "duckdb": duckdb,
    "database": database,
    STREAM: stream,
    PLUGIN: plugin,
    **VERSIONED,
}


@contextmanager
def read(source: TableSource) -> Iterator[pl.LazyFrame]:
    """See `Reader`; whatever goes wrong while the rows are read is a `SourceError`."""
    with reading(source.named), READERS[source.kind].read(source) as rows:
        yield rows


def pinned(source: TableSource) -> TableSource:
    """The source at one version, where its kind has versions: the newest, unless it names one.

    Raises:
        SourceError: the table is not there or cannot be read.
    """
    if source.kind not in VERSIONED or source.version is not None:
        return source
    with reading(source.named):
        return VERSIONED[source.kind].pinned(source)


def schema(source: TableSource) -> pl.Schema:
    """The names and types of the columns.

    Raises:
        SourceError: the table is not there or cannot be read; two columns have one name.
    """
    with read(source) as rows:
        return rows.collect_schema()
