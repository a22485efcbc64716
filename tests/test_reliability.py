"""What docs/reliability.md promises, in small; `python -m tests.reliability` does the same in full."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow import sinks
from normflow.pipeline import recover_all
from normflow.registry import Registry, health
from tests.reliability.kills import campaign
from tests.reliability.runs import (
    BAD,
    PIPELINE,
    ROWS,
    STEPS,
    make,
    start,
    version_of,
    victim,
    write_source,
)
from tests.reliability.writers import shared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KILLS = int(os.environ.get("NORMFLOW_TEST_KILLS", "30"))  # every second at a step, so that each has its turn


class Place(NamedTuple):
    """A sink that is no file, as a pipeline file has it, and how its rows are read."""

    written: str
    read: Callable[[Path], pl.DataFrame]


def in_duckdb(folder: Path) -> pl.DataFrame:
    with duckdb.connect(folder / "w.duckdb", read_only=True) as con:
        found: pl.DataFrame = con.sql("FROM rows").pl()
        return found


PLACES = {
    "duckdb": Place("{duckdb: w.duckdb, table: rows}", in_duckdb),
    "delta": Place("{delta: lake}", lambda folder: pl.read_delta(str(folder / "lake"))),
    "folder": Place(
        "{path: parts, partition_by: [version]}", lambda folder: pl.read_parquet(folder / "parts")
    ),
}
DYING = ("files verified", "intent recorded", "table has its rows", "all renamed")
OF_FOLDERS = {"table has its rows": "folders have changed places"}


def version_in(rows: pl.DataFrame) -> int | None:
    """The version that all rows are of, which are all there; else None."""
    versions = rows["version"].unique().to_list()
    return int(versions[0]) if len(versions) == 1 and rows.height == ROWS - BAD else None


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Version 1 is published, version 2 is the source."""
    make(tmp_path)
    for version in (1, 2):
        write_source(tmp_path, version)
        if version == 1:
            nf.run(nf.load(tmp_path / "p.yaml"))
    return tmp_path


def published(folder: Path) -> tuple[int | None, int | None]:
    """The versions of the output and of the quarantine."""
    out = folder / "out"
    return version_of(out / "p.parquet", ROWS - BAD), version_of(out / "p.quarantine.parquet", BAD)


def test_killed_runs_leave_whole_outputs_and_lose_no_record(tmp_path: Path) -> None:
    """At random moments and at every step; what is left is finished or undone, and a second time nothing."""
    assert len(STEPS) * 2 <= max(KILLS, 30)
    figures = campaign(tmp_path, KILLS)
    assert figures.kills == KILLS
    assert figures.acknowledged > 0
    assert figures.finished > 0
    assert figures.undone > 0
    assert figures.failures() == {}


@pytest.mark.parametrize("step", DYING)
@pytest.mark.parametrize("kind", PLACES)
def test_a_run_into_a_table_or_folder_that_is_killed_leaves_it_whole(
    kind: str, step: str, tmp_path: Path
) -> None:
    """The old rows or the new ones; what is left is finished or undone, and a second time nothing."""
    place = PLACES[kind]
    text = PIPELINE.format(sink=place.written, registry="registry.duckdb")
    (tmp_path / "p.yaml").write_text(text.replace(", version: none", ""))
    write_source(tmp_path, 1)
    nf.run(nf.load(tmp_path / "p.yaml"))
    process = start(victim, str(tmp_path), 2, OF_FOLDERS.get(step, step) if kind == "folder" else step)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert version_in(place.read(tmp_path)) in (1, 2)
    registry = Registry(tmp_path / "registry.duckdb")
    (found,) = recover_all(registry)
    assert found.status == ("failed" if step == "files verified" else "succeeded")
    assert version_in(place.read(tmp_path)) == (1 if found.status == "failed" else 2)
    assert recover_all(registry) == ()
    assert not [one for one in tmp_path.rglob(".*.tmp*") if one.is_file()]
    write_source(tmp_path, 3)
    nf.run(nf.load(tmp_path / "p.yaml"))
    assert version_in(place.read(tmp_path)) == 3


def test_many_processes_share_a_registry(tmp_path: Path) -> None:
    """Every run is on record, and nobody is told of a lock."""
    found = shared(tmp_path, processes=8, runs=6)
    assert (found.recorded, found.errors, found.flaws) == (48, (), 0)


def test_two_runs_on_one_sink_one_after_the_other(project: Path) -> None:
    """One wins and the other waits for it."""
    command = [sys.executable, "-m", "normflow", "run", str(project / "p.yaml"), "--wait", "60"]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    assert published(project) == (2, 2)
    assert len(Registry(project / "registry.duckdb").runs()) == 3


def test_a_held_sink_is_exit_code_4(project: Path) -> None:
    """The run that does not get the sink in time writes nothing, not even in the registry."""
    command = [sys.executable, "-m", "normflow", "run", str(project / "p.yaml"), "--wait", "0"]
    with sinks.lock(project / "out" / "p.parquet"):
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 4
    assert f"another run holds this sink (process {os.getpid()}, waited 0 s)" in done.stderr
    assert len(Registry(project / "registry.duckdb").runs()) == 1


