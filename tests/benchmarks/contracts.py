"""What a contract costs: CPU seconds and peak memory of a run with ten checks, and of the same run without.

    python -m tests.benchmarks.contracts [--rows 5000000] [--columns 20] [--rounds 1]

Each run is the command in a process of its own, once learning and once with the stored fit. Seven of the
checks judge what enters (five of them quarantine, one row in two thousand), three what leaves. Peak memory is
that of the process, pages of files included.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

CHUNK = 1_000_000
CONTRACT = """\
contract:
  x0: {range: [null, 3.3], on_fail: quarantine}
  x1: {range: [-100, 100], on_fail: quarantine}
  x2: {range: [-100, 100], on_fail: quarantine}
  x3: {nullable: false, on_fail: quarantine}
  x4: {finite: true, on_fail: quarantine}
  x5: {range: [-100, 100]}
  x6: {nullable: false}
checks:
  x0: {range: [-100, 100]}
  x1: {finite: true}
  x2: {mean: [-10, 10]}
"""


def write(folder: Path, rows: int, columns: int) -> None:
    """The table as Parquet files of a million rows."""
    folder.mkdir()
    for i, start in enumerate(range(0, rows, CHUNK)):
        draw = np.random.default_rng([1, i])
        size = min(CHUNK, rows - start)
        values = {f"x{j}": draw.normal(size=size) for j in range(columns)}
        pl.DataFrame(values).write_parquet(folder / f"{i:04}.parquet", row_group_size=CHUNK // 4)


def measured(file: Path, mode: str) -> tuple[float, float, float]:
    """CPU seconds (user, system) and peak MB of one run of the command."""
    process = os.posix_spawn(
        sys.executable, [sys.executable, "-m", "normflow", "run", str(file), "-q", "--mode", mode], os.environ
    )
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"the run ended with status {status}")
    return usage.ru_utime, usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Measure and print a line for each run."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--rows", type=int, default=5_000_000)
    asked.add_argument("--columns", type=int, default=20)
    asked.add_argument("--rounds", type=int, default=1)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="normflow-") as name:
        folder = Path(name)
        write(folder / "data", given.rows, given.columns)
        print(f"{given.rows:,} rows, {given.columns} columns\n")
        print("| mode | checks | CPU s (user + system) | ratio | peak MB |\n|---|---|---|---|---|")
        for mode in ("refit", "frozen"):
            plain = 0.0
            for label, text in (("none", ""), ("ten", CONTRACT)):
                file = folder / f"{label}.yaml"
                sink = f"source: data\nsink: out/{label}.parquet\nregistry: {label}.duckdb\n"
                file.write_text(f'{sink}normalize: {{"*": zscore}}\n{text}')
                costs = [measured(file, mode) for _ in range(given.rounds)]
                user, system, peak = min(costs, key=lambda one: one[0] + one[1])
                plain = plain or user + system
                cost = f"{user:.1f} + {system:.1f} | {(user + system) / plain:.2f} | {peak:,.0f}"
                print(f"| {mode} | {label} | {cost} |", flush=True)


if __name__ == "__main__":
    main()
