"""Registries that earlier versions wrote: each is read as it stands, and brought to this format by a write.

`stored/format-N.duckdb.gz` was written by the last version of format N: `python -m tests.registry.golden`
makes the one of the present format, which stays as it is from then on.
"""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING

import duckdb
import pytest

import normflow as nf
from normflow.pipeline import recorded_run, recorded_runs
from normflow.registry import Registry, health
from normflow.registry.tables import ADDED, FORMAT, TABLES
from tests.registry.golden import GOLDEN, fill

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(GOLDEN.glob("format-*.duckdb.gz"))


def number(golden: Path) -> int:
    return int(golden.name.removeprefix("format-").removesuffix(".duckdb.gz"))


@pytest.fixture(params=FILES, ids=lambda golden: golden.name)
def golden(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def old(golden: Path, tmp_path: Path) -> Path:
    path = tmp_path / "registry.duckdb"
    path.write_bytes(gzip.decompress(golden.read_bytes()))
    return path


def tables(path: Path) -> dict[str, dict[str, str]]:
    """The columns of each table with their types, in order."""
    query = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
    with duckdb.connect(path, read_only=True) as con:
        return {one.name: dict(con.execute(query, [one.name]).fetchall()) for one in TABLES}


def test_every_format_has_a_golden_file() -> None:
    assert [number(one) for one in FILES] == list(range(1, FORMAT + 1))


def test_an_old_registry_is_read_as_it_stands(old: Path) -> None:
    before = old.read_bytes()
    found = health(Registry(old))
    assert (found.flaws, found.unfinished) == ((), ())
    listed = recorded_runs(old, "weather", 10)
    assert [one["status"] for one in listed] == ["succeeded"] * 3
    assert recorded_run(old, listed[0]["run_id"])["rows"] == 140
    with Registry(old) as registry:
        for fit in registry.fits("weather"):
            assert nf.Fit.from_json(fit.document).id == fit.fit_id
    assert old.read_bytes() == before
    assert os.listdir(old.parent) == ["registry.duckdb"]  # noqa: PTH208


def test_a_write_brings_it_to_this_format_and_keeps_a_copy(old: Path, golden: Path, tmp_path: Path) -> None:
    """The tables are those of a new registry, and each row says what it said before."""
    before, content = Registry(old).runs(), old.read_bytes()
    with Registry(old).transaction():
        pass
    assert Registry(old).runs() == before
    assert health(Registry(old)).flaws == ()
    with Registry(tmp_path / "new.duckdb").transaction():
        pass
    assert tables(old) == tables(tmp_path / "new.duckdb")
    kept = tmp_path / f"registry.duckdb.format-{number(golden)}"
    assert kept.exists() == (number(golden) < FORMAT)
    assert not kept.exists() or kept.read_bytes() == content


def test_a_run_goes_on_in_an_old_registry(old: Path, tmp_path: Path) -> None:
    """A fit that is still under the same key is applied; anything else is learned beside it."""
    earlier = len(Registry(old).runs())
    pipeline = fill(tmp_path)
    assert len(Registry(old).runs()) == earlier + 3
    assert nf.run(pipeline).fit == "reused"
    assert health(Registry(old)).flaws == ()


def test_a_migration_that_fails_midway_changes_nothing(
    old: Path, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first column was added: the transaction takes it back, and the next write migrates."""
    broken = {FORMAT: {**ADDED[FORMAT], "fits": {"later": "NO_SUCH_TYPE"}}}
    before = tables(old)
    monkeypatch.setattr("normflow.registry.migrate.ADDED", {**ADDED, **broken})
    if number(golden) < FORMAT:
        with pytest.raises(nf.NormflowError, match="NO_SUCH_TYPE"), Registry(old).transaction():
            pass
    monkeypatch.undo()
    assert tables(old) == before
    with Registry(old).transaction():
        pass
    assert health(Registry(old)).format == FORMAT


def test_the_copy_of_a_migration_that_fails_is_not_the_registry(
    old: Path, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the copy cannot be written, the file stays what it was."""
    before = old.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    if number(golden) < FORMAT:
        with pytest.raises(nf.NormflowError, match="No space left on device"), Registry(old).transaction():
            pass
    assert old.read_bytes() == before
    assert json.loads(Registry(old).runs()[0].document or "")["status"] == "succeeded"
