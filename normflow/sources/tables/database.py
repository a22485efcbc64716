"""A table or a query of a database, through its ADBC driver."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from normflow.databases import connected
from normflow.naming import column, dotted
from normflow.sources.tables.refused import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.spec import TableSource


@contextmanager
def read(source: TableSource) -> Iterator[pl.LazyFrame]:
    """The rows, streamed, in the order that the database gives them, in a transaction that may not write.

    PostgreSQL's `numeric` comes as text from its driver, and is Float64 here; other types that Polars does
    not have are what their driver stores them as.

    Raises:
        ConfigError: there is no driver for the address, or it is not installed.
        SourceError: the database cannot be reached or refuses.
    """
    with connected(source.place, source.options, writes=False) as con:
        from adbc_driver_manager import Error

        try:
            with con.cursor() as cursor:
                table = f"SELECT * FROM {dotted(source.table or '')}"  # noqa: S608  (a quoted name)
                cursor.execute(source.query or table)
                yield _plain(pl.scan_arrow_c_stream(cursor.fetch_arrow()))
        except Error as error:
            raise refused(source, error) from error


def _plain(rows: pl.LazyFrame) -> pl.LazyFrame:
    foreign = {
        name: dtype for name, dtype in rows.collect_schema().items() if isinstance(dtype, pl.Extension)
    }
    stored = {name: column(name).ext.storage() for name in foreign}
    return rows.with_columns(
        one.cast(pl.Float64) if '"numeric"' in str(foreign[name]) else one for name, one in stored.items()
    )
