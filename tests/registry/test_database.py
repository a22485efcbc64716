"""The file itself: how it is made, opened, refused and shared."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from threading import Timer
from typing import TYPE_CHECKING

import duckdb
import pytest

from normflow.errors import FormatError, NormflowError, RegistryBusyError, RegistryError, RegistryWarning
from normflow.locks import FileLock
from normflow.registry import Registry, RunRow, database
from normflow.registry.tables import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


def a_run(run_id: str) -> RunRow:
    return RunRow(run_id=run_id, pipeline="weather", started=MONDAY)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "registry.duckdb"
    Registry(path).start_run(a_run("r1"))
    return path


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(one): one.read_bytes() if one.is_file() else None for one in folder.rglob("*")}


def refusals(path: Path) -> list[NormflowError]:
    """The errors of reading and of writing here."""
    errors = []
    registry = Registry(path, wait=0.1)
    attempts: tuple[Callable[[], object], ...] = (registry.runs, partial(registry.start_run, a_run("r2")))
    for attempt in attempts:
        with pytest.raises(NormflowError) as caught:
            attempt()
        errors.append(caught.value)
    return errors


def test_the_first_write_makes_the_file_and_its_folder_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "registry.duckdb"
    Registry(path).start_run(a_run("r1"))
    assert os.listdir(path.parent) == ["registry.duckdb"]  # noqa: PTH208


def test_reading_makes_no_file(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "deep" / "registry.duckdb")
    assert not registry.runs()
    assert not registry.fits("weather")
    assert not registry.unfinished([tmp_path])
    assert registry.newest_use("weather", "k") is None
    with pytest.raises(RegistryError) as caught:
        registry.fit("weather@latest")
    assert str(caught.value) == f"{registry.path}: no registry here; `normflow run` makes one"
    assert contents(tmp_path) == {}


def test_reading_changes_no_byte(made: Path) -> None:
    before = contents(made.parent)
    with Registry(made) as registry:
        registry.runs()
        registry.run("r1")
    assert contents(made.parent) == before


def test_the_file_is_of_a_version_that_duckdb_1_reads(made: Path) -> None:
    """DuckDB 1.x reads versions 64 to 68; the number stands at byte 12 of the header."""
    assert made.read_bytes()[8:12] == b"DUCK"
    assert int.from_bytes(made.read_bytes()[12:20], "little") == 64


def test_the_file_says_its_format_and_its_creator(made: Path) -> None:
    with duckdb.connect(made, read_only=True) as con:
        meta = dict(con.execute("SELECT key, value FROM meta").fetchall())
        tables = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert meta["format"] == "3"
    assert meta["creator"].startswith("normflow ")
    assert tables == {
        "meta", "runs", "fits", "fit_uses", "parameters", "choices", "profiles", "check_results", "outputs",
        "drift",
    }  # fmt: skip


NEWER = f"was written by a newer normflow (format 7, this one writes {FORMAT})"


def test_a_newer_registry_is_only_read_and_stays_as_it_is(made: Path) -> None:
    """As far as the columns go that this version knows: further ones are left alone."""
    with duckdb.connect(made) as con:
        con.execute("UPDATE meta SET value = '7' WHERE key = 'format'")
        con.execute("ALTER TABLE runs ADD COLUMN mood VARCHAR DEFAULT 'good'")
    before = contents(made.parent)
    with pytest.warns(RegistryWarning, match=re.escape(f"{made}: {NEWER}; it is only read")):
        (run,) = Registry(made).runs()
    assert run.run_id == "r1"
    with pytest.raises(RegistryError) as caught:
        Registry(made).start_run(a_run("r2"))
    assert str(caught.value) == (
        f"{made}: {NEWER} and is only read; upgrade normflow, or name another file with `registry:`"
    )
    with pytest.raises(RegistryError, match="is only read"), Registry(made).alone():
        pass
    assert contents(made.parent) == before


def test_a_newer_registry_without_a_column_we_know_says_so(made: Path) -> None:
    with duckdb.connect(made) as con:
        con.execute("UPDATE meta SET value = '7' WHERE key = 'format'")
        con.execute("ALTER TABLE runs DROP COLUMN error")
    with pytest.warns(RegistryWarning), pytest.raises(FormatError) as caught:
        Registry(made).runs()
    assert str(caught.value) == f"{made}: {NEWER} and lacks what this one asks for; upgrade normflow"


def test_a_newer_registry_with_an_open_log_stays_as_it_is(made: Path) -> None:
    script = """
