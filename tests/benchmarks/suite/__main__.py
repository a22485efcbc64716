"""The benchmark suite: every task by normflow and by its peers, against the plain copy of the same file.

Run: python -m tests.benchmarks.suite [--tasks T1,T5] [--rows 1000000] [--rounds 3] [--peers polars,duckdb]
     python -m tests.benchmarks.suite --memory 10000000,50000000 [--tasks T1,T6]

Before anything is timed, the peers' results are compared with normflow's on a smaller table.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.suite.measuring import MEMORY_TASKS, agreement, memory, timed
from tests.benchmarks.suite.peers import PEERS, version
from tests.benchmarks.suite.report import HEAD, machine, memory_table, rows
from tests.benchmarks.suite.tables import Sizes
from tests.benchmarks.suite.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.benchmarks.suite.peers import Peer
    from tests.benchmarks.suite.tasks import Task

LIBRARIES = ("polars", "duckdb", "numpy")


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.suite",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tasks", type=_among(TASKS), default=list(TASKS), help="some of them, by comma")
    parser.add_argument("--peers", type=_among(PEERS), default=list(PEERS), help="some of them, by comma")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--check-rows", type=int, default=100_000, help="of the table results are compared on"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=_numbers, help="peak memory at these sizes, by comma, and no times")
    parser.add_argument("--variants", action="store_true", help="memory also from csv and many small files")
    parser.add_argument("--peer-python", default=sys.executable, help="the interpreter of the peers")
    parser.add_argument("--folder", type=Path, help="keep the tables here for the next time")
    parser.add_argument("--json", action="store_true", help="every measurement, as one JSON document")
    return parser.parse_args(arguments)


def _among(known: Iterable[str]) -> Callable[[str], list[str]]:
    names = list(known)

    def chosen(text: str) -> list[str]:
        asked = [name for name in text.split(",") if name]
        for name in asked:
            if name not in names:
                raise argparse.ArgumentTypeError(f"no '{name}'; there are {', '.join(names)}")
        return asked

    return chosen


def _numbers(text: str) -> list[int]:
    return [int(part.replace("_", "")) for part in text.split(",")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Check, measure, print."""
    asked = options(arguments)
    versions = {name: found for name in LIBRARIES if (found := version(sys.executable, name))}
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.folder or Path(temporary)).resolve()
        tasks = [TASKS[name] for name in asked.tasks]
        what = _peaks(tasks, asked, folder) if asked.memory else _times(tasks, asked, folder, versions)
    print(json.dumps({"versions": versions, **what}) if asked.json else f"\n{machine(versions)}")


def _peaks(tasks: Sequence[Task], asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Peak memory at each size."""
    able = [one for one in tasks if one.name in MEMORY_TASKS]
    peaks = memory(able, asked.memory, asked.variants, folder)
    if not asked.json:
        print(memory_table(peaks))
    return {"peaks": peaks}


def _times(
    tasks: Sequence[Task], asked: argparse.Namespace, folder: Path, versions: dict[str, str]
) -> dict[str, Any]:
    """What every task costs everybody; a task's rows are printed as soon as they are there."""
    peers = installed(asked, versions)
    for line in _compared(tasks, peers, asked, folder):
        print(line, file=sys.stderr)
    tell = _silent if asked.json else partial(print, flush=True)
    tell(HEAD)
    results = []
    for task in tasks:
        results.append(timed(task, Sizes(rows=asked.rows), peers, asked.rounds, asked.peer_python, folder))
        tell(rows(results[-1]))
    return {"results": [one.to_json() for one in results]}


def _silent(_text: str) -> None:
    """Say nothing: the document comes at the end."""


def installed(asked: argparse.Namespace, versions: dict[str, str]) -> tuple[Peer, ...]:
    """The peers that are asked for and there; a line tells who is not."""
    there = []
    for name in asked.peers:
        peer = PEERS[name]
        python = sys.executable if peer.ours else asked.peer_python
        if found := version(python, peer.package):
            versions[peer.package] = found
            there.append(peer)
        else:
            print(f"{peer.name} is left out: {peer.package} is not installed", file=sys.stderr)
    return tuple(there)


def _compared(
    tasks: Sequence[Task], peers: tuple[Peer, ...], asked: argparse.Namespace, folder: Path
) -> Iterable[str]:
    sizes = Sizes(rows=asked.check_rows, wide=min(asked.check_rows, 2000), columns=100)
    for task in tasks:
        for peer, distance in agreement(task, sizes, peers, asked.peer_python, folder):
            yield f"{task.name}: normflow and {peer} agree within {distance} (allowed: {task.apart:g})"


if __name__ == "__main__":
    main()
