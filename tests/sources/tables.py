"""Writing a table by the suffix of its file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

WRITERS = {".parquet": "write_parquet", ".csv": "write_csv", ".ndjson": "write_ndjson", ".arrow": "write_ipc"}


def write(path: str, table: pl.DataFrame) -> str:
    """Write a table, with the folders it needs, and give its path back."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    getattr(table, WRITERS[file.suffix])(file)
    return path