import duckdb, os, sys
con = duckdb.connect(sys.argv[1])
con.execute("UPDATE meta SET value = '7' WHERE key = 'format'")
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", script, str(made)], check=False)
    before = contents(made.parent)
    assert f"{made}.wal" in before
    with pytest.warns(RegistryWarning):
        assert [run.run_id for run in Registry(made).runs()] == ["r1"]
    with pytest.raises(RegistryError, match="is only read"):
        Registry(made).start_run(a_run("r2"))
    assert contents(made.parent) == before


def test_a_killed_writer_leaves_what_it_committed(made: Path) -> None:
    script = """
import os, sys
from datetime import datetime, UTC
from normflow.registry import Registry, RunRow
registry = Registry(sys.argv[1])
with registry.transaction() as con:
    registry.start_run(RunRow(run_id="r2", pipeline="p", started=datetime.now(UTC)))
    con.execute("COMMIT")
    con.execute("BEGIN")
    registry.start_run(RunRow(run_id="r3", pipeline="p", started=datetime.now(UTC)))
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", script, str(made)], check=False)
    assert {run.run_id for run in Registry(made, wait=5).runs()} == {"r1", "r2"}
    Registry(made, wait=5).start_run(a_run("r4"))
    assert {run.run_id for run in Registry(made).runs()} == {"r1", "r2", "r4"}
    assert os.listdir(made.parent) == ["registry.duckdb"]  # noqa: PTH208


def test_what_a_killed_maker_left_is_made_again(tmp_path: Path) -> None:
    (tmp_path / ".registry.duckdb.new").write_bytes(b"half")
    (tmp_path / ".registry.duckdb.new.wal").write_bytes(b"half")
    Registry(tmp_path / "registry.duckdb").start_run(a_run("r1"))
    assert os.listdir(tmp_path) == ["registry.duckdb"]  # noqa: PTH208


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello\n" * 3000)
    (tmp_path / "empty").touch()
    (tmp_path / "data.parquet").write_bytes(b"PAR1" * 2000)
    before = contents(tmp_path)
    text = f"{path}: is no DuckDB database; name another file with `registry:`"
    assert [str(error) for error in refusals(path)] == [text, text]
    assert [error.what for error in refusals(tmp_path / "empty")] == ["is no DuckDB database"] * 2
    assert [error.what for error in refusals(tmp_path / "data.parquet")] == [
        "is no DuckDB database",
        "is a DuckDB database but no normflow registry",  # for writing, DuckDB opens one in memory beside it
    ]
    assert contents(tmp_path) == before


def test_another_duckdb_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as con:
        con.execute("CREATE TABLE sales AS SELECT 1 AS x")
    before = contents(tmp_path)
    text = f"{path}: is a DuckDB database but no normflow registry; name another file with `registry:`"
    assert [str(error) for error in refusals(path)] == [text, text]
    assert contents(tmp_path) == before


def test_a_database_of_a_newer_duckdb_is_refused(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object, **__: object) -> None:
        raise duckdb.IOException(
            "IO Error: Trying to read a database file with version number 90, but we can only read versions"
        )

    monkeypatch.setattr(duckdb, "connect", connect)
    assert [str(error) for error in refusals(made)] == [
        f"{made}: was written by a newer DuckDB; upgrade duckdb"
    ] * 2


def test_a_folder_is_refused(tmp_path: Path) -> None:
    text = f"{tmp_path}: is a folder, not a file; name another file with `registry:`"
    assert [str(error) for error in refusals(tmp_path)] == [text, text]


@pytest.mark.parametrize("where", [0, 12, 4100, 8200, 12288, 20000])
def test_a_damaged_file_is_refused_and_stays_as_it_is(made: Path, where: int) -> None:
    content = bytearray(made.read_bytes())
    content[where] ^= 0xFF
    made.write_bytes(content)
    damage = f"{made}: is damaged (Corrupt database file)"
    text = f"{damage}; {database.WAY_BACK}"
    assert [str(error) for error in refusals(made)] == [text, text]
    assert made.read_bytes() == content


@pytest.mark.parametrize("length", [10, 4096, 8192, 12288, 100_000])
def test_a_file_cut_short_is_refused_and_stays_as_it_is(made: Path, length: int) -> None:
    content = made.read_bytes()[:length]
    made.write_bytes(content)
    assert len(refusals(made)) == 2
    assert made.read_bytes() == content


def test_a_folder_that_takes_no_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "registry.duckdb"
    with pytest.raises(RegistryError) as caught:
        Registry(path).start_run(a_run("r1"))
    assert str(caught.value) == (
        f"{path}: the registry cannot be written: Not a directory;"
        " make its folder writable, or name another file with `registry:`"
    )


def test_a_registry_in_a_read_only_folder_can_be_read_but_not_written(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    before = contents(made.parent)
    monkeypatch.setattr(FileLock, "acquire", refuse)
    assert [run.run_id for run in Registry(made).runs()] == ["r1"]
    with pytest.raises(RegistryError) as caught:
        Registry(made).start_run(a_run("r2"))
    assert str(caught.value) == (
        f"{made}: the registry cannot be written: Permission denied;"
        " make its folder writable, or name another file with `registry:`"
    )
    assert contents(made.parent) == before


def test_a_registry_that_cannot_be_made_whole_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "VIEWS", ("CREATE VIEW broken AS SELECT * FROM nothing",))
    path = tmp_path / "registry.duckdb"
    with pytest.raises(RegistryError):
        Registry(path).start_run(a_run("r1"))
    assert not path.exists()


def test_a_held_registry_names_its_holder(made: Path) -> None:
    lock = FileLock.acquire(made.with_name("registry.duckdb.lock"), wait=0)
    try:
        for attempt in (
            Registry(made, wait=0.05).runs,
            lambda: Registry(made, wait=0.05).start_run(a_run("r2")),
        ):
            with pytest.raises(RegistryBusyError) as caught:
                attempt()
            assert caught.value.exit_code == 4
            assert str(caught.value) == (
                f"{made}: process {os.getpid()} holds the registry (waited 0.05 s); try again when it is done"
            )
    finally:
        lock.release()


def test_a_program_that_opened_the_file_with_duckdb_is_named_too(made: Path) -> None:
    script = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(made)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(RegistryBusyError) as caught:
            Registry(made, wait=0.05).runs()
        other.communicate("\n")
    assert str(caught.value) == (
        f"{made}: process {other.pid} holds the registry (waited 0.05 s); try again when it is done"
    )


def test_two_names_of_one_registry_share_one_lock(made: Path) -> None:
    link = made.with_name("link.duckdb")
    link.symlink_to(made)
    with Registry(made).transaction(), pytest.raises(RegistryBusyError):
        Registry(link, wait=0.02).start_run(a_run("r2"))


def test_readers_do_not_wait_for_each_other(made: Path) -> None:
    with Registry(made).reading(), Registry(made, wait=0.02).reading():
        pass


def test_six_processes_with_twenty_transactions_each_lose_nothing(tmp_path: Path) -> None:
    script = """
