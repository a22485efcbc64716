"""What a sink's `options` may say, checked before a row is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeGuard

from normflow.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import FileFormat, Option, SinkSpec

Compression = Literal["zstd", "lz4", "snappy", "gzip", "brotli", "uncompressed"]

KNOWN: Mapping[FileFormat, tuple[str, ...]] = {
    "parquet": ("compression", "compression_level", "row_group_size"),
    "ipc": ("compression", "row_group_size"),
    "csv": (),
    "tsv": (),
    "ndjson": (),
}
COMPRESSIONS: Mapping[FileFormat, tuple[Compression, ...]] = {
    "parquet": ("snappy", "lz4", "zstd", "gzip", "brotli", "uncompressed"),
    "ipc": ("uncompressed", "lz4", "zstd"),
}
LEVELS: Mapping[str, tuple[int, int]] = {"zstd": (1, 22), "gzip": (0, 9), "brotli": (0, 11)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterOptions:
    """How a file is written; None leaves it to the writer, or to the number of columns.

    `row_group_size` is in rows, for Parquet row groups and IPC record batches alike.
    """

    compression: Compression = "uncompressed"
    compression_level: int | None = None
    row_group_size: int | None = None


def writer_options(spec: SinkSpec) -> WriterOptions:
    """The options of a sink, with their defaults.

    Parquet is written with snappy, which every reader knows: on normalized numbers zstd saves a tenth of the
    size and takes a third more of the whole copy's time. zstd means level 1 where no level is given, since
    higher ones save next to nothing. IPC stays uncompressed, so that it can be mapped into memory.

    Raises:
        ConfigError: an option the format does not have, or a value it does not take.
    """
    known = KNOWN[spec.format]
    for name in spec.options:
        if name not in known:
            hint = suggestion(name, known) or "leave `options` out"
            raise _wrong(name, f"no such option of format {spec.format}", hint)
    if not known:
        return WriterOptions()
    compression = _compression(spec.format, spec.options)
    return WriterOptions(
        compression=compression,
        compression_level=_level(compression, spec.options.get("compression_level")),
        row_group_size=_row_group_size(spec.options.get("row_group_size")),
    )


def _compression(file_format: FileFormat, options: Mapping[str, Option]) -> Compression:
    known = COMPRESSIONS[file_format]
    name = options.get("compression", known[0])
    if name not in known:
        raise _wrong(
            "compression", f"{name!r} is no compression of {file_format}", suggestion(str(name), known)
        )
    return name


def _level(compression: Compression, level: Option) -> int | None:
    if level is None:
        return 1 if compression == "zstd" else None
    if compression not in LEVELS:
        raise _wrong(
            "compression_level", f"{compression} has no levels", "leave it out, or write compression: zstd"
        )
    lowest, highest = LEVELS[compression]
    if not _is_int(level) or not lowest <= level <= highest:
        raise _wrong(
            "compression_level",
            f"{level!r} is no level of {compression}",
            f"write a whole number from {lowest} to {highest}",
        )
    return level


def _row_group_size(size: Option) -> int | None:
    if size is None:
        return None
    if not _is_int(size) or size < 1:
        raise _wrong("row_group_size", f"{size!r} is no number of rows", "write a whole number from 1 on")
    return size


def _is_int(value: Option) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(option: str, what: str, hint: str) -> ConfigError:
    return ConfigError(what, where=f"sink.options.{option}", hint=hint)
