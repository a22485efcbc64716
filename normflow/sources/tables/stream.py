"""An Arrow IPC stream from standard input."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SourceError
from normflow.extras import required
from normflow.sources.tables.refused import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.spec import TableSource


@contextmanager
def read(source: TableSource) -> Iterator[pl.LazyFrame]:
    """The rows of the stream, batch by batch.

    Raises:
        ConfigError: pyarrow, which reads it, is not installed.
        SourceError: nothing is piped in, or it is no Arrow stream.
    """
    required("pyarrow", "arrow", "streams are read")
    from pyarrow import ArrowInvalid, ipc

    if sys.stdin.isatty():
        raise SourceError(
            "nothing is piped in", where=source.named, hint="write it as: … | normflow run FILE"
        )
    try:
        with ipc.open_stream(sys.stdin.buffer) as stream:
            yield pl.scan_arrow_c_stream(stream)
    except ArrowInvalid as error:
        raise refused(source, error, "pipe an Arrow IPC stream in") from error
