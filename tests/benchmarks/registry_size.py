"""How large a registry grows: `python -m tests.benchmarks.registry_size` prints the size model.

Each figure is a difference of what two registries take after `compact`, so that the blocks DuckDB gives in
advance do not count. Bytes are those of the files.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

import normflow as nf
from normflow.registry import Registry, compact

if TYPE_CHECKING:
    from normflow.profiles.bits import Floats

ROWS = 20_000  # of a file: its columns have more than the 16,384 values that a state holds one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Bytes: of a registry with its tables, of a column's state in one file, of a run and column."""

    empty: float
    state: float
    run: float

    def after(self, columns: int, files: int, runs: int) -> float:
        """What a registry takes that learned from so many files, and recorded so many runs."""
        return self.empty + self.state * columns * files + self.run * columns * runs


def taken(folder: Path, *, columns: int, files: int, runs: int = 1, rows: int = ROWS) -> int:
    """Bytes of a compacted registry after a run that learned from the files, and others that reused it."""
    folder.mkdir(parents=True)
    for file in range(files):
        draw = np.random.default_rng(file)
        values = {f"c{i:03}": _column(draw, i, rows) for i in range(columns)}
        pl.DataFrame(values).write_parquet(folder / f"{file:04}.parquet")
    (folder / "p.yaml").write_text("source: '*.parquet'\nsink: out/all.parquet\nnormalize: {'*': zscore}\n")
    pipeline = nf.load(folder / "p.yaml")
    for _ in range(runs):
        nf.run(pipeline)
    registry = folder / ".normflow" / "registry.duckdb"
    compact(Registry(registry))
    return registry.stat().st_size


def measured(folder: Path) -> Size:
    """The size model, from differences large enough that blocks of 262,144 bytes hardly count."""
    few, many = (taken(folder / f"files{n}", columns=8, files=n) for n in (1, 16))
    once, often = (taken(folder / f"runs{n}", columns=40, files=1, rows=200, runs=n) for n in (1, 17))
    return Size(empty=few, state=(many - few) / (8 * 15), run=(often - once) / (40 * 16))


def _column(draw: np.random.Generator, number: int, rows: int) -> Floats:
    shapes = (draw.normal, draw.lognormal, draw.exponential, draw.standard_cauchy)
    return shapes[number % len(shapes)](size=rows)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        size = measured(Path(temporary))
        year = size.after(10, 365, 365)
        print(f"a state {size.state:,.0f}, a run and column {size.run:,.0f}, a year of 10 {year:,.0f} bytes")
