"""An object of a store: uploaded whole, so that readers find the old one or the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.sinks.tables.refused import refused
from normflow.stores import key_of, reaching, store

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.spec import TableSink


def check(sink: TableSink) -> None:
    """See that the bucket can be reached.

    Raises:
        ConfigError: obstore is not installed, or an option of `storage` is wrong.
        SinkError: there is no such bucket, or it refuses.
    """
    held = store(str(sink.place), sink.options)
    try:
        with reaching():
            held.list_with_delimiter(prefix=f"{key_of(str(sink.place))}/")
    except OSError as error:
        raise refused(sink, OSError(error.strerror)) from error


def publish(staged: Path, sink: TableSink, run_id: str) -> None:
    """Upload the staged file; the store shows it when all of it is there.

    Raises:
        SinkError: the store refuses, or cannot be reached.
    """
    held = store(str(sink.place), sink.options)
    try:
        with reaching(), staged.open("rb") as file:
            held.put(key_of(str(sink.place)), file, attributes={"normflow_run": run_id})
    except OSError as error:
        raise refused(sink, OSError(error.strerror)) from error
