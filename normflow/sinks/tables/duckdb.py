"""A table of a DuckDB file, replaced in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normflow.errors import SinkBusyError, SinkError
from normflow.naming import dotted
from normflow.sinks.tables.refused import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.spec import TableSink


def check(sink: TableSink) -> None:
    """See that the file can be written, if it is there, or made.

    Raises:
        SinkError: it is no DuckDB file, or its folder is missing; SinkBusyError where a process holds it.
    """
    place = Path(sink.place)
    if place.exists():
        with _connected(sink):
            return
    if not place.parent.is_dir():
        raise SinkError("its folder is missing", where=str(place), hint=f"make {place.parent}")


def publish(staged: Path, sink: TableSink, run_id: str) -> None:
    """Make the table of the staged rows, in the place of the one that is there.

    Raises:
        SinkError: DuckDB refuses; SinkBusyError where another process holds the file.
    """
    table = dotted(sink.table or "")
    with _connected(sink) as con:
        con.begin()
        schema, _, _ = (sink.table or "").rpartition(".")
        if schema:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {dotted(schema)}")
        rows = "SELECT * FROM read_parquet($1)"
        con.execute(f"CREATE OR REPLACE TABLE {table} AS {rows}", [str(staged)])
        con.execute(f"COMMENT ON TABLE {table} IS 'normflow run {run_id}'")
        con.commit()


@contextmanager
def _connected(sink: TableSink) -> Iterator[Any]:
    import duckdb

    try:
        with duckdb.connect(sink.place) as con:
            yield con
    except duckdb.IOException as error:
        if "lock" in str(error):
            what = "another process holds the file"
            raise SinkBusyError(what, where=sink.named, hint="wait for it to end, then run again") from error
        raise refused(sink, error) from error
    except duckdb.Error as error:
        raise refused(sink, error) from error
