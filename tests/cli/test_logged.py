"""`--log`: what happens, as JSON lines."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow.cli import outcome
from normflow.logs import JsonLines

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SECRET = "postgresql://etl:hunter2@db.invalid/shop"  # noqa: S105


def project(folder: Path, more: str = "") -> str:
    pl.DataFrame({"x": [1.0, 2.0, 4.0]}).write_parquet(folder / "data.parquet")
    (folder / "p.yaml").write_text(f"source: data.parquet\nsink: out.parquet\n{more}", encoding="utf-8")
    return str(folder / "p.yaml")


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_run_logs_its_turns(tmp_path: Path) -> None:
    log = tmp_path / "runs.log"
    assert outcome(["run", project(tmp_path), "-q", "--log", str(log)]) == 0
    found = lines(log)
    assert [one["event"] for one in found] == ["run_started", *["stage_ended"] * 6, "run_succeeded"]
    assert {(one["pipeline"], one["run_id"]) for one in found} == {("p", found[0]["run_id"])}
    assert [one["time"] for one in found] == sorted(one["time"] for one in found)
    last = found[-1]
    assert (last["rows"], last["quarantined"], last["outputs"]) == (3, 0, [str(tmp_path / "out.parquet")])


def test_runs_add_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "runs.log"
    for _ in range(2):
        assert outcome(["run", project(tmp_path), "-q", "--log", str(log)]) == 0
    assert [one["event"] for one in lines(log)].count("run_succeeded") == 2


def test_checks_that_fail_and_why_the_run_failed_are_logged_without_values(tmp_path: Path) -> None:
    log = tmp_path / "runs.log"
    more = "contract: {x: {range: [0, 3]}}\n"
    assert outcome(["run", project(tmp_path, more), "-q", "--log", str(log)]) == 1
    check, failed = lines(log)[-2:]
    assert (check["event"], check["level"], check["check"]) == ("check", "error", "contract.x.range")
    assert (check["failed"], check["rows"]) == (1, 3)
    assert (failed["event"], failed["id"], failed["exit_code"]) == ("run_failed", "NF110", 1)
    assert failed["error"] == "1 check failed, nothing was published"


def test_an_error_before_the_run_begins_is_logged(tmp_path: Path) -> None:
    log = tmp_path / "runs.log"
    assert outcome(["run", project(tmp_path, "contract: {y: {}}\n"), "-q", "--log", str(log)]) == 2
    (only,) = lines(log)
    assert (only["event"], only["id"], only["exit_code"]) == ("run_failed", "NF210", 2)


def test_no_secret_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "hunter2")
    log = tmp_path / "runs.log"
    address = SECRET.replace("hunter2", "${secret:PASSWORD}")
    (tmp_path / "p.yaml").write_text(
        f'source: {{database: "{address}", table: t}}\nsink: out.parquet\n', encoding="utf-8"
    )
    assert outcome(["run", str(tmp_path / "p.yaml"), "-q", "--log", str(log)]) == 3
    assert "hunter2" not in log.read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_is_told_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["run", project(tmp_path), "--log", str(tmp_path / "no/runs.log")]) == 3
    assert "no/runs.log: the log cannot be written: No such file or directory" in capsys.readouterr().err
    assert not (tmp_path / "out.parquet").exists()


def test_the_log_goes_to_stderr_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["run", project(tmp_path), "-q", "--log", "-"]) == 0
    told = capsys.readouterr()
    assert [json.loads(line)["event"] for line in told.err.splitlines()][-1] == "run_succeeded"
    assert told.out == ""


def test_without_the_option_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even warnings, which Python shows where nobody listens."""
    more = "contract: {x: {range: [0, 3], severity: warn}}\n"
    assert outcome(["run", project(tmp_path, more), "-q"]) == 0
    assert capsys.readouterr().err == ""


def test_a_message_of_somebody_else_is_a_line_too() -> None:
    record = logging.LogRecord("normflow.x", logging.WARNING, "", 0, "%s is late", ("it",), None)
    line = json.loads(JsonLines().format(record))
    assert (line["level"], line["event"], line["text"]) == ("warning", "message", "it is late")
