"""The benchmark table: float64 columns, as many of each of ten shapes, of any size.

Run: python -m tests.benchmarks.data ROWS PATH
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

CHUNK = 1_000_000


def shapes(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """One column of each shape."""
    uniform = rng.random(n)
    uniform[rng.random(n) < 0.05] = np.nan
    return {
        "normal": rng.normal(5, 2, n),
        "lognormal": rng.lognormal(0, 1, n),
        "beta": rng.beta(2, 5, n),
        "byte": rng.integers(0, 256, n).astype(np.float64),
        "student": rng.standard_t(2, n),
        "zeros": np.where(rng.random(n) < 0.6, 0.0, rng.poisson(8, n)).astype(np.float64),
        "gaps": uniform,
        "exponential": rng.exponential(size=n) - 5,
        "cents": np.round(rng.gamma(2, 30, n), 2),
        "bimodal": np.where(rng.random(n) < 0.5, rng.normal(-4, 1, n), rng.normal(4, 1, n)),
    }


def chunk(index: int, rows: int, columns: int = 20) -> pl.DataFrame:
    """Rows of the table, always the same for the same index; `columns` is a multiple of ten."""
    found = {
        f"{name}_{copy}": values
        for copy in range(1, columns // 10 + 1)
        for name, values in shapes(np.random.default_rng([20130101, index, copy]), rows).items()
    }
    return pl.DataFrame(found).with_columns(pl.col("^gaps_.*$").fill_nan(None))


def write(rows: int, path: Path, columns: int = 20) -> None:
    """Write the table as one Parquet file (zstd 3), in row groups of a million rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [path.with_suffix(f".{i}.part") for i in range(0, rows, CHUNK)]
    for i, part in enumerate(parts):
        chunk(i, min(CHUNK, rows - i * CHUNK), columns).write_parquet(part)
    pl.scan_parquet(parts).sink_parquet(path, compression="zstd", compression_level=3, row_group_size=CHUNK)
    for part in parts:
        part.unlink()


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