import sys
from datetime import datetime, UTC
from normflow.registry import Registry, RunRow
for i in range(20):
    run_id = f"{sys.argv[2]}-{i}"
    with Registry(sys.argv[1], wait=60) as registry, registry.transaction():
        registry.start_run(RunRow(run_id=run_id, pipeline="p", started=datetime.now(UTC)))
        registry.succeed(run_id)
"""
    path = tmp_path / "registry.duckdb"
    writers = [subprocess.Popen([sys.executable, "-c", script, str(path), str(i)]) for i in range(6)]
    assert [writer.wait() for writer in writers] == [0] * 6
    runs = Registry(path).runs()
    assert sorted(run.run_id for run in runs) == sorted(f"{w}-{i}" for w in range(6) for i in range(20))
    assert {run.status for run in runs} == {"succeeded"}
    assert os.listdir(tmp_path) == ["registry.duckdb"]  # noqa: PTH208


def test_an_interrupt_in_a_query_is_an_interrupt(tmp_path: Path) -> None:
    """DuckDB makes a RuntimeError of it, which a caller would take for a fault of the program.

    It looks for signals between pieces of work that the asking thread does itself, and so has no other.
    """
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    with duckdb.connect() as con:
        con.execute("SET threads = 1")
        timer.start()
        with pytest.raises(KeyboardInterrupt), database.told(tmp_path):
            con.execute("SELECT sum(hash(range)) FROM range(1000000000000)").fetchall()
    timer.join()
