"""Care for a registry: judged, copied, made smaller, and made to forget; on one that real runs filled."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

import normflow as nf
from normflow.errors import RegistryError
from normflow.registry import Registry, backup, compact, forget, health
from normflow.registry.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIPELINE = """\
source: {source}-*.parquet
contract: {{visib: {{range: [0, 100], on_fail: quarantine}}}}
fit: {{by: {{columns: [origin], min_rows: 1}}}}
normalize: {{temp: {method}, humid: auto}}
sink: out/{name}.parquet
registry: registry.duckdb
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pipelines, each run twice over two files; `sea` has other data than `air`."""
    for source, first, bad in (("air", 20.0, 987654321.0), ("sea", 5.0, 123456789.0)):
        for part in (1, 2):
            rows = range(part, part + 40)
            pl.DataFrame(
                {
                    "origin": [f"{source}{i % 2}" for i in rows],
                    "temp": [first + i for i in rows],
                    "humid": [float(i % 7) for i in rows],
                    "visib": [10.0] * 39 + [bad],
                }
            ).write_parquet(tmp_path / f"{source}-{part}.parquet")
        text = PIPELINE.format(source=source, name=source, method="zscore")
        (tmp_path / f"{source}.yaml").write_text(text)
        for _ in range(2):
            nf.run(nf.load(tmp_path / f"{source}.yaml"))
    return tmp_path


def held(folder: Path) -> Registry:
    return Registry(folder / "registry.duckdb", wait=1)


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, in the order in which they are kept."""
    with duckdb.connect(path, read_only=True) as con:
        return {one.name: con.execute(f"FROM {one.name}").fetchall() for one in TABLES}


def test_what_runs_recorded_is_sound(folder: Path) -> None:
    before = (folder / "registry.duckdb").read_bytes()
    found = health(held(folder))
    assert (found.flaws, found.unfinished) == ((), ())
    assert found.rows == {name: len(rows) for name, rows in everything(folder / "registry.duckdb").items()}
    assert (folder / "registry.duckdb").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "flaws"),
    [
        ("UPDATE fits SET document = 'no JSON'", ["fits", "this is no stored fit: Expecting value"]),
        ("UPDATE fits SET fit_id = 'f' || fit_id", ["fits", "the fit in it is "]),
        ("DELETE FROM fits", ["fit_uses", "there is no such fit_id in fits"]),
        ("DELETE FROM runs", ["fit_uses", "there is no such run_id in runs"]),
        ("UPDATE runs SET document = '{'", ["runs", "'document' is no JSON"]),
        ("UPDATE choices SET evidence = 'x'", ["choices", "'evidence' is no JSON"]),
        ("UPDATE profiles SET state = 'xx'::BLOB", ["profiles", "profile"]),
    ],
)
def test_a_flaw_is_found_and_named(folder: Path, change: str, flaws: list[str]) -> None:
    with held(folder).transaction() as con:
        con.execute(change)
    table, what = flaws
    assert any(one.table == table and what in one.what for one in health(held(folder)).flaws)


def test_a_run_that_never_ended_is_named(folder: Path) -> None:
    with held(folder).transaction() as con:
        con.execute("UPDATE runs SET status = 'publishing' WHERE pipeline = 'sea'")
    runs = held(folder).runs("sea")
    assert sorted(health(held(folder)).unfinished) == sorted(one.run_id for one in runs)


