"""A table of a database, its rows replaced in one transaction through the ADBC driver."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from normflow.databases import connected
from normflow.errors import SinkError, SourceError
from normflow.extras import required
from normflow.naming import dotted
from normflow.sinks.tables.batches import batches
from normflow.sinks.tables.refused import refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from normflow.spec import TableSink


def check(sink: TableSink) -> None:
    """See that the database can be reached.

    Raises:
        ConfigError: there is no driver for the address, or it is not installed.
        SinkError: it cannot be reached.
    """
    required("pyarrow", "database", "databases are written")
    with _connected(sink):
        return


def publish(staged: Path, sink: TableSink, run_id: str) -> None:  # noqa: ARG001  (no place for it in a table)
    """Replace the rows of the table, which keeps its rights, indexes and views; made if it is missing.

    Raises:
        SinkError: the database refuses, such as where the columns are others; nothing is changed then.
    """
    schema, _, name = (sink.table or "").rpartition(".")
    with _connected(sink) as con, batches(staged) as rows, con.cursor() as cursor:
        there = _is_there(con, schema, name)
        if there:
            cursor.execute(f"DELETE FROM {dotted(sink.table or '')}")  # noqa: S608  (a quoted name)
        mode = "append" if there else "create"
        cursor.adbc_ingest(name, rows, mode=mode, db_schema_name=schema or None)
        con.commit()


def _is_there(con: Any, schema: str, name: str) -> bool:
    from adbc_driver_manager import ProgrammingError

    try:
        con.adbc_get_table_schema(name, db_schema_filter=schema or None)
    except ProgrammingError:
        con.rollback()
        return False
    return True


@contextmanager
def _connected(sink: TableSink) -> Iterator[Any]:
    try:
        with connected(sink.place, sink.options, writes=True) as con:
            from adbc_driver_manager import Error

            try:
                yield con
            except Error as error:
                raise refused(sink, error) from error
    except SourceError as error:  # it cannot be reached
        raise SinkError(error.what, where=sink.named, hint=error.hint) from None
