"""The rows of a staged Parquet file as a stream of Arrow batches."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyarrow import RecordBatchReader


@contextmanager
def batches(staged: Path) -> Iterator[RecordBatchReader]:
    """The rows, one batch in memory at a time."""
    from pyarrow import RecordBatchReader, parquet

    # buffered beforehand, all that was read would stay until the end
    with parquet.ParquetFile(staged, pre_buffer=False) as file:
        yield RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches())
