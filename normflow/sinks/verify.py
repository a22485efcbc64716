"""Whether a staged file is whole: its rows, its bytes and their hash.

A writer that fails midway can leave a file that reads well and lacks rows, so rows are counted in the file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SinkError, first_line
from normflow.sinks.stage import UNTOUCHED

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.spec import FileFormat

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Digest:
    """The size of a file and the SHA-256 of its bytes."""

    bytes: int
    sha256: str


def digest(path: Path) -> Digest:
    """Read a file through and say what it is; of a folder, all its files with their names, in order."""
    if path.is_dir():
        return _digest_of_folder(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return Digest(file.tell(), sha256)


def _digest_of_folder(folder: Path) -> Digest:
    whole, size = hashlib.sha256(), 0
    for file in files_below(folder):
        one = digest(file)
        size += one.bytes
        whole.update(f"{file.relative_to(folder).as_posix()}\n{one.bytes} {one.sha256}\n".encode())
    return Digest(size, whole.hexdigest())


def files_below(folder: Path) -> list[Path]:
    """The files of a partitioned output, in the order of their names."""
    return sorted(file for file in folder.rglob("*") if file.is_file())


def rows(path: Path, file_format: FileFormat) -> int:
    """How many rows a file, or all files of a folder, hold: by the footer where there is one, else read."""
    if path.is_dir():
        return sum(rows(file, file_format) for file in files_below(path))
    match file_format:
        case "parquet":
            counted = pl.scan_parquet(path, glob=False)
        case "ipc":
            counted = pl.scan_ipc(path, glob=False)
        case "csv" | "tsv":
            separator = "\t" if file_format == "tsv" else ","
            counted = pl.scan_csv(path, separator=separator, infer_schema=False, glob=False)
        case "ndjson":
            with path.open("rb") as file:
                return sum(block.count(b"\n") for block in iter(lambda: file.read(BLOCK), b""))
    return int(counted.select(pl.len()).collect().item())


def verify(staged: Path, path: Path, file_format: FileFormat, expected: int) -> Digest:
    """The digest of a staged file that holds the rows it should.

    Raises:
        SinkError: it holds more or fewer, or cannot be read.
    """
    try:
        found = rows(staged, file_format)
        if found == expected:
            return digest(staged)
        what = f"the staged file holds {found} rows of {expected}"
    except (OSError, pl.exceptions.PolarsError) as error:
        what = f"the staged file cannot be read back: {first_line(error)}"
    raise SinkError(what, where=str(path), hint=f"run again; {UNTOUCHED}")
