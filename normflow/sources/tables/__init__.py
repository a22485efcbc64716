"""Sources that are no files: one module a kind, each with the function of `Reader`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from normflow.sources.reading import reading
from normflow.sources.tables import database, duckdb, stream
from normflow.spec.tables import STREAM

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


READERS: Mapping[str, Reader] = {"duckdb": duckdb, "database": database, STREAM: stream}


@contextmanager
def read(source: TableSource) -> Iterator[pl.LazyFrame]:
    """See `Reader`; whatever goes wrong while the rows are read is a `SourceError`."""
    with reading(source.named), READERS[source.kind].read(source) as rows:
        yield rows


def schema(source: TableSource) -> pl.Schema:
    """The names and types of the columns.

    Raises:
        SourceError: the table is not there or cannot be read; two columns have one name.
    """
    with read(source) as rows:
        return rows.collect_schema()
