"""Every command answers alike: one document with --json, nothing with -q, plain text in a pipe."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from normflow.cli import outcome
from normflow.cli.catalogue import normflow
from tests.cli.test_help import commands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIPELINE = """\
source: data.parquet
contract: {x: {range: [0, 100], on_fail: quarantine}}
normalize: {x: zscore}
sink: out/data.parquet
"""
# The words of each command, and the code it ends with; {tmp} is a folder of its own.
ANSWERS: dict[str, tuple[str, int]] = {
    "init": ("data.parquet -o {tmp}/new.yaml", 0),
    "check": ("p.yaml", 0),
    "profile": ("data.parquet", 0),
    "run": ("p.yaml", 0),
    "plan": ("p.yaml --exit-code", 5),  # a copy is not where the last run left its outputs
    "validate": ("p.yaml", 0),
    "inverse": ("p.yaml out/data.parquet -o {tmp}/back.parquet", 0),
    "explain": ("p.yaml", 0),
    "report": ("p@latest -o {tmp}/page.html", 0),
    "diff": ("p@latest p@latest", 0),
    "runs": ("p.yaml", 0),
    "show": ("p@latest", 0),
    "rerun": ("p@latest", 0),
    "replay": ("p@latest -o {tmp}/mended.parquet", 1),
    "export": ("p@latest -o {tmp}/fit.json", 0),
    "registry check": ("", 0),
    "registry recover": ("", 0),
    "registry compact": ("", 0),
    "registry backup": ("{tmp}/copy.duckdb", 0),
    "registry forget": ("p --yes", 0),
    "methods": ("", 0),
    "plugins": ("p.yaml", 0),
    "help": ("NF210", 0),
}
PRINTS_AS_IT_IS = {"schema", "completion"}  # what it prints is for another program
# Of each command that can fail: how it does, and with which code and error.
FAILURES = {
    "init": ("nothing.parquet", 3, "NF300"),
    "check": ("broken.yaml", 2, "NF200"),
    "profile": ("nothing.parquet", 3, "NF300"),
    "run": ("broken.yaml", 2, "NF200"),
    "plan": ("broken.yaml", 2, "NF200"),
    "validate": ("missing.yaml", 2, "NF210"),
    "inverse": ("p.yaml nothing.parquet -o {tmp}/b.parquet", 3, "NF300"),
    "explain": ("p.yaml y", 2, "NF210"),
    "report": ("nothing", 3, "NF320"),
    "diff": ("nothing p@latest", 3, "NF320"),
    "runs": ("--registry no.duckdb", 3, "NF320"),
    "show": ("nothing", 3, "NF320"),
    "rerun": ("nothing", 3, "NF320"),
    "replay": ("nothing", 3, "NF320"),
    "export": ("nothing", 3, "NF320"),
    "registry backup": ("p.yaml", 3, "NF320"),
    "methods": ("zscroe", 2, "NF200"),
    "plugins": ("broken.yaml", 2, "NF200"),
    "help": ("nothing", 2, None),
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with one run."""
    folder = tmp_path_factory.mktemp("answers")
    rows = pl.DataFrame({"id": ["a", "b", "c", "d"], "x": [1.0, 2.5, 3.0, 900.0]})
    rows.write_parquet(folder / "data.parquet")
    (folder / "p.yaml").write_text(PIPELINE)
    (folder / "broken.yaml").write_text(PIPELINE.replace("sink", "sinc"))
    (folder / "missing.yaml").write_text(PIPELINE.replace("normalize: {x", "normalize: {y"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert outcome(["run", "p.yaml", "-q"]) == 0
    return folder


@pytest.fixture
def project(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to work in."""
    shutil.copytree(published, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path


def words(command: str, arguments: str, folder: Path) -> list[str]:
    return [*command.split(), *arguments.format(tmp=folder).split()]


def every() -> Iterator[str]:
    yield from (path for path, command in commands() if path != "registry")


def test_the_tables_know_every_command() -> None:
    assert {*ANSWERS, *PRINTS_AS_IT_IS} == set(every())
    assert set(FAILURES) <= set(ANSWERS)


@pytest.mark.parametrize("command", ANSWERS)
def test_json_is_one_document_and_all_of_stdout(
    project: Path, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    """With a version and the exit code; on stderr at most a failed check is told."""
    arguments, code = ANSWERS[command]
    assert outcome([*words(command, arguments, project), "--json"]) == code
    printed = capfd.readouterr()
    document: dict[str, Any] = json.loads(printed.out)
    assert document["version"] == 1
    assert document.get("exit_code", 0) == code
    assert "\x1b" not in printed.out + printed.err
    assert bool(printed.err) == (code == 1)


@pytest.mark.parametrize("command", FAILURES)
def test_an_error_is_one_document_too(project: Path, capfd: pytest.CaptureFixture[str], command: str) -> None:
    """With its id, code, message, way out and places; and the same on stderr for people."""
    arguments, code, error = FAILURES[command]
    assert outcome([*words(command, arguments, project), "--json"]) == code
    printed = capfd.readouterr()
    document: dict[str, Any] = json.loads(printed.out)
    assert (document["version"], document["exit_code"]) == (1, code)
    found = document["error"] if "error" in document else document["files"][0]["error"]
    assert {*found} == {"id", "exit_code", "message", "hint", "places"}
    assert (found["id"], found["exit_code"]) == (error, code)
    assert found["message"].splitlines()[0] in printed.err
    assert all({"file", "line", "column", "key", "message"} <= {*one} for one in found["places"])
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("command", ANSWERS)
def test_quiet_says_nothing_but_errors(
    project: Path, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    arguments, code = ANSWERS[command]
    assert outcome([*words(command, arguments, project), "-q"]) == code
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error NF") if code == 1 else not printed.err


@pytest.mark.parametrize(
    "command", ["profile", "plan", "explain", "runs", "show", "methods", "help", "export"]
)
def test_data_goes_to_stdout_and_is_plain_in_a_pipe(
    project: Path, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    """No escape sequence, no space at the end of a line, nothing on stderr."""
    arguments, code = ANSWERS[command]
    assert outcome(words(command, arguments.partition(" -o")[0], project)) == code
    printed = capfd.readouterr()
    assert printed.err == ""
    assert "\x1b" not in printed.out
    assert [line for line in printed.out.splitlines() if line != line.rstrip()] == []
    assert printed.out.endswith("\n")
    assert not printed.out.endswith("\n\n\n")


ON_A_TERMINAL = ("profile data.parquet", "run broken.yaml", "help NF210", "rnu")


@pytest.mark.parametrize("without", ["", "NO_COLOR"])
def test_a_terminal_is_styled_unless_told_otherwise(published: Path, without: str) -> None:
    """NO_COLOR means no escape sequence at all; without it there are some."""
    line = " ; ".join(f"{sys.executable} -m normflow {one}" for one in ON_A_TERMINAL)
    setting = f"export {without}=1; " if without else "unset NO_COLOR; export TERM=xterm-256color; "
    done = subprocess.run(
        ["script", "-qec", f"bash -c '{setting}{line}'", "/dev/null"],
        cwd=published,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert b"zscore" in done.stdout
    assert b"normflow help NF200 tells what to do" in done.stdout
    assert (b"\x1b" in done.stdout) is not bool(without)


def test_every_command_that_answers_has_the_same_options() -> None:
    """Short and long, and none but those that print for another program is without."""
    for path, command in commands(normflow):
        options = {name for one in command.params for name in one.opts}
        if path not in PRINTS_AS_IT_IS and path != "registry":
            assert {"--json", "-q", "--quiet", "--no-color", "-v", "--verbose"} <= options, path


@pytest.mark.parametrize("columns", ["40", "120"])
def test_columns_tells_how_wide_a_pipe_is(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert outcome(words("profile", "data.parquet", project)) == 0
    lines = capfd.readouterr().out.splitlines()
    assert max(map(len, lines)) <= int(columns)
    assert ("column" in lines[0]) is (columns == "120")


@pytest.mark.parametrize(
    ("line", "code"), [("--help", 0), ("run --help", 0), ("--version", 0), ("schema", 0), ("rnu", 2)]
)
def test_a_reader_who_left_changes_no_exit_code(published: Path, line: str, code: int) -> None:
    """Help, version, documents, wrong usage: `| head` ends them with the code they have anyway."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        command = [sys.executable, "-m", "normflow", *line.split()]
        done = subprocess.run(command, cwd=published, stdout=closed, stderr=closed, check=False, timeout=60)
    assert done.returncode == code


def test_of_a_private_pipeline_nothing_is_drawn(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A histogram tells of values: of others each answer has one, of a private one none."""
    for text, drawn in ((PIPELINE, True), (PIPELINE + "private: true\n", False)):
        (project / "project" / "p.yaml").write_text(text)
        for command in ("run p.yaml --mode refit", "show p@latest", "plan p.yaml", "explain p.yaml"):
            assert outcome(command.split()) == 0
            printed = capfd.readouterr()
            assert ("▇" in printed.out + printed.err) is drawn, command
