"""The commands plan, diff, rerun and export, and what run, runs and show tell of a run's past."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from normflow.cli import outcome

CONFIGS = Path(__file__).parents[2] / "configs"
WEATHER = "configs/weather.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(CONFIGS, tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """What a command prints on stdout, when it ends with this code."""

    def say(code: int, *words: str) -> str:
        capsys.readouterr()
        assert outcome(list(words)) == code
        return capsys.readouterr().out

    return say


def only_half(folder: Path) -> None:
    file = folder / "configs" / "data" / "weather.parquet"
    pl.read_parquet(file).head(9000).write_parquet(file)


def test_plan_says_what_a_run_would_do_and_ends_as_it_is_told_to(project: Path, said: Any) -> None:
    before = sorted(project.rglob("*"))
    text = said(0, "plan", WEATHER)
    assert text.splitlines()[:5] == [
        "weather: a fit is learned; no run of this pipeline has succeeded yet",
        "0 of 1 partition known; reads configs/data/weather.parquet (26,115 rows)",
        "what it changes is known when they are read",
        "writes out/weather.parquet, which is not there",
        "writes out/weather.quarantine.parquet, if a row is quarantined",
    ]
    assert sorted(project.rglob("*")) == before
    assert said(5, "plan", WEATHER, "--exit-code", "-q") == ""
    said(0, "run", WEATHER, "-q")
    assert said(0, "plan", WEATHER, "--exit-code").splitlines()[-1] == "nothing would change"
    document = json.loads(said(0, "plan", WEATHER, "--json"))
    assert (document["version"], document["fit"], document["differs"]) == (1, "reused", False)
    only_half(project)
    text = said(5, "plan", WEATHER, "--exit-code")
    assert "1 changed (" in text
    assert text.splitlines()[-1] == "a run would change something"


def test_runs_show_and_diff_tell_what_moved(project: Path, said: Any) -> None:
    said(0, "run", WEATHER, "-q")
    only_half(project)
    said(0, "run", WEATHER, "-q", "--mode", "refit")
    newest, oldest = json.loads(said(0, "runs", "weather", "--json"))["runs"]
    assert (newest["mode"], oldest["mode"]) == ("refit", "reuse")
    lines = said(0, "runs").splitlines()
    assert lines[0].split() == [
        *("run", "pipeline", "started", "status", "rows", "quarantined", "mode", "fit", "inputs"),
    ]
    assert f"{newest['fit_id'][:12]} learned  {newest['input_fingerprint'][:8]}" in lines[1]
    assert f"fit learned, mode refit, inputs since {oldest['run_id']}: 1 changed (weather.parquet)" in said(
        0, "show", newest["run_id"]
    )
    text = said(5, "diff", oldest["run_id"], newest["run_id"])
    assert text.splitlines()[0].split() == [
        *("column", "differs", "run", oldest["run_id"], "run", newest["run_id"]),
    ]
    assert "affine.shift" in text
    document = json.loads(said(5, "diff", oldest["fit_id"][:12], "weather@latest", "--json"))
    assert (document["equal"], document["exit_code"]) == (False, 5)
    assert said(0, "diff", "weather@latest", newest["fit_id"]) == (
        f"run {newest['run_id']} and fit {newest['fit_id'][:12]} are equal\n"
    )


def test_rerun_compares_and_writes_only_when_asked(project: Path, said: Any) -> None:
    said(0, "run", WEATHER, "-q")
    assert "made again: identical" in said(0, "rerun", "weather@latest")
    document = json.loads(said(0, "rerun", "weather@latest", "-o", "again/w.parquet", "--json"))
    assert [Path(one["path"]).name for one in document["outputs"]] == ["w.parquet", "w.quarantine.parquet"]
    assert (project / "again" / "w.parquet").read_bytes() == (
        project / "out" / "weather.parquet"
    ).read_bytes()
    only_half(project)
    text = said(5, "rerun", "weather@latest")
    assert "made again: different" in text
    assert "changed since: inputs: 1 changed (weather.parquet)" in text


def test_a_fit_travels_as_a_file(project: Path, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that knows nothing of it: the same bytes, and the run says `given`."""
    said(0, "run", WEATHER, "-q")
    said(0, "export", "weather@latest", "-o", "fit.json")
    assert said(0, "export", "weather@latest") == (project / "fit.json").read_text()
    other = project / "other"
    shutil.copytree(CONFIGS, other / "configs")
    monkeypatch.chdir(other)
    document = json.loads(said(0, "run", WEATHER, "--fit", "../fit.json", "--json"))
    assert (document["fit"], document["mode"]) == ("given", "frozen")
    files = [folder / "out" / "weather.parquet" for folder in (project, other)]
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.usefixtures("project")
def test_what_is_not_there_is_refused_with_the_right_code(said: Any) -> None:
    said(3, "diff", "a", "b")
    said(0, "run", WEATHER, "-q")
    said(2, "run", WEATHER, "--fit", "nothing.json")
    said(3, "run", WEATHER, "--fit", "zzz")
    said(5, "run", WEATHER, "--as-of", "2001-01-01")
    said(2, "run", WEATHER, "--as-of", "soon")
    said(0, "run", WEATHER, "--as-of", "9000-01-01T00:00:00Z", "-q")
    said(3, "rerun", "zzz")
    said(3, "export", "zzz")
    said(3, "export", "weather@latest", "-o", "no/such/folder.json")
    said(2, "plan", WEATHER, "--mode", "fast")


def test_a_plan_without_checks_says_so(tmp_path: Path, said: Any) -> None:
    pl.DataFrame({"x": [1.0, 2.0]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "p.yaml").write_text("source: a.parquet\nsink: b.parquet\nnormalize: {x: zscore}\n")
    lines = said(0, "plan", str(tmp_path / "p.yaml")).splitlines()
    assert lines[-2:] == ["no checks", "a run would change something"]
    (tmp_path / "p.yaml").write_text(
        "source: a.parquet\nsink: b.parquet\nnormalize: {x: zscore}\nchecks: {x: {finite: true}}\n"
    )
    assert said(0, "plan", str(tmp_path / "p.yaml")).splitlines()[-2] == "1 check: checks.x.finite"


def test_every_command_that_reads_a_file_takes_its_schemas(
    tmp_path: Path, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one of them asks to be allowed it can be allowed."""
    pl.DataFrame({"x": [1.0, 2.0]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "held_by.py").write_text(
        "import pandera.polars as pa\nclass Held(pa.DataFrameModel):\n    x: float = pa.Field(gt=0)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    file = tmp_path / "p.yaml"
    file.write_text('source: a.parquet\nsink: b.parquet\nschemas: ["held_by:Held"]\n')
    for words in (["plan"], ["validate", "-q"], ["explain"], ["run", "--limit", "1"], ["run", "-q"]):
        said(2, *words, str(file))
        said(0, *words, str(file), "--allow-import", "held_by")
    assert "is reused" in said(0, "plan", str(file), "--allow-import", "held_by")
