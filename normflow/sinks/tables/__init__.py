"""Sinks that are no local files: one module a kind, each with the two functions of `Writer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from normflow.sinks.tables import database, duckdb, object, stream  # noqa: A004  (named as its kind)
from normflow.spec.tables import OBJECT, STREAM

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from normflow.spec import TableSink

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


WRITERS: Mapping[str, Writer] = {"duckdb": duckdb, "database": database, OBJECT: object, STREAM: stream}


def check(sink: TableSink) -> None:
    """See `Writer`."""
    WRITERS[sink.kind].check(sink)


def publish(staged: Path, sink: TableSink, run_id: str) -> None:
    """See `Writer`."""
    WRITERS[sink.kind].publish(staged, sink, run_id)
