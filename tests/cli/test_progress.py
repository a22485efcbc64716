"""Where a long run is: a line that moves on a terminal, JSON lines for machines, else nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from normflow.cli import outcome, progress
from normflow.cli.progress import JsonLines, Pace

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 30_000
STAGES = ["learn", "refine", "fit", "write", "verify", "publish"]
# A run that shows its line at once, as if it took long.
IMPATIENT = """
import sys
from normflow.cli import main, progress
progress.PATIENCE = 0.0
main(["run", "p.yaml", *sys.argv[1:]])
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "p.yaml").write_text("source: x.parquet\nsink: out/x.parquet\nnormalize: {x: zscore}\n")
    pl.select(x=pl.int_range(ROWS).cast(pl.Float64)).write_parquet(tmp_path / "x.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock whose time is in the list."""
    time = [100.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: time[0]))
    return time


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def on_terminal(project: Path, *options: str, code: str = IMPATIENT) -> str:
    """What a person sees, escape sequences too."""
    (project / "run.py").write_text(code)
    words = " ".join([sys.executable, "run.py", *options])
    done = subprocess.run(
        ["script", "-qec", words, "/dev/null"], cwd=project, capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("option", ["-q", "--json"])
def test_json_lines_tell_every_stage_from_its_start_to_its_end(
    capsys: pytest.CaptureFixture[str], option: str
) -> None:
    assert outcome(["run", "p.yaml", "--json-progress", option]) == 0
    told = lines(capsys.readouterr().err)
    assert all(list(one) == ["stage", "rows", "total", "rate", "seconds", "seconds_left"] for one in told)
    assert list(dict.fromkeys(one["stage"] for one in told)) == STAGES
    for stage in ("learn", "write", "verify", "publish"):
        first, *_, last = (one for one in told if one["stage"] == stage)
        assert (first["rows"], first["total"], first["rate"], first["seconds_left"]) == (0, ROWS, None, None)
        assert (last["rows"], last["total"], last["seconds_left"]) == (ROWS, ROWS, 0.0)
        assert last["rate"] > 0


def test_a_line_a_second_and_one_at_each_end(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    """Ten reports a second become one; the first and the last of a stage are always told."""
    listener = JsonLines()
    for tenth in range(26):
        clock[0] = 100 + tenth / 10
        listener("learn", 1000 * tenth, 50_000)
    clock[0] = 102.55
    listener("fit", 0, None)
    listener.close()
    listener.close()
    told = lines(capsys.readouterr().err)
    assert [(one["stage"], one["rows"], one["seconds"]) for one in told] == [
        ("learn", 0, 0.0),
        ("learn", 10_000, 1.0),
        ("learn", 20_000, 2.0),
        ("learn", 25_000, 2.5),
        ("fit", 0, 0.0),
    ]
    assert told[2] == {
        "stage": "learn",
        "rows": 20_000,
        "total": 50_000,
        "rate": 10_000.0,
        "seconds": 2.0,
        "seconds_left": 3.0,
    }


@pytest.mark.parametrize(
    ("pace", "text"),
    [
        (Pace.of("learn", 0, 100, 0.0), ""),
        (Pace.of("learn", 0, None, 3.0), ""),
        (Pace.of("learn", 3_000_000, None, 2.0), "3,000,000 rows, 1,500,000 rows/s"),
        (Pace.of("write", 1000, 8000, 1.0), "1,000 of 8,000 rows, 1,000 rows/s, 7 s left"),
        (Pace.of("write", 1000, 66_000, 1.0), "1,000 of 66,000 rows, 1,000 rows/s, 1:05 left"),
        (Pace.of("write", 1, 7203, 1.0), "1 of 7,203 rows, 1 rows/s, 2:00:02 left"),
        (Pace.of("write", 1, 172_801, 1.0), "1 of 172,801 rows, 1 rows/s, 2.0 days left"),
        (Pace.of("write", 200, 100, 1.0), "200 of 100 rows, 200 rows/s, 0 s left"),
    ],
)
def test_what_a_person_reads(pace: Pace, text: str) -> None:
    """Nothing that is not known: no rate before the first row, no time left without a total."""
    assert pace.to_text() == text


def test_a_terminal_shows_the_stages_and_clears_the_line(project: Path) -> None:
    """The last thing to be seen is the summary."""
    seen = on_terminal(project)
    for stage in STAGES:
        assert f"{stage} " in seen
    assert f"{ROWS:,} of {ROWS:,} rows" in seen
    assert "\x1b[2K" in seen
    summary = seen.rpartition("\x1b[2K")[2]
    assert "rows/s" not in summary
    assert "succeeded" in summary


@pytest.mark.parametrize("option", ["-q", "--json", "--no-color"])
def test_a_terminal_shows_no_line_that_was_not_wanted(project: Path, option: str) -> None:
    seen = on_terminal(project, option)
    assert "rows/s" not in seen
    assert "\x1b" not in seen


def test_a_short_run_shows_no_line(project: Path) -> None:
    """Nor loads what draws it."""
    code = IMPATIENT.replace("0.0", "1e9").replace(
        'main(["run"',
        'import atexit\natexit.register(lambda: print("rich.progress" in sys.modules))\nmain(["run"',
    )
    seen = on_terminal(project, code=code)
    assert "rows/s" not in seen
    assert seen.splitlines()[-1] == "False"


def test_nothing_is_shown_when_piped(project: Path) -> None:
    """Only the summary, in plain text."""
    done = subprocess.run(
        [sys.executable, "-c", IMPATIENT], cwd=project, capture_output=True, check=True, text=True, timeout=60
    )
    assert done.stdout == ""
    assert done.stderr.startswith("p succeeded")
    assert "rows/s" not in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.usefixtures("project")
def test_a_failing_run_ends_its_lines_before_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    pl.DataFrame({"x": ["a"]}).write_parquet("x.parquet")
    assert outcome(["run", "p.yaml", "--json-progress"]) == 2
    assert capsys.readouterr().err.startswith("error ")
    pl.DataFrame({"x": [None]}, schema={"x": pl.Float64}).write_parquet("x.parquet")
    assert outcome(["run", "p.yaml", "--json-progress"]) == 1
    *told, error = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["stage"] for line in told][-1] == "fit"
    assert error.startswith("error ")
