"""Bad input: one clear error with its place and its exit code; the old output and the registry stay whole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

from normflow import sinks
from normflow.cli import outcome

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with one published run, so that there is something to lose."""
    pl.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "x": [1.0, 2.5, 3.0, 9.0],
            "gone": pl.Series([None] * 4, dtype=pl.Float64),
        }
    ).write_parquet(tmp_path / "data.parquet")
    (tmp_path / "p.yaml").write_text(
        "source: data.parquet\nsink: out/data.parquet\nnormalize:\n  x: zscore\n"
    )
    monkeypatch.chdir(tmp_path)
    assert outcome(["run", "p.yaml", "-q"]) == 0
    return tmp_path


def whole(project: Path) -> tuple[bytes, list[tuple[object, ...]]]:
    """The published output's bytes, and the fits on record."""
    with duckdb.connect(project / ".normflow" / "registry.duckdb", read_only=True) as con:
        fits = con.execute("SELECT fit_id, document FROM fits ORDER BY fit_id").fetchall()
    return (project / "out" / "data.parquet").read_bytes(), fits


HEAD = "source: data.parquet\nsink: out/data.parquet\n"

CASES: dict[str, tuple[str, int, str]] = {
    "unknown key": (
        HEAD + "normalise: {x: zscore}\n",
        2,
        "p.yaml:3:1: normalise: unknown key; did you mean 'normalize'?",
    ),
    "unknown method": (
        HEAD + "normalize:\n  x: zscroe\n",
        2,
        "p.yaml:4:6: normalize.x: no such method 'zscroe'; did you mean 'zscore'?",
    ),
    "unknown option": (
        HEAD + "normalize:\n  x: {method: zscore, dof: 1}\n",
        2,
        "p.yaml:4:23: normalize.x.dof: method 'zscore' has no option 'dof'; did you mean 'ddof'?",
    ),
    "unknown column": (
        HEAD + "normalize:\n  xx: zscore\n",
        2,
        "p.yaml:4:3: normalize.xx: no such column in the source; did you mean 'x'?",
    ),
    "unknown contract column": (
        HEAD + "contract:\n  idd: {nullable: false}\n",
        2,
        "p.yaml:4:3: contract.idd: no such column in the source; did you mean 'id'?",
    ),
    "wrong dtype": (
        HEAD + "contract:\n  x: {dtype: string}\n",
        2,
        "p.yaml:4:7: contract.x: the contract asks for string, and the column is Float64",
    ),
    "text under a numeric method": (
        HEAD + "normalize:\n  id: zscore\n",
        2,
        "p.yaml:4:3: normalize.id: zscore needs numbers, and the column's type is String",
    ),
    "missing file": (
        "source: nothing.parquet\nsink: out/data.parquet\n",
        3,
        "nothing.parquet: no such file",
    ),
    "unreadable file": (
        "source: p.yaml\nsink: out/data.parquet\n",
        2,
        "p.yaml:1:9: source: ",
    ),
    "all-null column under a named method": (
        HEAD + "normalize:\n  gone: zscore\n",
        1,
        "zscore refuses column 'gone': ",
    ),
    "broken contract": (
        HEAD + "contract:\n  x: {range: [0, 5]}\n",
        1,
        "1 of 4 rows (25%); first in row 3: 9; add `on_fail: quarantine`, or widen the range",
    ),
    "unknown sink option": (
        "source: data.parquet\nsink: {path: out/data.parquet, options: {compresion: zstd}}\n",
        2,
        "p.yaml:2:42: sink.options.compresion: no such option of format parquet; did you mean 'compression'?",
    ),
    "a folder as the sink": (
        "source: data.parquet\nsink: {path: out, format: parquet}\n",
        3,
        "out: is a folder, not a file; name a file in it",
    ),
    "broken check": (
        HEAD + "normalize:\n  x: zscore\nchecks:\n  x: {range: [-1, 1]}\n",
        1,
        "checks.x.range: x is not in [-1, 1] in ",
    ),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bad_input_ends_with_one_clear_error(
    project: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """The message opens with its place, the exit code is the documented one, and nothing is lost."""
    text, exit_code, message = CASES[case]
    before = whole(project)
    (project / "p.yaml").write_text(text)
    assert outcome(["run", "p.yaml"]) == exit_code
    told = capsys.readouterr().err
    assert message in told.replace(f"{project}/", "")
    assert "Traceback" not in told
    after = whole(project)
    assert after[0] == before[0]
    assert set(before[1]) <= set(after[1])
    assert not list((project / "out").glob(".*.tmp"))


def test_a_failed_run_prints_its_record_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json, stdout holds one document, also on failure."""
    (project / "p.yaml").write_text(CASES["broken contract"][0])
    assert outcome(["run", "p.yaml", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert {
        "run_id",
        "fit_id",
        "status",
        "exit_code",
        "rows",
        "quarantined",
        "outputs",
        "columns",
        "checks",
    } <= set(document)
    assert (document["status"], document["exit_code"], document["rows"]) == ("failed", 1, 4)
    assert next(one for one in document["checks"] if one["check"] == "x.range")["status"] == "failed"
    with duckdb.connect(project / ".normflow" / "registry.duckdb", read_only=True) as con:
        query = "SELECT status, exit_code, rows, quarantined, fit_id FROM runs WHERE run_id = ?"
        assert con.execute(query, [document["run_id"]]).fetchall() == [
            ("failed", 1, 4, 0, document["fit_id"])
        ]


def test_an_error_before_a_run_is_a_json_document_too(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A configuration error has no run to tell of, but the same fields."""
    (project / "p.yaml").write_text(CASES["unknown key"][0])
    assert outcome(["run", "p.yaml", "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["status"], document["exit_code"], document["run_id"]) == ("failed", 2, None)
    assert document["error"]["id"] == "NF200"


def test_an_empty_file_ends_with_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No rows: judged, not crashed."""
    before = whole(project)
    pl.read_parquet(project / "data.parquet").clear().write_parquet(project / "data.parquet")
    assert outcome(["run", "p.yaml"]) == 1
    assert "no rows" in capsys.readouterr().err
    assert outcome(["run", "p.yaml", "--mode", "refit"]) == 1
    assert whole(project) == before


def test_a_truncated_file_ends_with_3(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged source is an execution error that names the file."""
    before = whole(project)
    data = (project / "data.parquet").read_bytes()
    (project / "data.parquet").write_bytes(data[: len(data) // 2])
    assert outcome(["run", "p.yaml"]) == 3
    assert "data.parquet: " in capsys.readouterr().err
    assert whole(project) == before


def test_an_all_null_column_under_auto_passes_through_with_a_warning(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`auto` gives none with the warning no_values."""
    (project / "p.yaml").write_text(HEAD)
    assert outcome(["run", "p.yaml", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    (gone,) = (one for one in document["columns"] if one["column"] == "gone")
    assert gone["method"] == "none"
    assert [notice["id"] for notice in gone["choice"]["notices"]] == ["no_values"]
    assert pl.read_parquet(project / "out" / "data.parquet")["gone"].null_count() == 4


def test_two_runs_on_one_sink_do_not_meet(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While another run holds the sink, a run waits and then ends with 4."""
    before = whole(project)
    with sinks.lock(project / "out" / "data.parquet"):
        assert outcome(["run", "p.yaml", "--wait", "0.2"]) == 4
    assert re.search(r"another run holds this sink \(process \d+, waited 0.2 s\)", capsys.readouterr().err)
    assert whole(project) == before


def test_a_registry_of_a_newer_format_is_left_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be read by whoever wrote it: nothing is changed, nothing is published."""
    with duckdb.connect(project / ".normflow" / "registry.duckdb") as con:
        con.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    registry = (project / ".normflow" / "registry.duckdb").read_bytes()
    output = (project / "out" / "data.parquet").read_bytes()
    assert outcome(["run", "p.yaml"]) == 3
    assert "format 99" in capsys.readouterr().err
    assert (project / ".normflow" / "registry.duckdb").read_bytes() == registry
    assert (project / "out" / "data.parquet").read_bytes() == output


@pytest.mark.usefixtures("project")
def test_a_missing_pipeline_file_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """The file itself is the place."""
    assert outcome(["run", "nothing.yaml"]) == 2
    assert "nothing.yaml: no such file" in capsys.readouterr().err


def test_when_all_rows_are_quarantined_nothing_is_published(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty output would replace a good one: with a stored fit as without."""
    text = HEAD + "contract:\n  x: {range: [0, 100], on_fail: quarantine}\nnormalize: {x: zscore}\n"
    (project / "p.yaml").write_text(text)
    assert outcome(["run", "p.yaml", "-q"]) == 0
    before = whole(project)
    data = pl.read_parquet(project / "data.parquet")
    data.with_columns(x=pl.lit(1000.0)).write_parquet(project / "data.parquet")
    for mode in ("reuse", "refit"):
        assert outcome(["run", "p.yaml", "--mode", mode]) == 1
        capsys.readouterr()
        assert whole(project) == before
