"""What a process costs: run it to its end and ask the system.

This process stays small on purpose: a child's peak memory starts with that of the process that started it,
so data is made and results are compared in processes of their own.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process and its children took: CPU and wall seconds, and peak resident memory in MB."""

    cpu: float
    wall: float
    peak: float


def measured(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a folder and measure it.

    Raises:
        SystemExit: it failed; the sentence says which command, and how it ended.
    """
    path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": path})
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)  # it is reaped: nobody need wait for it again
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} in {folder} ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def module(name: str, *arguments: object, python: str = sys.executable) -> tuple[str, ...]:
    """The command that runs a module of the benchmarks."""
    return (python, "-m", f"tests.benchmarks.{name}", *map(str, arguments))


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each number by itself."""
    return Cost(*(statistics.median(getattr(one, part) for one in costs) for part in ("cpu", "wall", "peak")))


def ratio(costs: Sequence[Cost], copies: Sequence[Cost]) -> float:
    """The median over the rounds of CPU seconds over those of the copy of the same round."""
    return statistics.median(one.cpu / copy.cpu for one, copy in zip(costs, copies, strict=True))
