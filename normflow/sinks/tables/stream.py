"""An Arrow IPC stream to standard output."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from normflow.errors import SinkError
from normflow.extras import required
from normflow.sinks.tables.refused import refused

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.spec import TableSink


def check(sink: TableSink) -> None:
    """See that somebody may read it.

    Raises:
        ConfigError: pyarrow, which writes it, is not installed.
        SinkError: standard output is a terminal.
    """
    required("pyarrow", "arrow", "streams are written")
    if sys.stdout.isatty():
        raise SinkError(
            "Arrow is not for a terminal", where=sink.named, hint="write it as: normflow run FILE | …"
        )


def publish(staged: Path, sink: TableSink, run_id: str) -> None:  # noqa: ARG001  (no place for it in a stream)
    """Write the staged rows, batch by batch.

    Raises:
        SinkError: nobody reads any more.
    """
    from pyarrow import ipc, memory_map

    try:
        with (
            memory_map(str(staged)) as mapped,
            ipc.open_file(mapped) as file,
            ipc.new_stream(sys.stdout.buffer, file.schema) as out,
        ):
            for place in range(file.num_record_batches):
                out.write_batch(file.get_batch(place))
        sys.stdout.buffer.flush()
    except OSError as error:
        raise refused(sink, error, "the reader of the pipe has ended") from error
