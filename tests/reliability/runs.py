"""A pipeline whose every output says which version of the source it was made of, and processes that run it.

Processes are forked from a server that has only imported: no thread runs in it yet, and starting costs
milliseconds instead of the seconds that the imports take.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

import normflow as nf
from normflow.locks import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 2_000
BAD = 20
PIPELINE = """\
source: data.parquet
contract: {{x: {{range: [0, 1000000], on_fail: quarantine}}}}
fit: {{mode: refit}}
normalize: {{x: zscore, version: none}}
sink: {sink}
registry: "{registry}"
"""
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.reliability.runs", "normflow.pipeline", "normflow.config", "pandera"])


@dataclass(frozen=True)
class Step:
    """A call in a run at which the process dies: which function, and whether before or after it."""

    module: str
    name: str
    when: str


STEPS = {
    "recorded as begun": Step("normflow.pipeline.story", "Story.begins", "after"),
    "before the learning pass": Step("normflow.pipeline.execute", "fit_for", "before"),
    "learned": Step("normflow.pipeline.execute", "fit_for", "after"),
    "fit recorded": Step("normflow.pipeline.story", "Story.fitted", "after"),
    "file staged": Step("normflow.sinks", "stage", "after"),
    "files written": Step("normflow.pipeline.execute", "verified", "before"),
    "files verified": Step("normflow.pipeline.execute", "verified", "after"),
    "verdicts in an open transaction": Step("normflow.pipeline.story", "Story.judged", "after"),
    "intent in an open transaction": Step("normflow.pipeline.story", "Story.publishes", "after"),
    "intent recorded": Step("normflow.sinks", "publish", "before"),
    "file on the disk": Step("normflow.sinks.publish", "flush", "after"),
    "one of two renamed": Step("pathlib", "Path.replace", "after"),
    "all renamed": Step("normflow.sinks", "publish", "after"),
    "success in an open transaction": Step("normflow.registry.registry", "Registry._change_run", "after"),
    "success recorded": Step("normflow.pipeline.story", "Story.succeeded", "after"),
}
OTHER_STEPS = {
    "table has its rows": Step("normflow.sinks.tables", "publish", "after"),
    "folders have changed places": Step("normflow.sinks.publish", "exchange", "after"),
}
"""Steps of runs into what is no file."""


def make(folder: Path, name: str = "p", registry: str = "registry.duckdb") -> Path:
    """A pipeline file in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    text = PIPELINE.format(sink=f"out/{name}.parquet", registry=registry)
    (folder / f"{name}.yaml").write_text(text)
    return folder / f"{name}.yaml"


def write_source(folder: Path, version: int) -> None:
    """The source in its next version, in one step; the last rows break the contract."""
    x = pl.int_range(ROWS, eager=True).cast(pl.Float64) + version
    frame = pl.DataFrame({"x": x}).with_columns(
        x=pl.when(pl.int_range(pl.len()) < ROWS - BAD).then("x").otherwise(-1.0), version=pl.lit(version)
    )
    frame.write_parquet(folder / "next.parquet")
    (folder / "next.parquet").replace(folder / "data.parquet")


def version_of(file: Path, rows: int) -> int | None:
    """The version an output was made of, None where it is not whole."""
    try:
        found = pl.read_parquet(file)["version"]
    except (OSError, pl.exceptions.PolarsError):
        return None
    return int(found[0]) if len(found) == rows and found.n_unique() == 1 else None


def start(target: Callable[..., object], *arguments: Any) -> Any:
    """A process of its own that calls the function."""
    process = SERVER.Process(target=target, args=arguments)
    process.start()
    return process


def victim(folder: str, first: int, step: str | None) -> None:
    """Run version after version until killed, or kill itself at a step of the first run.

    What nf.run has acknowledged is written down at once, with the version.
    """
    if step is not None:
        _die_at((STEPS | OTHER_STEPS)[step])
    acknowledged = os.open(Path(folder, "acknowledged"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for version in range(first, first + 1_000):
        write_source(Path(folder), version)
        record = nf.run(nf.load(Path(folder, "p.yaml")))
        os.write(acknowledged, f"{record.run_id} {version}\n".encode())
        os.fsync(acknowledged)


def writer(folder: str, name: str, runs: int, told: Any) -> None:
    """Run a pipeline so often, and tell how long each lock was waited for and what went wrong."""
    waits: list[float] = []
    acquire = FileLock.acquire.__func__  # type: ignore[attr-defined]

    def timed(cls: type[FileLock], /, path: Path, **how: Any) -> FileLock:
        since = time.monotonic()
        lock: FileLock = acquire(cls, path, **how)
        waits.append(time.monotonic() - since)
        return lock

    FileLock.acquire = classmethod(timed)  # type: ignore[method-assign,assignment]
    errors = []
    for _ in range(runs):
        try:
            nf.run(nf.load(Path(folder, f"{name}.yaml")))
        except Exception as error:  # noqa: BLE001  (whatever it is, it is told)
            errors.append(f"{type(error).__name__}: {error}")
    told.put((waits, errors))


def _die_at(step: Step) -> None:
    owner: Any = importlib.import_module(step.module)
    if step.module == "normflow.sinks.publish":  # the function of this name hides the module
        owner = importlib.import_module("sys").modules[step.module]
    *path, last = step.name.split(".")
    for part in path:
        owner = getattr(owner, part)
    original = getattr(owner, last)

    def dying(*arguments: Any, **named: Any) -> None:
        if step.when == "after":
            original(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, last, dying)
