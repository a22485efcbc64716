"""How a command ends that is kept from its work: by others, by signals, by what nobody foresaw."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from normflow import sinks
from normflow.cli import outcome
from normflow.errors import RegistryBusyError
from normflow.registry import Registry
from tests.cli.changed import RANGED, made, output

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return made(tmp_path)


def test_a_sink_that_is_held_ends_with_4(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = output(project)
    with sinks.lock(project / "out" / "data.parquet"):
        assert outcome(["run", "p.yaml", "--wait", "0.1"]) == 4
    assert "error NF400: " in capfd.readouterr().err
    assert output(project) == before


def test_a_registry_that_is_held_ends_with_4(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = output(project)

    def held(*_: object, **__: object) -> None:
        raise RegistryBusyError("process 7 holds the registry (waited 30 s)", where="registry.duckdb")

    monkeypatch.setattr(Registry, "start_run", held)
    assert outcome(["run", "p.yaml"]) == 4
    assert "error NF410: " in capfd.readouterr().err
    assert output(project) == before


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (MemoryError(), "out of memory: nothing was published"),
        (SystemExit(0), "something called sys.exit(0)"),
        (ZeroDivisionError("on purpose"), "error NF000: unexpected error: ZeroDivisionError: on purpose"),
    ],
    ids=["memory", "sys.exit", "a bug"],
)
def test_what_nobody_foresaw_ends_with_3(
    project: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
    told: str,
) -> None:
    """Never with 0 or 1, which say something about rows."""
    before = output(project)

    def broken(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr("normflow.pipeline.execute.write", broken)
    assert outcome(["run", "p.yaml"]) == 3
    assert told in capfd.readouterr().err
    assert output(project) == before


# The command as a process of its own; a run that is told to end when it has written all.
COMMAND = """
import os, signal, sys
import normflow.pipeline.execute as execute
from normflow.cli import main
sent = int(sys.argv[1])
verified = execute.verified
def ended(written):
    if sent:
        os.kill(os.getpid(), sent)
    return verified(written)
execute.verified = ended
main(sys.argv[2:])
"""


@pytest.mark.parametrize(
    ("code", "words", "signal"),
    [
        (0, "run p.yaml", 0),
        (1, "run ranged.yaml", 0),
        (2, "run q.yaml", 0),
        (3, "show nothing", 0),
        (5, "run p.yaml --as-of 2001-01-01", 0),
        (130, "run p.yaml", 2),
        (143, "run p.yaml", 15),
    ],
)
def test_the_process_ends_with_the_code(project: Path, code: int, words: str, signal: int) -> None:
    """And the document on stdout has it, too."""
    (project / "ranged.yaml").write_text(RANGED)
    before = output(project)
    command = [sys.executable, "-c", COMMAND, str(signal), *words.split(), "--json"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, done.stderr
    assert json.loads(done.stdout)["exit_code"] == code
    assert (output(project) != before) is (code == 0)
    assert list((project / "out").glob(".*.tmp")) == []