def test_a_backup_is_the_registry_and_can_take_its_place(folder: Path) -> None:
    copy = backup(held(folder), folder / "deep" / "copy.duckdb")
    content = copy.path.read_bytes()
    assert (copy.bytes, copy.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert everything(copy.path) == everything(folder / "registry.duckdb")
    assert health(Registry(copy.path)).flaws == ()
    (folder / "registry.duckdb").write_bytes(b"damaged")
    copy.path.replace(folder / "registry.duckdb")
    assert nf.run(nf.load(folder / "air.yaml")).fit == "reused"


def test_a_backup_does_not_replace_a_file(folder: Path) -> None:
    (folder / "copy.duckdb").write_text("an earlier backup")
    with pytest.raises(RegistryError) as caught:
        backup(held(folder), folder / "copy.duckdb")
    assert str(caught.value) == f"{folder}/copy.duckdb: is there already; name a file that is not there yet"
    assert (folder / "copy.duckdb").read_text() == "an earlier backup"


def test_a_file_that_is_no_registry_is_neither_copied_nor_made_smaller(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello\n" * 3000)
    for care in (compact, lambda one: backup(one, tmp_path / "copy")):
        with pytest.raises(RegistryError, match="is no DuckDB database"):
            care(Registry(tmp_path / "notes.txt"))
        with pytest.raises(RegistryError, match="no registry here"):
            care(Registry(tmp_path / "missing.duckdb"))
    assert [one.name for one in tmp_path.iterdir()] == ["notes.txt"]


def test_a_compacted_registry_holds_the_same_in_less(folder: Path) -> None:
    path = folder / "registry.duckdb"
    with held(folder).transaction() as con:
        con.execute("UPDATE runs SET document = repeat('x', 3000000)")
    with held(folder).transaction() as con:
        con.execute("UPDATE runs SET document = NULL")
    rows = everything(path)
    before, after = compact(held(folder))
    assert after == path.stat().st_size < before
    assert everything(path) == rows
    assert int.from_bytes(path.read_bytes()[12:20], "little") == 64  # what DuckDB 1.x reads
    assert nf.run(nf.load(folder / "air.yaml")).fit == "reused"
    with duckdb.connect(path, read_only=True) as con:
        views = "SELECT count(*) FROM latest_parameters, quality_trend"
        assert con.execute(views).fetchone() != (0,)
    assert health(held(folder)).flaws == ()


@pytest.mark.parametrize("care", [compact, lambda one: backup(one, one.path.with_name("copy.duckdb"))])
def test_care_that_fails_leaves_the_registry_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch, care: Callable[[Registry], object]
) -> None:
    """A disk that does not flush: the file is what it was, and nothing half made lies beside it."""
    before, files = (folder / "registry.duckdb").read_bytes(), sorted(folder.iterdir())

    def broken(_fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(RegistryError, match="cannot be written: Input/output error"):
        care(held(folder))
    assert (folder / "registry.duckdb").read_bytes() == before
    assert sorted(folder.iterdir()) == files


def test_a_forgotten_pipeline_leaves_its_runs_and_nothing_that_was_learned(folder: Path) -> None:
    """No number of its data is in the file any more; the other pipeline is as it was."""
    path, other = folder / "registry.duckdb", held(folder).fits("sea")
    forgotten = forget(held(folder), "air")
    compact(held(folder))
    assert forgotten.shared == ()
    assert forgotten.rows["fits"] == 1
    assert forgotten.rows["examples"] == 2
    assert held(folder).fits("air") == []
    assert held(folder).fits("sea") == other
    assert [one.status for one in held(folder).runs("air")] == ["succeeded"] * 2
    told = repr(everything(path))
    assert "987654321" not in told
    assert "air0" not in told
    assert "123456789" in told
    assert health(held(folder)).flaws == ()
    assert nf.run(nf.load(folder / "air.yaml")).fit == "learned"
    assert nf.run(nf.load(folder / "sea.yaml")).fit == "reused"


def test_a_forgotten_column_takes_the_fits_that_know_it(folder: Path) -> None:
    forget(held(folder), "air", "humid")
    assert held(folder).fits("air") == []
    for run in held(folder).runs("air"):
        document = json.loads(run.document or "")
        assert [one["column"] for one in document["columns"]] == ["temp"]
        assert all("humid" not in one["message"] for one in document["checks"])
        (visib,) = (one for one in document["checks"] if one["column"] == "visib")
        assert visib["examples"], "what is known of other columns stays"
    assert not [one for one in everything(folder / "registry.duckdb")["profiles"] if "humid" in one]
    forget(held(folder), "air")
    assert not [one for one in everything(folder / "registry.duckdb")["profiles"] if "temp" in one]
    assert health(held(folder)).flaws == ()


def test_a_fit_that_another_pipeline_uses_stays(folder: Path) -> None:
    (folder / "twin.yaml").write_text((folder / "air.yaml").read_text().replace("out/air", "out/twin"))
    nf.run(nf.load(folder / "twin.yaml"))
    (fit,) = held(folder).fits("twin")
    assert forget(held(folder), "air").shared == (fit.fit_id,)
    assert held(folder).fits("twin") == [fit]
    assert health(held(folder)).flaws == ()


def test_a_pipeline_that_never_ran_cannot_be_forgotten(folder: Path) -> None:
    with pytest.raises(RegistryError) as caught:
        forget(held(folder), "aire")
    assert (
        str(caught.value) == f"{folder}/registry.duckdb: pipeline 'aire' never ran here; did you mean 'air'?"
    )


def test_a_new_file_is_on_the_disk_before_and_after_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry, its backup and its smaller copy: else a loss of power could take what was acknowledged."""
    story: list[str] = []
    fsync, replace = os.fsync, type(tmp_path).replace

    def noted_fsync(fd: int) -> None:
        story.append(os.path.basename(os.readlink(f"/proc/self/fd/{fd}")))  # noqa: PTH115, PTH119
        fsync(fd)

    def noted_replace(self: Path, target: Path) -> Path:
        story.append(f"> {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(type(tmp_path), "replace", noted_replace)
    registry = Registry(tmp_path / "r.duckdb")
    with registry.transaction():
        pass
    backup(registry, tmp_path / "copy.duckdb")
    compact(registry)
    assert story == [
        *(".r.duckdb.new", "> r.duckdb", tmp_path.name),
        *(".copy.duckdb.new", "> copy.duckdb", tmp_path.name),
        *(".r.duckdb.new", "> r.duckdb", tmp_path.name),
    ]


def test_what_belongs_to_a_registry_is_written_by_nobody_else(folder: Path) -> None:
    """Its log and its lock: DuckDB would read rows, or a copy, as what is still to be written."""
    for end in ("wal", "lock"):
        with pytest.raises(nf.ConfigError, match="is the registry; write to another file"):
            backup(held(folder), folder / f"registry.duckdb.{end}")
        text = (folder / "air.yaml").read_text()
        sink = f"sink: {{path: registry.duckdb.{end}, format: parquet}}"
        (folder / "own.yaml").write_text(text.replace("sink: out/air.parquet", sink))
        with pytest.raises(nf.ConfigError, match="is the registry's own; choose another"):
            nf.load(folder / "own.yaml")
