"""The commands validate and replay, and verdicts as JUnit XML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.dom import minidom

import polars as pl
import pytest

from normflow.cli import outcome
from normflow.report.junit import junit

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE = """\
source: data.csv
sink: out.csv
contract: {x: {range: [0, 100], on_fail: quarantine}, k: {isin: [a, b, c]}}
normalize: {x: zscore}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.yaml").write_text(PIPELINE)
    pl.DataFrame({"x": [1.0, 2.5, 500.5], "k": ["a", "b", "c"]}).write_csv(tmp_path / "data.csv")
    return tmp_path


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_validate_ends_with_0_where_a_run_would_publish_and_leaves_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(project.rglob("*"))
    assert outcome(["validate", "p.yaml", "--json"]) == 0
    found = document(capsys)
    assert (found["version"], found["status"], found["exit_code"], found["fit_id"]) == (1, "passed", 0, None)
    assert sorted(project.rglob("*")) == before
    assert outcome(["validate", "p.yaml"]) == 0
    told = capsys.readouterr().err
    assert "p: passed  3 rows, 1 to quarantine" in told
    assert "only the contract was judged" in told


def test_validate_ends_with_1_where_a_run_would_refuse(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "p.yaml").write_text(PIPELINE.replace(", c]", "]"))
    assert outcome(["validate", "p.yaml", "--json"]) == 1
    found = document(capsys)
    (failed,) = [one for one in found["checks"] if one["status"] == "failed"]
    assert (failed["check"], failed["failed"], failed["examples"]) == (
        "k.isin",
        1,
        [{"row": 2, "value": "c"}],
    )


def test_replay_publishes_what_was_mended(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["run", "p.yaml", "--json"]) == 0
    run = document(capsys)
    file = project / "out.quarantine.csv"
    assert file.read_text().startswith("x,k,_source,_row,_failed,_reason\n500.5,c,data.csv,2,x.range,")
    file.write_text(file.read_text().replace("500.5", "50.5"))
    assert outcome(["replay", run["run_id"][:12], "-o", "more.csv", "--json"]) == 0
    again = document(capsys)
    assert (again["mode"], again["fit_id"], again["rows"]) == ("replay", run["fit_id"], 1)
    assert pl.read_csv(project / "more.csv").columns == ["x", "k"]
    assert outcome(["replay", "nothing"]) == 3


def suites(file: Path) -> dict[str, dict[str, Any]]:
    """Suites by name: what they count, and the children of each case. Read without the writer's parser."""
    root = minidom.parse(str(file)).documentElement  # noqa: S318  (our own file)
    assert root is not None
    found: dict[str, dict[str, Any]] = {}
    for suite in root.getElementsByTagName("testsuite"):
        cases = {
            case.getAttribute("name"): [
                child for child in case.childNodes if child.nodeType == child.ELEMENT_NODE
            ]
            for case in suite.getElementsByTagName("testcase")
        }
        counts = {name: int(suite.getAttribute(name)) for name in ("tests", "failures", "errors", "skipped")}
        found[suite.getAttribute("name")] = {"counts": counts, "cases": cases}
        failures = len(suite.getElementsByTagName("failure"))
        assert (counts["tests"], counts["failures"]) == (len(cases), failures)
    for total in ("tests", "failures", "errors"):
        assert int(root.getAttribute(total)) == sum(one["counts"][total] for one in found.values())
    return found


@pytest.mark.parametrize("command", ["run", "validate"])
def test_junit_has_a_suite_a_section_and_a_case_a_check(project: Path, command: str) -> None:
    assert outcome([command, "p.yaml", "-q", "--junit", "reports/p.xml"]) == 0
    found = suites(project / "reports" / "p.xml")
    assert set(found) >= {"contract", "quarantine"}
    assert list(found["contract"]["cases"]) == ["x.range", "k.isin"]
    properties, output = found["contract"]["cases"]["x.range"]
    values = {
        one.getAttribute("name"): one.getAttribute("value")
        for one in properties.getElementsByTagName("property")
    }
    assert (values["failed"], values["rows"], values["status"]) == ("1", "3", "quarantined")
    assert output.tagName == "system-out"


@pytest.mark.parametrize("command", ["run", "validate"])
def test_junit_tells_a_failed_check_with_its_examples(project: Path, command: str) -> None:
    (project / "p.yaml").write_text(PIPELINE.replace(", c]", "]"))
    assert outcome([command, "p.yaml", "-q", "--junit", "p.xml"]) == 1
    found = suites(project / "p.xml")
    assert found["contract"]["counts"]["failures"] == 1
    failure = found["contract"]["cases"]["k.isin"][-1]
    assert failure.tagName == "failure"
    assert failure.getAttribute("message").startswith("k is not one of a, b in 1 of 3 rows")
    assert failure.firstChild.data.endswith("row 2: c")


def test_junit_tells_what_ended_a_command_before_it_judged(project: Path) -> None:
    (project / "data.csv").unlink()
    assert outcome(["run", "p.yaml", "-q", "--junit", "p.xml"]) == 3
    found = suites(project / "p.xml")
    assert found["run"]["counts"]["errors"] == 1
    assert found["run"]["cases"]["run"][0].tagName == "error"


def test_junit_that_cannot_be_written_is_told_and_judges_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "shut").touch()
    assert outcome(["validate", "p.yaml", "-q", "--junit", "shut/p.xml"]) == 0
    assert "could not be written" in capsys.readouterr().err


def test_junit_holds_any_text(tmp_path: Path) -> None:
    """Control characters and half surrogates, which XML cannot hold in any way; markup, which it can."""
    nasty = "\x00\x0b\x1f\ufffe\ud800 <&\"'>]]> ü 😀\n\t"
    check = {
        "check": nasty,
        "section": nasty,
        "severity": "error",
        "rows": 1,
        "failed": 1,
        "share": 1.0,
        "threshold": "0",
        "status": "failed",
        "message": nasty,
        "examples": [{"row": 0, "value": nasty}],
    }
    (tmp_path / "p.xml").write_text(junit(nasty, [check]), encoding="utf-8")
    (suite,) = suites(tmp_path / "p.xml").values()
    (children,) = suite["cases"].values()
    told = children[-1].firstChild.data
    assert told.startswith("\ufffd\ufffd\ufffd\ufffd\ufffd <&\"'>]]> ü 😀\n\t")


@pytest.mark.parametrize("command", ["run", "validate"])
@pytest.mark.parametrize("name", ["p.yaml", "data.parquet"])
def test_junit_replaces_no_file_of_another_kind(project: Path, command: str, name: str) -> None:
    """Told before anything is read, since the file is written in the end."""
    if not (project / name).exists():
        (project / name).write_bytes(b"PAR1")
    before = (project / name).read_bytes()
    assert outcome([command, "p.yaml", "-q", "--junit", name]) == 2
    assert (project / name).read_bytes() == before
    assert not (project / ".normflow").exists()
    (project / "p.xml").touch()
    for _ in range(2):
        assert outcome([command, "p.yaml", "-q", "--junit", "p.xml"]) == 0
