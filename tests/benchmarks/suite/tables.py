"""The files that the tasks read, each made once, in a process of its own, and kept in the cache folder.

Run: python -m tests.benchmarks.suite.tables KIND ROWS COLUMNS PATH
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.benchmarks.suite.processes import measured, module
from tests.benchmarks.suite.tasks import PARTITIONS

SMALL_FILES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large the tables are: rows of the main table, and of the others."""

    rows: int
    tiny: int = 1000
    wide: int = 100_000
    columns: int = 2000


def made(kind: str, sizes: Sizes, cache: Path) -> str:
    """The path or glob of a table of the cache, which is made if it is not there."""
    rows = {"tiny": sizes.tiny, "wide": sizes.wide}.get(kind, sizes.rows)
    columns = sizes.columns if kind == "wide" else 20
    path = cache / f"{kind}-{rows}x{columns}{SUFFIX.get(kind, '.parquet')}"
    if not path.exists():
        measured(module("suite.tables", kind, rows, columns, path), cache)
    return str(path / "*.parquet" if path.is_dir() else path)


SUFFIX = {"days": "", "small": "", "csv": ".csv"}


def _make(kind: str, rows: int, columns: int, path: Path) -> None:
    """Make a table under another name, and rename it: what is there is whole."""
    import polars as pl

    from tests.benchmarks.data import write

    part = path.with_name(f"part-{path.name}")
    if kind in {"days", "small", "csv"}:
        main = pl.scan_parquet(made("main", Sizes(rows=rows), path.parent))
        if kind == "csv":
            main.sink_csv(part)
        else:
            _split(main, rows, PARTITIONS if kind == "days" else SMALL_FILES, part)
    else:
        write(rows, part, columns)
    part.rename(path)


def _split(main: object, rows: int, parts: int, folder: Path) -> None:
    """Cut a table into files of nearly equal length, in its order."""
    import polars as pl

    assert isinstance(main, pl.LazyFrame)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    ends = [rows * number // parts for number in range(parts + 1)]
    for number, (start, end) in enumerate(pairwise(ends)):
        if end > start:
            day = main.slice(start, end - start)
            day.sink_parquet(folder / f"{number:04}.parquet", compression="zstd", compression_level=3)


if __name__ == "__main__":
    _make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
