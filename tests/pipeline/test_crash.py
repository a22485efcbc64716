"""A run that dies at any step leaves the old output or the new one, whole; the next run clears up."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

import normflow as nf

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE = """\
source: data.parquet
contract: {x: {range: [0, 100], on_fail: quarantine}}
normalize: {x: minmax}
sink: out/data.parquet
"""
# Each patch makes the process kill itself at one step of a run.
STEPS = {
    "before the pass": ("normflow.pipeline.execute", "fit_for", "before"),
    "after the pass": ("normflow.pipeline.execute", "verified", "before"),
    "after the judgement": ("normflow.pipeline.story", "Story.publishes", "before"),
    "after the intent": ("normflow.sinks", "publish", "before"),
    "between two renames": ("pathlib", "Path.replace", "after"),
    "after the renames": ("normflow.sinks", "publish", "after"),
    "before success": ("normflow.pipeline.story", "Story.succeeded", "before"),
}
PUBLISHED = {"after the intent", "between two renames", "after the renames", "before success"}
DIE = """
import importlib, os, signal, sys
module, name, when = sys.argv[2:5]
owner = importlib.import_module(module)
*path, last = name.split(".")
for part in path:
    owner = getattr(owner, part)
original = getattr(owner, last)
def dying(*args, **kwargs):
    if when == "after":
        original(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, last, dying)
import normflow as nf
nf.run(nf.load(sys.argv[1]))
"""
# A run that says when it has written, and then takes half a minute to go on.
SLOW = """
import time
from pathlib import Path
import normflow.pipeline.execute as execute
from normflow.cli import main
execute.verified = lambda written: (Path("here").touch(), time.sleep(30))
main(["run", "p.yaml"])
"""
# A run whose rows pass slowly in one of its stages, writing down how many have; it would take half a minute.
CRAWLING = """
import sys, time
from pathlib import Path
from normflow.pipeline.watch import Watch
from normflow.cli import main
seen = Watch.seen
def slowly(watch, rows):
    seen(watch, rows)
    if watch._stage == sys.argv[1]:
        Path("here").write_text(str(watch._rows))
        time.sleep(0.2)
Watch.seen = slowly
main(["run", "p.yaml", "--json"])
"""
ROWS = 20_000_000


def values(folder: Path) -> list[float]:
    return pl.read_parquet(folder / "out" / "data.parquet")["x"].to_list()


def staged(folder: Path) -> list[Path]:
    return list((folder / "out").glob(".*.tmp"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An old output of [1, 2], and a source that has become [1, 3, 5] and an impossible 999."""
    (tmp_path / "p.yaml").write_text(PIPELINE)
    pl.DataFrame({"x": [1.0, 2.0]}).write_parquet(tmp_path / "data.parquet")
    nf.run(nf.load(tmp_path / "p.yaml"))
    pl.DataFrame({"x": [1.0, 3.0, 5.0, 999.0]}).write_parquet(tmp_path / "data.parquet")
    return tmp_path


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_kill_at_every_step(project: Path, step: str) -> None:
    """Killed at a named step; then a run of the same pipeline finds what was left."""
    file = str(project / "p.yaml")
    died = subprocess.run([sys.executable, "-c", DIE, file, *STEPS[step]], check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    old, new = [0.0, 1.0], [0.0, 2.0, 4.0]
    assert values(project) in (old, new)
    record = nf.run(nf.load(file))
    assert (record.status, record.quarantined) == ("succeeded", 1)
    assert values(project) == new
    assert staged(project) == []
    with duckdb.connect(record.registry, read_only=True) as con:
        ends = con.execute("SELECT status FROM runs ORDER BY started").fetchall()
    assert [end for (end,) in ends] == [
        "succeeded",
        "succeeded" if step in PUBLISHED else "failed",
        "succeeded",
    ]


def test_a_source_that_breaks_midway_leaves_the_old_output(project: Path) -> None:
    """A CSV whose last row is no number: nothing published, nothing left behind, the failure on record."""
    rows = "\n".join(str(i % 100) for i in range(300_000))
    (project / "data.csv").write_text(f"x\n{rows}\nno number\n")
    (project / "p.yaml").write_text(PIPELINE.replace("data.parquet\ncontract", "data.csv\ncontract"))
    with pytest.raises(nf.SourceError, match=r"data\.csv: column 'x' holds 'no number', which is no "):
        nf.run(nf.load(project / "p.yaml"))
    assert values(project) == [0.0, 1.0]
    assert staged(project) == []
    with duckdb.connect(project / ".normflow" / "registry.duckdb", read_only=True) as con:
        assert con.execute("SELECT status, exit_code FROM runs ORDER BY started").fetchall()[-1] == (
            "failed",
            3,
        )


@pytest.mark.parametrize(
    ("sent", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_stopped_run_publishes_nothing(project: Path, sent: signal.Signals, exit_code: int) -> None:
    """Ctrl-C and SIGTERM end with their codes, the old output in place and no staged file left."""
    with subprocess.Popen(
        [sys.executable, "-c", SLOW], cwd=project, stderr=subprocess.PIPE, text=True
    ) as process:
        for _ in range(600):
            if (project / "here").exists():
                break
            time.sleep(0.05)
        process.send_signal(sent)
        _, told = process.communicate(timeout=30)
    assert process.returncode == exit_code
    assert "nothing was published" in told
    assert values(project) == [0.0, 1.0]
    assert staged(project) == []


@pytest.mark.parametrize("stage", ["learn", "write"])
@pytest.mark.parametrize(
    ("sent", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_run_is_stopped_among_its_rows(
    project: Path, stage: str, sent: signal.Signals, exit_code: int
) -> None:
    """It does not wait for the rest of them, and leaves the old output, no staged file and a failed run."""
    pl.select(x=pl.repeat(1.5, ROWS)).write_parquet(project / "data.parquet", row_group_size=1_000_000)
    (project / "p.yaml").write_text(PIPELINE.replace("normalize", "fit: {mode: refit}\nnormalize"))
    with subprocess.Popen(
        [sys.executable, "-c", CRAWLING, stage],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for _ in range(600):
            if (project / "here").exists():
                break
            time.sleep(0.05)
        if stage == "write":
            assert len(staged(project)) == 2
        process.send_signal(sent)
        told, _ = process.communicate(timeout=60)
    assert process.returncode == exit_code
    assert "nothing was published" in json.loads(told)["error"]["message"]
    assert 0 < int((project / "here").read_text()) < ROWS // 2
    assert values(project) == [0.0, 1.0]
    assert staged(project) == []
    with duckdb.connect(project / ".normflow" / "registry.duckdb", read_only=True) as con:
        ends = con.execute("SELECT status, exit_code FROM runs ORDER BY started").fetchall()
    assert ends == [("succeeded", 0), ("failed", exit_code)]
