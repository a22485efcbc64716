"""How the suite measures: compared first, then fresh processes in alternation, round by round."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.suite.cases import COPY, NORMFLOW, Case
from tests.benchmarks.suite.processes import ROOT, Cost, module
from tests.benchmarks.suite.report import Result
from tests.benchmarks.suite.tables import Sizes, made

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.benchmarks.suite.peers import Peer
    from tests.benchmarks.suite.tasks import Table, Task

MEMORY_TASKS = ("T1", "T2", "T3", "T4", "T5", "T6", "T8")


def case(task: Task, table: str, sizes: Sizes, folder: Path, peers: tuple[Peer, ...], python: str) -> Case:
    """A task against a table of the cache, prepared."""
    cache = folder / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    ready = Case(task, made(table, sizes, cache), folder / "work" / task.name, python)
    ready.prepare(peers)
    return ready


def able(task: Task, peers: tuple[Peer, ...]) -> tuple[Peer, ...]:
    """The peers that do a task."""
    return tuple(peer for peer in peers if task.name in peer.tasks)


def agreement(
    task: Task, sizes: Sizes, peers: tuple[Peer, ...], python: str, folder: Path
) -> Iterator[tuple[str, str]]:
    """Each peer that does the task, and how far its result is from normflow's.

    Raises:
        SystemExit: further than the task allows.
    """
    doing = able(task, peers)
    if not doing:
        return
    ready = case(task, task.table, sizes, folder, doing, python)
    ready.normflow()
    for peer in doing:
        ready.peer(peer)
        pair = (ready.output(NORMFLOW), ready.output(peer.module))
        command = module("suite.agreement", *pair, task.apart, task.beyond)
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{task.name}: {done.stderr.strip()}")
        yield peer.name, done.stdout.strip()
    ready.clear()


def timed(
    task: Task, sizes: Sizes, peers: tuple[Peer, ...], rounds: int, python: str, folder: Path
) -> Result:
    """The copy, normflow and each peer in turn, as often as there are rounds; one copy before warms up."""
    doing = able(task, peers)
    ready = case(task, task.table, sizes, folder, doing, python)
    turns = {COPY: ready.copy, NORMFLOW: ready.normflow}
    turns |= {peer.name: partial(ready.peer, peer) for peer in doing}
    ready.copy()
    costs: dict[str, list[Cost]] = {who: [] for who in turns}
    for _ in range(rounds):
        for who, turn in turns.items():
            costs[who].append(turn())
    ready.clear()
    return Result(task, costs)


def memory(
    tasks: Sequence[Task], rows: Sequence[int], variants: bool, folder: Path
) -> dict[str, dict[int, float]]:
    """Peak resident MB of each task at each size; with `variants` T1 from csv and from many small files."""
    layouts: list[tuple[str, Task, Table | str]] = [(task.name, task, "main") for task in tasks]
    if variants:
        layouts += [(f"{one.name}, {kind}", one, kind) for one in tasks[:1] for kind in ("csv", "small")]
    peaks: dict[str, dict[int, float]] = {COPY: {}, **{what: {} for what, _, _ in layouts}}
    for size in rows:
        for what, task, kind in layouts:
            ready = case(task, kind, Sizes(rows=size), folder, (), sys.executable)
            peaks[what][size] = ready.normflow().peak
            if size not in peaks[COPY] and kind == "main":
                peaks[COPY][size] = ready.copy().peak
            ready.clear()
    return peaks
