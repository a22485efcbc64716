"""Writing rows as one more consumer of a streaming plan, the same bytes for the same rows."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import polars as pl

from normflow.errors import SchemaError, SinkError
from normflow.sinks import tables
from normflow.sinks.options import writer_options
from normflow.sinks.stage import UNTOUCHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polars._typing import IpcCompression

    from normflow.spec import FileFormat, SinkSpec

ROW_GROUP_BYTES = 32 * 2**20
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def sink(lf: pl.LazyFrame, staged: Path | pl.PartitionBy, spec: SinkSpec) -> pl.LazyFrame:
    """The plan that writes `lf` to the staged file when it is collected, in order.

    Nothing about the file depends on threads or batches: row groups have a size of their own, chosen from the
    number of columns. For a lake the columns take its types. With `partition_by` it is a folder, with one
    file for each combination of values.

    Raises:
        ConfigError: see `writer_options`.
        SchemaError: a column of a type that the format cannot hold.
    """
    options = writer_options(spec)
    schema = lf.collect_schema()
    _check_types(schema, spec.format)
    lf = tables.in_types_of(spec.lake, lf) if spec.lake else lf
    size = options.row_group_size or row_group_size(len(schema))
    if spec.partition_by and isinstance(staged, Path):
        staged = _folders(staged, spec)
    match spec.format:
        case "parquet":
            return lf.sink_parquet(
                staged,
                compression=options.compression,
                compression_level=options.compression_level,
                row_group_size=size,
                maintain_order=True,
                lazy=True,
            )
        case "ipc":
            return lf.sink_ipc(
                staged,
                compression=cast("IpcCompression", options.compression),
                record_batch_size=size,
                maintain_order=True,
                lazy=True,
            )
        case "ndjson":
            return lf.sink_ndjson(staged, check_extension=False, maintain_order=True, lazy=True)
        case "csv" | "tsv":
            return lf.sink_csv(
                staged,
                separator="\t" if spec.format == "tsv" else ",",
                check_extension=False,
                maintain_order=True,
                lazy=True,
            )


def _folders(staged: Path, spec: SinkSpec) -> pl.PartitionBy:
    """`key=value` folders, each with one file, whatever its size."""
    return pl.PartitionBy(
        staged, key=list(spec.partition_by), include_key=False, approximate_bytes_per_file=None
    )


def row_group_size(columns: int) -> int:
    """Rows in a group: the largest power of two that keeps 8-byte columns within 32 MiB."""
    return 1 << max(0, (ROW_GROUP_BYTES // (8 * max(1, columns))).bit_length() - 1)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell a full or read-only disk, met while rows stream, as one error that names the sink."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        number = _error_number(error)
        if number not in NO_ROOM:
            raise
        raise SinkError(
            f"cannot be written: {os.strerror(number)}",
            where=str(path),
            hint=f"make room and run again; {UNTOUCHED}",
        ) from error


def _error_number(error: Exception) -> int | None:
    """The system's error number; Polars keeps it in the text only."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else None


def _check_types(schema: pl.Schema, file_format: FileFormat) -> None:
    for name, dtype in schema.items():
        if not _can_hold(file_format, dtype):
            raise SchemaError(
                f"column '{name}' has the type {dtype}, which {file_format} cannot hold",
                hint="drop it, or write parquet",
            )


def _can_hold(file_format: FileFormat, dtype: pl.DataType) -> bool:
    """Whether the writer takes the type; asked here because it would only notice while rows stream."""
    if dtype == pl.Object:
        return False
    if file_format in {"csv", "tsv"}:
        return not (
            dtype.is_nested() or dtype in (pl.Binary, pl.Duration)
        )  # a set would miss them: equal, not equally hashed
    return file_format != "ndjson" or "Binary" not in str(dtype)
