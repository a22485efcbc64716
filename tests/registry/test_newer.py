"""A registry that a newer version wrote: every command that only reads answers, and none that writes does."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from normflow.errors import RegistryWarning
from normflow.registry.tables import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

REGISTRY = ".normflow/registry.duckdb"
READING = (
    ["runs"],
    ["show", "p@latest"],
    ["diff", "p@latest", "p@latest"],
    ["explain", "p.yaml"],
    ["plan", "p.yaml"],
    ["export", "p@latest", "--to", "json"],
    ["report", "p@latest", "-o", "page.html"],
    ["registry", "check"],
    ["run", "p.yaml", "--limit", "1"],
)
WRITING = (["run", "p.yaml"], ["registry", "forget", "p", "--yes"], ["registry", "compact"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run, then a column and a table more, as a later format may have them."""
    folder = tmp_path_factory.mktemp("newer")
    pl.DataFrame({"x": [1.0, 2.0, 3.0]}).write_parquet(folder / "data.parquet")
    (folder / "p.yaml").write_text("source: data.parquet\nsink: out/data.parquet\n")
    nf.run(nf.load(folder / "p.yaml"))
    with duckdb.connect(folder / REGISTRY) as con:
        con.execute("UPDATE meta SET value = ? WHERE key = 'format'", [str(FORMAT + 1)])
        con.execute("ALTER TABLE fits ADD COLUMN mood VARCHAR")
        con.execute("CREATE TABLE moods (mood VARCHAR)")
    return folder


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_commands_that_read_answer_with_one_warning(
    project: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(project)
    before = (project / REGISTRY).read_bytes()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        assert outcome(words) == 0
    told = [str(one.message) for one in caught if one.category is RegistryWarning]
    assert len(told) == 1
    assert told[0].endswith(f"(format {FORMAT + 1}, this one writes {FORMAT}); it is only read")
    assert (project / REGISTRY).read_bytes() == before


def test_the_warning_is_a_line_on_stderr(project: Path) -> None:
    command = [sys.executable, "-m", "normflow", "runs", "--json"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True, timeout=120)
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"warning: {REGISTRY}: was written by a newer normflow")
    assert len(json.loads(done.stdout)["runs"]) == 1


@pytest.mark.parametrize("words", WRITING, ids=" ".join)
@pytest.mark.filterwarnings("ignore::normflow.errors.RegistryWarning")
def test_commands_that_write_refuse_and_change_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    monkeypatch.chdir(project)
    before = {one: one.read_bytes() for one in project.rglob("*") if one.is_file()}
    assert outcome([*words, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["id"] == "NF320"
    after = {one: one.read_bytes() for one in project.rglob("*") if one.is_file()}
    assert {one for one in after.keys() - before.keys() if one.suffix != ".lock"} == set()
    assert {one: after[one] for one in before} == before
