"""`normflow registry`: what each command says, and with which code it ends."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from normflow.registry import Registry
from normflow.registry.tables import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

REGISTRY = ".normflow/registry.duckdb"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One run of the pipeline `p`."""
    pl.DataFrame({"x": [1.0, 2.0, 3.0]}).write_parquet(tmp_path / "data.parquet")
    (tmp_path / "p.yaml").write_text("source: data.parquet\nsink: out/data.parquet\n")
    monkeypatch.chdir(tmp_path)
    nf.run(nf.load("p.yaml"))
    return tmp_path


def says(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    """What a command prints on stderr; nothing goes to stdout."""
    assert outcome(["registry", *words]) == code
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def answers(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> dict[str, object]:
    """The one document a command prints on stdout, with the exit code in it."""
    assert outcome(["registry", *words, "--json"]) == code
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    assert (document["version"], document["exit_code"]) == (1, code)
    return document


@pytest.mark.usefixtures("project")
def test_check_says_what_is_held(capsys: pytest.CaptureFixture[str]) -> None:
    assert says(capsys, 0, "check") == f"{REGISTRY}: sound, format {FORMAT}, 1 run, 1 fit, 1 profile\n"
    assert says(capsys, 0, "check", "-q") == ""
    document = answers(capsys, 0, "check")
    assert (document["flaws"], document["unfinished"], document["format"]) == ([], [], FORMAT)


@pytest.mark.usefixtures("project")
def test_check_names_each_flaw_and_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    (fit_id,) = (one.fit_id for one in Registry(REGISTRY).fits("p"))
    with Registry(REGISTRY).transaction() as con:
        con.execute("DELETE FROM runs")
        con.execute("UPDATE fits SET document = '{}'")
    told = says(capsys, 3, "check").splitlines()
    what = "this is no stored fit: it has no format; write it with Fit.to_json()"
    assert f"error: fits {fit_id}: {what}" in told
    assert told[-1] == f"{REGISTRY}: {len(told) - 1} flaws, format {FORMAT}, 0 runs, 1 fit, 1 profile"
    flaws = answers(capsys, 3, "check")["flaws"]
    assert isinstance(flaws, list)
    assert len(flaws) == len(told) - 1
    assert set(flaws[0]) == {"table", "key", "what"}


@pytest.mark.usefixtures("project")
def test_recover_ends_what_died_and_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    (run,) = Registry(REGISTRY).runs()
    with Registry(REGISTRY).transaction() as con:
        con.execute("UPDATE runs SET status = 'publishing'")
    assert says(capsys, 0, "check").startswith(
        f"run {run.run_id} never ended: it is running, or `normflow registry recover` ends it\n"
    )
    told = f"run {run.run_id} of p: succeeded, its outputs are published\n"
    assert says(capsys, 0, "recover") == told
    assert says(capsys, 0, "recover") == "nothing to recover\n"
    assert answers(capsys, 0, "recover")["runs"] == []


def test_backup_says_the_hash_of_the_copy(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = says(capsys, 0, "backup", "copy.duckdb")
    content = (project / "copy.duckdb").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    assert told == f"copy.duckdb: {len(content):,} bytes, SHA-256 {sha256}\n"
    assert "copy.duckdb: is there already" in says(capsys, 3, "backup", "copy.duckdb")
    document = answers(capsys, 0, "backup", "other.duckdb")
    assert (document["path"], document["bytes"]) == ("other.duckdb", len(content))


def test_compact_says_the_bytes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (project / REGISTRY).stat().st_size
    told = says(capsys, 0, "compact")
    after = (project / REGISTRY).stat().st_size
    assert told == f"{REGISTRY}: {before:,} bytes before, {after:,} after\n"
    document = answers(capsys, 0, "compact")
    assert document["bytes_before"] == after


@pytest.mark.usefixtures("project")
def test_forget_wants_a_yes(capsys: pytest.CaptureFixture[str]) -> None:
    """Without one, and with nobody to ask, it is an error of usage; nothing is removed."""
    assert "Forget all that was learned from pipeline 'p'? Say so with --yes." in says(
        capsys, 2, "forget", "p"
    )
    assert len(Registry(REGISTRY).fits("p")) == 1
    told = says(capsys, 0, "forget", "p", "--column", "x", "--yes")
    assert told.startswith("forgotten of column 'x' of pipeline 'p': fit_uses 1, fits 1, parameters 1,")
    assert Registry(REGISTRY).fits("p") == []
    assert answers(capsys, 0, "forget", "p", "--yes")["shared"] == []


@pytest.mark.parametrize("command", ["check", "recover", "compact", "backup b", "forget p --yes"])
def test_where_there_is_no_registry_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = says(capsys, 3, *command.split())
    assert told == f"error NF320: {REGISTRY}: no registry here; `normflow run` makes one\n"
    assert list(tmp_path.iterdir()) == []


def test_what_was_never_known_is_not_said_to_be_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelled column would else look like one that is gone."""
    pl.DataFrame({"x": [1.0, 2.0]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "p.yaml").write_text("source: a.parquet\nsink: b.parquet\nregistry: r.duckdb\n")
    nf.run(nf.load(tmp_path / "p.yaml"))
    asked = ["registry", "forget", "p", "--yes", "--registry", str(tmp_path / "r.duckdb")]
    assert outcome([*asked, "--column", "y"]) == 0
    assert "column 'y' of pipeline 'p': nothing, since nothing was known of it" in capsys.readouterr().err
    assert outcome([*asked, "--column", "x"]) == 0
    assert "nothing" not in capsys.readouterr().err.splitlines()[0]
