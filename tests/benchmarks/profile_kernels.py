"""What a profile costs: CPU nanoseconds a value of each part, and a pass against a copy of the file.

    python -m tests.benchmarks.profile_kernels [--rows 2000000] [--shapes normal cents] [--repeats 3] [--scan]

Kernels run on one thread; the best of the repeats is printed. `--scan` writes the shapes to a Parquet file
and alternates `observe` with the streaming copy of that file, in CPU seconds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import polars as pl

from normflow.profiles import observe
from normflow.profiles.histogram import RESOLUTION
from normflow.profiles.running_column import RunningColumn
from normflow.profiles.running_histogram import RunningHistogram
from normflow.profiles.slices import RunningSums
from normflow.profiles.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.profiles.bits import Floats

BATCH = 262_144
RANDOM = np.random.default_rng(0)
SHAPES: dict[str, Callable[[int], Floats]] = {
    "normal": lambda n: RANDOM.normal(size=n),
    "lognormal": lambda n: np.exp(RANDOM.normal(size=n)),
    "uniform": RANDOM.random,
    "beta": lambda n: RANDOM.beta(0.5, 0.5, n),
    "student_t2": lambda n: RANDOM.standard_t(2, n),
    "bytes": lambda n: RANDOM.integers(0, 256, n).astype(np.float64),
    "zero_inflated": lambda n: np.where(RANDOM.random(n) < 0.6, 0.0, RANDOM.poisson(3, n)),
    "row_ids": lambda n: np.arange(1, n + 1, dtype=np.float64),
    "cents": lambda n: np.round(RANDOM.gamma(2, 30, n), 2),
    "few_prices": lambda n: np.round(RANDOM.gamma(2, 8, n), 2),
    "exponential_minus_5": lambda n: RANDOM.exponential(size=n) - 5,
    "offset_300": lambda n: 300 + 5 * RANDOM.normal(size=n),
    "two_scales": lambda n: np.where(
        RANDOM.random(n) < 0.3, RANDOM.normal(size=n), 1e9 + RANDOM.normal(size=n)
    ),
    "bimodal": lambda n: np.where(RANDOM.random(n) < 0.5, -5.0, 5.0) + RANDOM.normal(size=n),
    "one_1e14": lambda n: np.append(np.exp(RANDOM.normal(size=n - 1)), 1e14),
}


def in_batches(values: Floats, add: Callable[[Floats], None]) -> None:
    """Hand values over as a stream would."""
    for start in range(0, len(values), BATCH):
        add(values[start : start + BATCH])


def sums(values: Floats) -> None:
    """Σx and Σx²."""
    running, bench = RunningSums(), Workbench()
    in_batches(values, lambda part: running.add(part, float(np.abs(part).max()), bench))
    running.totals(bench)


def histogram(values: Floats) -> None:
    """The histogram with its registers, without zeros."""
    running, bench = RunningHistogram(RESOLUTION), Workbench()
    in_batches(
        values[values != 0], lambda part: running.add(part, float(part.min()), float(part.max()), bench)
    )
    running.settled(zeros=False)


def everything(values: Floats) -> None:
    """All parts, as `observe` runs them."""
    running, bench = RunningColumn(RESOLUTION), Workbench()
    in_batches(values, lambda part: running.add(pl.Series(part), bench))
    running.settled(bench)


def cpu_seconds(work: Callable[[], object]) -> float:
    """The CPU time of all threads of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def kernels(rows: int, shapes: list[str], repeats: int) -> None:
    """Print a table of nanoseconds a value."""
    print(f"{'ns/value':<22}{'sums':>8}{'histogram':>12}{'everything':>12}")
    for shape in shapes:
        values = SHAPES[shape](rows)
        best = [
            min(cpu_seconds(partial(part, values)) for _ in range(repeats)) / rows * 1e9
            for part in (sums, histogram, everything)
        ]
        print(f"{shape:<22}{best[0]:8.1f}{best[1]:12.1f}{best[2]:12.1f}")


def scan(rows: int, shapes: list[str], repeats: int) -> None:
    """Print the CPU seconds of a profile and of a copy of the same file."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.parquet", Path(folder) / "copy.parquet"
        pl.DataFrame({shape: SHAPES[shape](rows) for shape in shapes}).write_parquet(source)
        frame = pl.scan_parquet(source)
        for _ in range(repeats):
            copy = cpu_seconds(lambda: frame.sink_parquet(target, compression="zstd"))
            profile = cpu_seconds(lambda: observe(frame))
            print(f"copy {copy:.2f} s, profile {profile:.2f} s: {profile / copy:.2f} of a copy")


def main() -> None:
    """Read the options and run."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rows", type=int, default=2_000_000)
    options.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--scan", action="store_true")
    given = options.parse_args()
    (scan if given.scan else kernels)(given.rows, given.shapes, given.repeats)


if __name__ == "__main__":
    main()
