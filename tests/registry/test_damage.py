"""Damage anywhere in the file, or in the log beside it: a sentence with the way back, and no other error."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
import pytest

from normflow.cli import outcome
from normflow.errors import NormflowError, RegistryError
from normflow.registry import Registry, RunRow, backup, health
from normflow.registry.database import WAY_BACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CUTS, FLIPS, LOGS = 100, 150, 60
HEADERS = 3 * 4096  # the file's own, and two of the database
KILLED = """
import os, sys
from datetime import datetime, UTC
from normflow.registry import Registry, RunRow
registry = Registry(sys.argv[1])
with registry.transaction() as con:
    registry.start_run(RunRow(run_id="r2", pipeline="weather", started=datetime.now(UTC)))
    con.execute("COMMIT")
    os.kill(os.getpid(), 9)
"""


def a_run(run_id: str) -> RunRow:
    return RunRow(run_id=run_id, pipeline="weather", started=datetime(2024, 1, 1, tzinfo=UTC))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "registry.duckdb"
    Registry(path).start_run(a_run("r1"))
    return path


def refusal(path: Path, *, writing: bool) -> NormflowError | None:
    """The error of using a registry as far as possible; any other than ours goes through."""
    registry = Registry(path, wait=0)
    try:
        if writing:
            registry.start_run(a_run("new"))
        health(registry)
    except NormflowError as error:
        return error
    return None


def is_told(error: NormflowError, path: Path) -> bool:
    """One line that names the file and says what to do."""
    known = WAY_BACK in error.hint or "name another file" in error.hint or "upgrade" in error.hint
    return known and error.where == str(path) and "\n" not in error.message


def cuts(content: bytes) -> Iterator[bytes]:
    rng = random.Random(1)  # noqa: S311  (the same damage every time)
    for length in (1, 10, 4095, 4096, 4097, HEADERS - 1, HEADERS, HEADERS + 1):
        yield content[:length]
    for _ in range(CUTS):
        yield content[: rng.randrange(len(content))]


def flips(content: bytes) -> Iterator[bytes]:
    """One bit each, half of them in the headers, and half among the bytes that are not zero."""
    rng = random.Random(2)  # noqa: S311
    used = [place for place, byte in enumerate(content) if byte]
    for i in range(FLIPS):
        place = rng.randrange(HEADERS) if i % 2 else rng.choice(used)
        yield content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]


@pytest.mark.parametrize("damages", [cuts, flips])
def test_a_damaged_file_is_refused_with_the_way_back(
    made: Path, damages: Callable[[bytes], Iterator[bytes]]
) -> None:
    """What still reads is whole: a bit that nobody uses was hit. Reading changes no byte."""
    content, refused = made.read_bytes(), 0
    for i, damaged in enumerate(damages(content)):
        made.write_bytes(damaged)
        error = refusal(made, writing=False)
        assert made.read_bytes() == damaged
        refused += error is not None
        if error is None:
            assert [run.run_id for run in Registry(made).runs()] == ["r1"]
        else:
            assert is_told(error, made), error.message
        if i % 5 == 0 and (error := refusal(made, writing=True)):
            assert is_told(error, made), error.message
    assert refused > 50


def test_a_damaged_log_is_refused_with_the_way_back(made: Path) -> None:
    """One that was cut short is read as far as it goes: a commit is whole or not there."""
    log = made.with_name("registry.duckdb.wal")
    subprocess.run([sys.executable, "-c", KILLED, str(made)], check=False)
    content, logged, rng = made.read_bytes(), log.read_bytes(), random.Random(3)  # noqa: S311
    outcomes = set()
    for i in range(LOGS):
        place = rng.randrange(len(logged))
        flipped = bytes([logged[place] ^ 1 << rng.randrange(8)])
        made.write_bytes(content)
        log.write_bytes(logged[:place] + (flipped + logged[place + 1 :] if i % 2 else b""))
        error = refusal(made, writing=i % 4 == 0)
        outcomes.add(error is None)
        if error is None:
            known = {run.run_id for run in Registry(made).runs()}
            assert {"r1"} <= known <= {"r1", "r2", "new"}
        else:
            assert is_told(error, made), error.message
    assert outcomes == {True, False}


def test_a_new_registry_beside_an_old_log_is_new(made: Path) -> None:
    """Who moves a damaged file away and forgets its log does not get the log's rows."""
    subprocess.run([sys.executable, "-c", KILLED, str(made)], check=False)
    made.rename(made.with_name("moved.duckdb"))
    Registry(made).start_run(a_run("new"))
    assert [run.run_id for run in Registry(made).runs()] == ["new"]
    kept = made.with_name("registry.duckdb.wal.old")
    kept.rename(made.with_name("moved.duckdb.wal"))
    assert {run.run_id for run in Registry(made.with_name("moved.duckdb")).runs()} == {"r1", "r2"}


@pytest.mark.parametrize(
    "command", [["runs"], ["show", "weather@latest"], ["registry", "check"]], ids=" ".join
)
def test_the_command_line_says_it_in_a_line(
    made: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    content = bytearray(made.read_bytes())
    content[HEADERS + 100] ^= 1
    made.write_bytes(content)
    assert outcome([*command, "--registry", str(made)]) == 3
    told = capsys.readouterr()
    assert told.err == f"error NF320: {made}: is damaged (Corrupt database file); {WAY_BACK}\n"
    assert told.out == ""


@pytest.mark.parametrize("command", [["diff", "r1", "r1"], ["export", "r1"]], ids=" ".join)
def test_what_cannot_be_read_is_not_said_to_lack_a_run(
    made: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    """The reason is the registry, not the name that was asked for."""
    content = made.read_bytes()
    for bad, what in ((content[: len(content) // 2], "is damaged"), (b"", "is no DuckDB database")):
        made.write_bytes(bad)
        assert outcome([*command, "--registry", str(made)]) == 3
        told = capsys.readouterr().err
        assert what in told
        assert "no run" not in told
    made.unlink()
    assert outcome([*command, "--registry", str(made)]) == 3
    assert "no registry here; `normflow run` makes one" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "²"])
def test_a_format_that_is_no_number_of_ours_is_no_registry(made: Path, number: str) -> None:
    with duckdb.connect(made) as con:
        con.execute("UPDATE meta SET value = ? WHERE key = 'format'", [number])
    content = made.read_bytes()
    for writing in (False, True):
        error = refusal(made, writing=writing)
        assert error is not None
        assert error.what == "is a DuckDB database but no normflow registry"
    assert made.read_bytes() == content


def test_a_damaged_registry_is_no_backup(made: Path) -> None:
    """Who rotates backups would lose the last good one to it."""
    content = made.read_bytes()
    made.write_bytes(content[: len(content) // 2])
    with pytest.raises(RegistryError, match="is damaged"):
        backup(Registry(made), made.with_name("copy.duckdb"))
    assert not made.with_name("copy.duckdb").exists()
    assert list(made.parent.glob(".copy*")) == []
