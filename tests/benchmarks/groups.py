"""What parameters by group cost: learning, storing and applying them, beside a plain copy of the same file.

    python -m tests.benchmarks.groups [--rows 1000000 5000000] [--groups 100000] [--columns 5]
        [--methods zscore robust minmax]

Each case reads the same Parquet files in a process of its own. Seconds and peak memory are given as they are
and as ratios to the copy, which scans and writes the columns and does nothing with them.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

import normflow as nf
from tests.benchmarks.grouped import write

ROW_GROUP = 250_000


def case(folder: Path, kind: str, methods: list[str], columns: int, *, profile: bool) -> dict[str, float]:
    """Do one thing, and tell the seconds and the peak of memory (MB) that it took."""
    names = [f"x{i}" for i in range(columns)]
    lf = pl.scan_parquet(folder / "table" / "*.parquet").select("key", *names)
    stored = folder / "fit.json"
    fit = nf.Fit.from_json(stored.read_text()) if kind == "transform" else None
    before = peak_memory()
    start, watch = time.perf_counter(), cProfile.Profile()
    if profile:
        watch.enable()
    if kind == "copy":
        lf.sink_parquet(folder / "copy.parquet", row_group_size=ROW_GROUP)
    elif kind == "transform":
        assert fit is not None
        fit.transform(lf).sink_parquet(folder / "out.parquet", row_group_size=ROW_GROUP)
    else:
        fit = nf.fit(lf, {name: methods[i % len(methods)] for i, name in enumerate(names)}, by="key")
    seconds = time.perf_counter() - start
    peak = peak_memory() - before
    if profile:
        watch.disable()
        pstats.Stats(watch).sort_stats("tottime").print_stats(25)
    found = {"seconds": seconds, "peak": peak}
    if kind == "learn":
        assert fit is not None
        start = time.perf_counter()
        stored.write_text(fit.to_json())
        found |= {"json_seconds": time.perf_counter() - start, "json": stored.stat().st_size / 1e6}
    return found


def peak_memory() -> float:
    """The most memory that this process has held, in MB; what its parent held does not count."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]  # Linux has it


def main() -> None:
    """Read the options and run each case."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 5_000_000])
    options.add_argument("--groups", type=int, default=100_000)
    options.add_argument("--columns", type=int, default=5)
    options.add_argument("--methods", nargs="+", default=["zscore", "robust", "minmax"])
    options.add_argument("--profile", action="store_true", help="print where the time goes")
    options.add_argument("--case", nargs=2, metavar=("FOLDER", "KIND"))
    given = options.parse_args()
    if given.case:
        found = case(Path(given.case[0]), given.case[1], given.methods, given.columns, profile=given.profile)
        print(json.dumps(found))
        return
    print(f"{'':<12}{'rows':>12}{'seconds':>10}{'ratio':>8}{'peak MB':>10}{'ratio':>8}")
    for rows in given.rows:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "table", rows, given.groups, given.columns)
            copy: dict[str, float] = {}
            for kind in ("copy", "learn", "transform"):
                command = [sys.executable, "-m", "tests.benchmarks.groups", "--case", folder, kind]
                command += ["--columns", str(given.columns), "--methods", *given.methods]
                command += ["--profile"] if given.profile and kind != "copy" else []
                lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                *told, last = lines.splitlines()
                print("\n".join(told), end="\n" if told else "")
                found = json.loads(last)
                copy = copy or found
                seconds, peak = found["seconds"], found["peak"]
                print(
                    f"{kind:<12}{rows:>12,}{seconds:>10.2f}{seconds / copy['seconds']:>8.1f}"
                    f"{peak:>10.0f}{peak / copy['peak']:>8.1f}"
                )
                if "json" in found:
                    print(
                        f"{'':<12}stored as {found['json']:.0f} MB of JSON in {found['json_seconds']:.2f} s"
                    )


if __name__ == "__main__":
    main()
