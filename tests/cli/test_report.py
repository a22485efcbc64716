"""The command that writes the page of a run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from normflow.cli import outcome

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(CONFIGS, tmp_path / "configs", ignore=shutil.ignore_patterns("out", ".normflow"))
    monkeypatch.chdir(tmp_path)
    assert outcome(["run", "configs/weather.yaml", "-q"]) == 0
    return tmp_path


def test_report_writes_one_file_named_as_the_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """RUN may be a prefix or `pipeline@latest`, and the file is named by the whole id."""
    assert outcome(["report", "weather@latest", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    file = project / f"{told['run_id']}.html"
    assert told == {"version": 1, "run_id": told["run_id"], "report": file.name, "bytes": file.stat().st_size}
    assert outcome(["report", told["run_id"][:20], "-o", "pages/a.html"]) == 0
    text = capsys.readouterr()
    assert text.out == ""
    assert text.err == f"pages/a.html: {told['bytes']:,} bytes\n"
    assert (project / "pages" / "a.html").read_bytes() == file.read_bytes()


def test_report_of_no_run_and_to_no_file_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """3 for a registry without the run, and for a place that cannot be written."""
    assert outcome(["report", "nothing"]) == 3
    assert "nothing" in capsys.readouterr().err
    (project / "file").touch()
    assert outcome(["report", "weather@latest", "-o", "file/page.html"]) == 3
    assert capsys.readouterr().err.startswith("error NF")