def test_a_lock_file_of_a_dead_process_holds_nothing(project: Path) -> None:
    """The system took its lock away with it; the number in the file is no lock."""
    (project / "out" / ".p.parquet.normflow.lock").write_text("999999")
    (project / "registry.duckdb.lock").write_text("999999")
    nf.run(nf.load(project / "p.yaml"), wait=0)
    assert published(project) == (2, 2)


def test_a_run_that_lives_is_not_recovered(project: Path) -> None:
    """Recovery leaves a run alone whose sink is held, and ends it once it is not."""
    registry = Registry(project / "registry.duckdb")
    first = registry.runs()[0]
    with registry.transaction() as con:
        con.execute("UPDATE runs SET status = 'running'")
    with sinks.lock(project / "out" / "p.parquet"):
        assert [(one.run_id, one.status) for one in recover_all(registry)] == [(first.run_id, "running")]
    assert [one.status for one in recover_all(registry)] == ["succeeded"]
    assert recover_all(registry) == ()


def test_recovery_does_not_make_folders_again(project: Path) -> None:
    """A run whose output folder was removed is ended, and the folder stays away."""
    registry = Registry(project / "registry.duckdb")
    with registry.transaction() as con:
        con.execute("UPDATE runs SET status = 'publishing'")
    for file in (project / "out").iterdir():
        file.unlink()
    (project / "out").rmdir()
    assert [one.status for one in recover_all(registry)] == ["failed"]
    assert not (project / "out").exists()


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_a_disk_that_does_not_flush(project: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    """Whichever fsync fails: both outputs old or both new after the next recovery, and the run is ended."""
    flush, calls = os.fsync, []

    def broken(fd: int) -> None:
        calls.append(fd)
        if len(calls) == failing:
            raise OSError(errno.EIO, "Input/output error")
        flush(fd)

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(nf.SinkError, match="cannot be published: Input/output error"):
        nf.run(nf.load(project / "p.yaml"))
    monkeypatch.undo()
    assert published(project) in ((1, 1), (2, 2))
    assert [one.status for one in recover_all(Registry(project / "registry.duckdb"))] == ["succeeded"]
    assert published(project) == (2, 2)
    assert list((project / "out").glob(".*")) == []


def limited(project: Path, size: int) -> subprocess.CompletedProcess[str]:
    """A run no file of which may grow beyond so many bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return subprocess.run(
        [sys.executable, "-m", "normflow", "run", str(project / "p.yaml")],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limit,
    )


def test_a_full_disk(project: Path) -> None:
    """A file that may not grow beyond 24 MiB: nothing published, nothing left, and the run is told so."""
    rng = np.random.default_rng(1)
    pl.DataFrame({"x": rng.random(4_000_000), "version": 2}).write_parquet(project / "data.parquet")

    done = limited(project, 24 * 2**20)
    assert done.returncode == 3, done.stderr
    assert "cannot be written: File too large; make room and run again" in done.stderr
    assert published(project) == (1, 1)
    assert list((project / "out").glob(".*")) == []
    assert [run.status for run in Registry(project / "registry.duckdb").runs()] == ["failed", "succeeded"]


def test_a_folder_that_may_not_be_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found when the file is staged: the old output stays."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.touch", refused)
        with pytest.raises(nf.SinkError, match="cannot be written: Read-only file system"):
            nf.run(nf.load(project / "p.yaml"))
    assert published(project) == (1, 1)
    assert list((project / "out").glob(".*")) == []


def test_a_registry_without_room(project: Path) -> None:
    """Its log cannot be written: nothing is published, the registry stays whole, and the way out is told."""
    registry = project / "registry.duckdb"
    before = [run.run_id for run in Registry(registry).runs()]

    done = limited(project, 512)
    assert done.returncode == 3, done.stderr
    assert f"{registry}: the registry cannot be written: File too large; make room" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert published(project) == (1, 1)
    assert list((project / "out").glob(".*")) == []
    assert [run.run_id for run in Registry(registry).runs()] == before
    assert health(Registry(registry)).flaws == ()
    assert nf.run(nf.load(project / "p.yaml")).status == "succeeded"


@pytest.mark.parametrize("config", ["no JSON", "{}", "null", "[]", '{"version": 99}'])
def test_a_run_whose_configuration_cannot_be_read_holds_no_other(project: Path, config: str) -> None:
    """It died after its intent: its files are finished all the same, and the next run goes on."""
    registry = Registry(project / "registry.duckdb")
    with registry.transaction() as con:
        con.execute("UPDATE runs SET status = 'publishing', config = ?", [config])
    assert nf.run(nf.load(project / "p.yaml")).status == "succeeded"
    assert [run.status for run in registry.runs()] == ["succeeded", "succeeded"]
    assert published(project) == (2, 2)
