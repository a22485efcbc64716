"""A table or a query of a DuckDB file."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SourceError
from normflow.naming import dotted
from normflow.sources.tables.refused import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import Statement

    from normflow.spec import TableSource


@contextmanager
def read(source: TableSource) -> Iterator[pl.LazyFrame]:
    """The rows, streamed, in the order that DuckDB gives them; the file is opened for reading only.

    Raises:
        SourceError: there is no such file, it is no DuckDB file, or another process writes it; the query is
            not one SELECT, or DuckDB refuses it.
    """
    import duckdb

    if not Path(source.place).is_file():
        raise SourceError("no such file", where=str(source.place), hint="check the path")
    try:
        with duckdb.connect(source.place, read_only=True) as con:
            if source.query:
                _require_select(con.extract_statements(source.query), source)
            asked = source.query or f"SELECT * FROM {dotted(source.table or '')}"  # noqa: S608  (a quoted name)
            yield pl.scan_arrow_c_stream(con.sql(asked))
    except duckdb.IOException as error:
        busy = "lock" in str(error)
        raise refused(source, error, "wait until no other process writes it" if busy else "") from error
    except duckdb.Error as error:
        raise refused(source, error) from error


def _require_select(statements: list[Statement], source: TableSource) -> None:
    if [one.type.name for one in statements] != ["SELECT"]:
        raise SourceError("the query is not one SELECT", where=source.named, hint="write one SELECT")
