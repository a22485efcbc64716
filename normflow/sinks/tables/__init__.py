"""Sinks that are no local files: one module a kind, each with the two functions of `Writer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from normflow.sinks.tables import (
    database,
    delta,
    duckdb,
    iceberg,
    object,  # noqa: A004  (named as its kind)
    plugin,
    stream,
)
from normflow.sinks.tables.lake_types import in_types_of
from normflow.spec.tables import DELTA, ICEBERG, OBJECT, PLUGIN, STREAM

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from normflow.spec import TableSink

__all__ = ["ONCE", "check", "in_types_of", "publish"]

ONCE = (STREAM,)
"""Kinds that cannot take the same rows a second time."""


class Writer(Protocol):
    """How rows are put into a table of one kind."""

    def check(self, sink: TableSink) -> None:
        """See that rows can be put there, before one is read.

        Raises:
            ConfigError: what writes there is not installed, or an option is wrong.
            SinkError: the place is not there, or refuses; SinkBusyError where another process holds it.
        """

    def publish(self, staged: Path, sink: TableSink, run_id: str) -> None:
        """Replace what is there by the rows of a staged file, in one step; a second time changes nothing.

        Raises:
            SinkError: it was refused, and what was there is untouched.
        """


class Lake(Writer, Protocol):
    """How rows are put into a table whose columns have types that it keeps."""

    def suits(self, sink: TableSink, columns: Mapping[str, pl.DataType]) -> None:
        """See that the table can take these columns, before a row is read.

        Raises:
            SchemaError: a column of a type that such tables have nothing for.
            SinkError: the table that is there cannot take them.
        """


LAKES: Mapping[str, Lake] = {DELTA: delta, ICEBERG: iceberg}
WRITERS: Mapping[str, Writer] = {
    "duckdb": duckdb,
    "database": database,
    OBJECT: object,
    STREAM: stream,
    PLUGIN: plugin,
    **LAKES,
}


def check(sink: TableSink, columns: Mapping[str, pl.DataType]) -> None:
    """See `Writer`; `columns` are those that leave."""
    WRITERS[sink.kind].check(sink)
    if sink.kind in LAKES:
        LAKES[sink.kind].suits(sink, columns)


def publish(staged: Path, sink: TableSink, run_id: str) -> None:
    """See `Writer`."""
    WRITERS[sink.kind].publish(staged, sink, run_id)
