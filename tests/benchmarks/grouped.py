"""What profiles of many groups cost: seconds, CPU nanoseconds a value and peak memory of one pass.

    python -m tests.benchmarks.grouped [--rows 1000000 5000000] [--groups 100000] [--columns 5] [--text]

Each case reads a Parquet file of its own in a process of its own; `plain` is `observe` of the same columns.
`--text` makes the keys words instead of integers, `--profile` prints where the time goes on one thread.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from normflow.profiles import observe, observe_groups

CHUNK = 1_000_000


def chunk(index: int, rows: int, groups: int, columns: int) -> pl.DataFrame:
    """Rows of the table: a key, and columns of five shapes in turn."""
    draw = np.random.default_rng([20131212, index])
    key = draw.integers(0, groups, rows)
    shapes = [
        draw.normal(size=rows) + key % 7,
        np.exp(draw.normal(size=rows)) * (1 + key % 5),
        np.round(draw.gamma(2, 30, rows), 2),
        draw.integers(0, 1000, rows).astype(np.float64),
        1e9 + draw.normal(size=rows),
    ]
    values = {f"x{i}": shapes[i % len(shapes)] for i in range(columns)}
    return pl.DataFrame({"key": key, "word": pl.Series(key).cast(pl.String), **values})


def write(path: Path, rows: int, groups: int, columns: int) -> None:
    """Write the table as a folder of Parquet files."""
    path.mkdir()
    for i, start in enumerate(range(0, rows, CHUNK)):
        part = chunk(i, min(CHUNK, rows - start), groups, columns)
        part.write_parquet(path / f"{i:04}.parquet", row_group_size=CHUNK // 4)


def measure(path: Path, columns: int, kind: str, *, profile: bool) -> None:
    """Run one case and print what it took."""
    frame = pl.scan_parquet(path / "*.parquet")
    names = [f"x{i}" for i in range(columns)]
    rows = frame.select(pl.len()).collect().item()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, cpu = time.perf_counter(), time.process_time()
    watch = cProfile.Profile()
    if kind == "plain":
        observe(frame, names)
        found = ""
    elif profile:
        watch.runcall(observe_groups, frame, [kind], names, threads=1)
        pstats.Stats(watch).sort_stats("tottime").print_stats(25)
        return
    else:
        _, grouped = observe_groups(frame, [kind], names)
        buckets = sum(len(state.histograms.keys) for state in grouped.states.values())
        found = f"  {len(grouped):,} groups, {buckets:,} buckets"
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    nanoseconds = cpu / rows / columns * 1e9
    print(
        f"{kind:<8}{rows:>12,}{seconds:>9.2f} s{cpu:>9.2f} s CPU{nanoseconds:>8.0f} ns{peak:>8.0f} MB{found}"
    )


def main() -> None:
    """Read the options and run each case."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 5_000_000])
    options.add_argument("--groups", type=int, default=100_000)
    options.add_argument("--columns", type=int, default=5)
    options.add_argument("--text", action="store_true")
    options.add_argument("--profile", action="store_true")
    options.add_argument("--case", nargs=2, metavar=("FOLDER", "KIND"))
    given = options.parse_args()
    if given.case:
        measure(Path(given.case[0]), given.columns, given.case[1], profile=given.profile)
        return
    for rows in given.rows:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table"
            write(path, rows, given.groups, given.columns)
            for kind in ["plain", "word" if given.text else "key"]:
                case = ["--case", str(path), kind, "--columns", str(given.columns)]
                case += ["--profile"] if given.profile else []
                subprocess.run([sys.executable, "-m", "tests.benchmarks.grouped", *case], check=True)


if __name__ == "__main__":
    main()
