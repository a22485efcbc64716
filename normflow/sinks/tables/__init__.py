"""Sinks that are no local files: one module a kind, each with the two functions of `Writer`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from normflow.errors import ConfigError, SinkError
from normflow.sinks.stage import UNTOUCHED
from normflow.spec.tables import OBJECT, STREAM

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.spec import TableSink

MODULES = {kind: kind for kind in ("duckdb", "database", OBJECT)} | {STREAM: "stream"}
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


def check(sink: TableSink) -> None:
    """See `Writer`."""
    _writer(sink.kind).check(sink)


def publish(staged: Path, sink: TableSink, run_id: str) -> None:
    """See `Writer`."""
    _writer(sink.kind).publish(staged, sink, run_id)


def required(library: str, extra: str, what: str) -> None:
    """See that a library is installed.

    Raises:
        ConfigError: it is not.
    """
    try:
        import_module(library)
    except ImportError:
        told = f"{what} are written with {library}, which is not installed"
        raise ConfigError(told, hint=f"pip install 'normflow-etl[{extra}]'") from None


def refused(sink: TableSink, error: BaseException, hint: str = UNTOUCHED) -> SinkError:
    """What a driver says, as one sentence."""
    first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return SinkError(f"cannot be written: {first.strip()[:300]}", where=sink.named, hint=hint)


def _writer(kind: str) -> Writer:
    return cast("Writer", import_module(f"normflow.sinks.tables.{MODULES[kind]}"))
