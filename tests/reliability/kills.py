"""Runs that are killed, at random moments and at every named step, and what is found afterwards."""

from __future__ import annotations

import random
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import normflow as nf
from normflow.pipeline import recover_all
from normflow.registry import Registry, health
from tests.reliability.runs import BAD, ROWS, STEPS, make, start, version_of, victim, write_source

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 1.5  # seconds after its start within which a victim is killed


@dataclass
class Figures:
    """What a campaign found. All but the first four must be zero."""

    kills: int = 0
    acknowledged: int = 0
    finished: int = 0
    undone: int = 0
    partial_outputs: int = 0
    outputs_of_two_runs: int = 0
    lost_outputs: int = 0
    lost_records: int = 0
    torn_records: int = 0
    staged_files_left: int = 0
    runs_left_unfinished: int = 0
    second_recoveries_with_work: int = 0
    registry_flaws: int = 0
    seconds: float = field(default=0.0, compare=False)

    def failures(self) -> dict[str, int]:
        """The counts that must be zero and are not."""
        told = ("kills", "acknowledged", "finished", "undone", "seconds")
        return {name: count for name, count in vars(self).items() if name not in told and count}


def campaign(folder: Path, kills: int, seed: int = 1) -> Figures:
    """Kill so many runs, every second one at a step, and look at everything after each."""
    rng = random.Random(seed)  # noqa: S311  (the same moments every time, as far as a machine can)
    figures, since = Figures(), time.monotonic()
    make(folder)
    write_source(folder, 0)
    nf.run(nf.load(folder / "p.yaml"))
    version = 1
    for kill in range(kills):
        step = list(STEPS)[kill // 2 % len(STEPS)] if kill % 2 else None
        _kill(folder, version, step, rng)
        figures.kills += 1
        _look(folder, figures, by_running=kill % 3 == 2)
        version = _last_source(folder) + 1
    flaws = health(Registry(folder / "registry.duckdb")).flaws
    figures.registry_flaws = len(flaws)
    figures.seconds = time.monotonic() - since
    return figures


def _kill(folder: Path, version: int, step: str | None, rng: random.Random) -> None:
    process = start(victim, str(folder), version, step)
    if step is None:
        process.join(rng.uniform(0.0, LONGEST))
        process.kill()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, f"{step}: ended with {process.exitcode}"
    process.close()


def _look(folder: Path, figures: Figures, *, by_running: bool) -> None:
    """First that both outputs are whole, old or new; then that nothing is left after a recovery or a run."""
    registry = Registry(folder / "registry.duckdb")
    good, bad = folder / "out" / "p.parquet", folder / "out" / "p.quarantine.parquet"
    lines = (folder / "acknowledged").read_text().splitlines() if (folder / "acknowledged").exists() else []
    acknowledged = dict(line.split() for line in lines)
    last = max(map(int, acknowledged.values()), default=0)
    for file, rows in ((good, ROWS - BAD), (bad, BAD)):
        found = version_of(file, rows)
        figures.partial_outputs += found is None
        figures.lost_outputs += found is not None and found < last
    dead = [one.run.run_id for one in registry.unfinished()]
    if by_running:
        nf.run(nf.load(folder / "p.yaml"))
    else:
        recover_all(registry)
    ends = {one.run_id: one.status for one in registry.runs()}
    figures.finished += sum(ends[run_id] == "succeeded" for run_id in dead)
    figures.undone += sum(ends[run_id] == "failed" for run_id in dead)
    figures.runs_left_unfinished += sum(ends[run_id] not in ("succeeded", "failed") for run_id in dead)
    figures.torn_records += sum(_torn(registry, run_id) for run_id in dead if ends[run_id] == "failed")
    figures.outputs_of_two_runs += version_of(good, ROWS - BAD) != version_of(bad, BAD)
    figures.second_recoveries_with_work += bool(recover_all(registry))
    figures.staged_files_left += len(list((folder / "out").glob(".*.tmp")))
    figures.lost_records = sum(ends.get(run_id) != "succeeded" for run_id in acknowledged)
    figures.acknowledged = len(acknowledged)


def _torn(registry: Registry, run_id: str) -> bool:
    """Whether a run that had not come to its intent has a part of what is recorded together with it."""
    told = registry.run(run_id).document is not None
    return bool(told or registry.checks(run_id) or registry.outputs(run_id))


def _last_source(folder: Path) -> int:
    import polars as pl

    return int(pl.read_parquet(folder / "data.parquet")["version"][0])
