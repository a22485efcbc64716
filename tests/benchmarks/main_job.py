"""The main job against the plain Polars copy of the same file: fresh processes in alternation.

Each round runs, one after the other: the copy (scan to sink, zstd 3, nothing done), `normflow run` learning,
and `normflow run` with the stored fit. The table holds medians and their ratio to the copy.

Run: python -m tests.benchmarks.main_job [--rows 1000000] [--rounds 5] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.data import write

if TYPE_CHECKING:
    from collections.abc import Sequence

COPY = """\
import polars as pl
scan = pl.scan_parquet("table.parquet")
scan.sink_parquet("copy.parquet", compression="zstd", compression_level=3, row_group_size=1_000_000)
"""
PIPELINE = "source: table.parquet\nsink: out/table.parquet\n"
RUN = (sys.executable, "-m", "normflow", "run", "p.yaml", "-q")
TASKS: dict[str, Sequence[str]] = {
    "plain copy": (sys.executable, "-c", COPY),
    "profile, choose, fit, transform, write": (*RUN, "--mode", "refit"),
    "transform with the stored fit, write": RUN,
}


@dataclass(frozen=True)
class Cost:
    """What one process took: CPU and wall seconds, and its peak resident memory in MB."""

    cpu: float
    wall: float
    peak: float


def measured(command: Sequence[str], folder: Path) -> Cost:
    """Run a command to its end and ask the system what it took."""
    before = os.times()
    process = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(usage.ru_utime + usage.ru_stime, os.times().elapsed - before.elapsed, usage.ru_maxrss / 1024)


def table(costs: dict[str, list[Cost]]) -> str:
    """One row a task: median CPU and its ratio to the copy of the same round, wall time, peak memory."""
    copies = costs["plain copy"]
    lines = ["| task | CPU s | ratio to the copy | wall s | peak MB |", "|---|---|---|---|---|"]
    for name, found in costs.items():
        ratio = statistics.median(one.cpu / copy.cpu for one, copy in zip(found, copies, strict=True))
        cpu, wall = (statistics.median(getattr(one, field) for one in found) for field in ("cpu", "wall"))
        peak = statistics.median(one.peak for one in found)
        lines.append(f"| {name} | {cpu:.2f} | {ratio:.2f} | {wall:.2f} | {peak:.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Make the table once, run the rounds, print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None, help="keep the table here for the next time")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        if not (folder / "table.parquet").exists():
            write(chosen.rows, folder / "table.parquet")
        (folder / "p.yaml").write_text(PIPELINE)
        costs: dict[str, list[Cost]] = {name: [] for name in TASKS}
        for number in range(chosen.rounds + 1):
            for name, command in TASKS.items():
                cost = measured(command, folder)
                if number:  # the first round warms up
                    costs[name].append(cost)
        print(table(costs))


if __name__ == "__main__":
    main()
