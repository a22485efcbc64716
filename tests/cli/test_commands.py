"""The commands: what each prints on stdout, as text and as one JSON document, and with which code it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from normflow.cli import outcome

if TYPE_CHECKING:
    import normflow as nf

CONFIGS = Path(__file__).parents[2] / "configs"
WEATHER = "configs/weather.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(CONFIGS, tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """The JSON document a command prints, and nothing else on stdout."""
    assert outcome([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def text(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert outcome(list(words)) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_run_prints_one_document_with_the_promised_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """At least run_id, fit_id, status, exit_code, rows, quarantined, outputs, columns, checks."""
    document = answer(capsys, "run", WEATHER)
    assert document["version"] == 1
    assert (document["status"], document["exit_code"]) == ("succeeded", 0)
    assert (document["rows"], document["quarantined"]) == (26_115, 1)
    assert [Path(output["path"]).name for output in document["outputs"]] == [
        "weather.parquet",
        "weather.quarantine.parquet",
    ]
    assert {"run_id", "fit_id", "columns", "checks"} <= set(document)


@pytest.mark.usefixtures("project")
def test_the_summary_goes_to_stderr_and_tells_what_matters(capsys: pytest.CaptureFixture[str]) -> None:
    """Per column method, reason, before and after; what was quarantined and why; where everything is."""
    assert outcome(["run", WEATHER]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    for part in (
        "weather succeeded: 26,115 rows, 1 quarantined, fit learned",
        "skew 0.64 is small: z-score",
        "1.10 → -0.01",
        "79.6%",
        "wind_speed is not in [0, 250] in 1 of 26,115 rows (0.00383%), which are quarantined;",
        "first in row 1,009: 1048.36058",
        "out/weather.quarantine.parquet  1 row",
        ".normflow/registry.duckdb",
    ):
        assert part in " ".join(printed.err.split()) or part in printed.err


@pytest.mark.usefixtures("project")
def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["run", WEATHER, "-q"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("project")
def test_profile_shows_every_column_and_what_auto_would_choose(capsys: pytest.CaptureFixture[str]) -> None:
    printed = text(capsys, "profile", "configs/data/weather.parquet")
    assert "robust: skew 68.94 comes from outliers" in printed
    columns = {
        one["column"]: one for one in answer(capsys, "profile", "configs/data/weather.parquet")["columns"]
    }
    assert len(columns) == 15
    assert columns["origin"]["method"] is None
    assert columns["precip"]["choice"]["rule"] == "zero_inflated"
    assert columns["wind_speed"]["max"] == 1048.36058


@pytest.mark.usefixtures("project")
def test_explain_gives_the_evidence_the_candidates_and_the_formula(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of one column, of all, and the same before and after a run."""
    printed = text(capsys, "explain", WEATHER, "wind_gust")
    assert "y = squash((boxcox(x/24.1664, λ=-0.623901) − 0.0129707)/0.214659, ±4)" in printed
    assert "runner-up" in printed
    before = answer(capsys, "explain", WEATHER)
    assert outcome(["run", WEATHER, "-q"]) == 0
    assert answer(capsys, "explain", WEATHER) == before
    assert outcome(["explain", WEATHER, "wind_gusts"]) == 2
    assert "did you mean 'wind_gust'?" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_runs_and_show_tell_the_history(capsys: pytest.CaptureFixture[str]) -> None:
    """Newest first; a run by id, by unique prefix and as pipeline@latest."""
    first = answer(capsys, "run", WEATHER)
    second = answer(capsys, "run", WEATHER)
    listed = answer(capsys, "runs")["runs"]
    assert [one["run_id"] for one in listed] == [second["run_id"], first["run_id"]]
    assert answer(capsys, "runs", WEATHER) == answer(capsys, "runs", "weather")
    assert second["run_id"] in text(capsys, "runs")
    for reference in (second["run_id"], second["run_id"][:-1], "weather@latest"):
        shown = answer(capsys, "show", reference)
        assert shown["run_id"] == second["run_id"]
        assert shown["columns"] == second["columns"]
    assert "fit reused" in text(capsys, "show", "weather@latest")
    assert outcome(["show", "nothing"]) == 3
    assert "nothing" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_check_reads_no_rows_and_tells_all_problems(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good files with 0, and every problem of a bad one with its place and 2."""
    assert answer(capsys, "check", WEATHER)["files"] == [{"file": WEATHER, "ok": True, "columns": 13}]
    bad = (
        (project / WEATHER)
        .read_text()
        .replace("wind_speed: {range", "wind_sped: {range")
        .replace("zscore", "zscoer")
    )
    (project / "configs" / "bad.yaml").write_text(bad)
    assert outcome(["check", WEATHER, "configs/bad.yaml"]) == 2
    told = capsys.readouterr().err
    assert "configs/bad.yaml:" in told
    assert "did you mean 'zscore'?" in told
    assert not (project / ".normflow").exists()


def test_schema_prints_the_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    printed = json.loads(text(capsys, "schema"))
    assert {"source", "sink", "contract", "normalize", "checks"} <= set(printed["properties"])


def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["rnu"]) == 2
    assert outcome(["run"]) == 2
    assert outcome(["run", "x.yaml", "--mode", "again"]) == 2
    assert "reuse" in capsys.readouterr().err


def test_an_unexpected_error_ends_with_3(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug is told as one, without a traceback unless asked, and never as a verdict."""

    def broken(_path: object, **_options: object) -> nf.Pipeline:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("normflow.pipeline.loaded", broken)
    assert outcome(["run", str(project / WEATHER)]) == 3
    told = capsys.readouterr().err
    assert "unexpected error: RuntimeError: on purpose; nothing was published" in told
    assert "Traceback" not in told
    assert outcome(["run", str(project / WEATHER), "-v"]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_a_closed_pipe_keeps_the_exit_code(project: Path) -> None:
    """`normflow … | head` ends as the command does: 0 for a run that published, 2 for a bad file."""
    for words, code in ((["run", WEATHER, "--json"], 0), (["run", WEATHER], 0), (["run", "nothing.yaml"], 2)):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as closed:
            done = subprocess.run(
                [sys.executable, "-m", "normflow", *words],
                cwd=project,
                stdout=closed,
                stderr=closed,
                check=False,
            )
        assert done.returncode == code
    assert (project / "out" / "weather.parquet").exists()


def test_json_is_ascii_and_survives_a_narrow_encoding(project: Path) -> None:
    """A terminal that knows no arrow or minus sign loses no document and changes no exit code."""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    for words in (["run", WEATHER, "--json"], ["show", "weather@latest"]):
        done = subprocess.run(
            [sys.executable, "-m", "normflow", *words],
            cwd=project,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0
        assert done.stdout.isascii() or b"?" in done.stdout


@pytest.mark.usefixtures("project")
def test_wrong_usage_prints_a_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json there is always exactly one, with the fields of a run where a run was asked for."""
    assert outcome(["run", WEATHER, "--mode", "again", "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["status"], document["exit_code"], document["columns"]) == ("failed", 2, [])
    assert "again" in document["error"]["message"]


def test_plain_text_is_plain_on_a_terminal(project: Path) -> None:
    """Without color there is no escape sequence at all, on a terminal either."""
    told = subprocess.run(
        ["script", "-qec", f"{sys.executable} -m normflow run {WEATHER} --no-color", "/dev/null"],
        cwd=project,
        capture_output=True,
        check=True,
    ).stdout
    assert b"weather succeeded" in told
    assert b"\x1b" not in told


def test_a_reused_fit_is_told_as_such(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The output's range and the missing values are this run's, not those of the rows that taught the fit."""
    (project / "p.yaml").write_text("source: x.parquet\nsink: out/x.parquet\nnormalize: {x: zscore}\n")
    pl.DataFrame({"x": [1.0, 2.0, 3.0]}).write_parquet(project / "x.parquet")
    assert outcome(["run", "p.yaml", "-q"]) == 0
    pl.DataFrame({"x": [102.0, None]}).write_parquet(project / "x.parquet")
    assert outcome(["run", "p.yaml"]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "range (at the fit) → output" in told
    assert "1 … 3 → 122.5 … 122.5 50.0%" in told


@pytest.mark.usefixtures("project")
def test_runs_without_a_registry_says_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["runs"]) == 3
    assert "name it with --registry, or give the pipeline file" in capsys.readouterr().err


def test_all_problems_of_a_file_come_at_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Contract, normalize and sink options, in one go."""
    (project / "p.yaml").write_text(
        "source: configs/data/weather.parquet\n"
        "sink: {path: out/x.parquet, options: {level: 3}}\n"
        "contract: {tmp: {nullable: false}}\n"
        "normalize: {dew: zscore}\n"
    )
    assert outcome(["check", "p.yaml"]) == 2
    told = capsys.readouterr().err
    for part in (
        "contract.tmp: no such column",
        "normalize.dew: no such column",
        "sink.options.level: no such option",
    ):
        assert part in told


def test_the_allocator_gives_memory_back(tmp_path: Path) -> None:
    """Of the command's process, which is normflow's own; what the user set stays."""
    code = """
import os, sys
from normflow.cli import main
try:
    main(["schema"])
finally:
    print(os.environ["_RJEM_MALLOC_CONF"], file=sys.stderr)
"""
    for given, told in ((None, "muzzy_decay_ms:0"), ("dirty_decay_ms:7", "dirty_decay_ms:7")):
        environment = {key: value for key, value in os.environ.items() if key != "_RJEM_MALLOC_CONF"}
        environment |= {"_RJEM_MALLOC_CONF": given} if given else {}
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
            cwd=tmp_path,
        )
        assert told in done.stderr


def test_a_target_and_vars_reach_the_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`check` and `explain --config` read the file as `run` does."""
    pl.DataFrame({"x": [1.5, 2.5, 4.0]}).write_parquet(tmp_path / "a.parquet")
    file = tmp_path / "p.yaml"
    file.write_text(
        'vars: {name: b}\nsource: "${var:name}.parquet"\nsink: o.parquet\n'
        "targets: {t: {normalize: {x: log}}}\n"
    )
    assert outcome(["check", str(file)]) == 3
    assert outcome(["check", str(file), "--var", "name=a", "--target", "t"]) == 0
    capfd.readouterr()
    command = ["explain", str(file), "--config", "--json", "--var", "name=a", "--target", "t"]
    assert outcome(command) == 0
    found = {one["key"]: one["value"] for one in json.loads(capfd.readouterr().out)["settings"]}
    assert (found["vars.name"], found["source"], found["normalize.x"]) == ("a", "a.parquet", "log")
    assert outcome(["check", str(file), "--var", "name"]) == 2
    assert "'name' is not NAME=VALUE" in capfd.readouterr().err
