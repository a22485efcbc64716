"""Many processes that record their runs in one registry."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.registry import Registry, health
from normflow.spec import registry_place
from tests.reliability.runs import SERVER, make, start, write_source, writer

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Shared:
    """How many runs were asked for and recorded, what users were told, and how long locks were waited for."""

    asked: int
    recorded: int
    errors: tuple[str, ...]
    flaws: int
    median_wait: float
    longest_wait: float
    seconds: float


def shared(folder: Path, processes: int, runs: int, place: str = "registry.duckdb") -> Shared:
    """So many processes, each with a sink of its own, run so often into one registry."""
    folder.mkdir(parents=True, exist_ok=True)
    write_source(folder, 1)
    since, told = time.monotonic(), SERVER.Queue()
    names = [f"p{i}" for i in range(processes)]
    for name in names:
        make(folder, name, place)
    workers = [start(writer, str(folder), name, runs, told) for name in names]
    answers = [told.get(timeout=600) for _ in workers]
    for worker in workers:
        worker.join()
    registry = Registry(registry_place(place, folder))
    waits = sorted(wait for found, _ in answers for wait in found)
    return Shared(
        asked=processes * runs,
        recorded=sum(run.status == "succeeded" for run in registry.runs()),
        errors=tuple(error for _, errors in answers for error in errors),
        flaws=len(health(registry).flaws),
        median_wait=waits[len(waits) // 2],
        longest_wait=waits[-1],
        seconds=time.monotonic() - since,
    )
