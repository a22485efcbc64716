"""A run made again: the same bytes, or what was not as it had been."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import polars as pl
import pytest

import normflow as nf
from normflow.pipeline import compared, exported, replay, rerun, restore
from normflow.registry import forget
from tests.pipeline.days import TEXT, changed, contents, day, project, registry_of


@pytest.mark.parametrize("text", ["", "sink: {path: out/all.csv}\n"], ids=["parquet", "csv"])
def test_a_rerun_gives_the_same_bytes_and_writes_nothing(tmp_path: Path, text: str) -> None:
    pipeline = project(tmp_path)
    if text:
        pipeline.file.write_text(TEXT.replace("sink: out/all.parquet\n", text))
        pipeline = nf.load(pipeline.file)
    record = nf.run(pipeline)
    day(tmp_path, 9)  # which the run did not read
    nf.run(pipeline, mode="refit")
    before = contents(tmp_path)
    again = rerun(registry_of(pipeline), record.run_id)
    assert contents(tmp_path) == before
    assert (again.identical, again.exit_code, again.changed) == (True, 0, ())
    assert [one.found for one in again.outputs] == [one.sha256 for one in record.outputs]
    assert [one.role for one in again.outputs] == ["output", "quarantine"]


def test_a_rerun_writes_where_it_is_told(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    record = nf.run(pipeline)
    out = tmp_path / "again" / "x.parquet"
    again = rerun(registry_of(pipeline), "p@latest", out)
    paths = [out, out.with_name("x.quarantine.parquet")]
    assert [one.path for one in again.outputs] == [str(path) for path in paths]
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert hashes == [one.sha256 for one in record.outputs]
    assert sorted(one.name for one in out.parent.iterdir()) == ["x.parquet", "x.quarantine.parquet"]


def test_a_rerun_that_differs_says_what_changed(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    record = nf.run(pipeline)
    day(tmp_path, 1, shift=0.1)
    with registry_of(pipeline) as registry, registry.transaction() as con:
        con.execute(
            "UPDATE runs SET versions = ?", [json.dumps({"normflow": "0.0.1", "polars": pl.__version__})]
        )
    again = rerun(registry_of(pipeline), record.run_id)
    assert (again.identical, again.exit_code) == (False, 5)
    assert again.changed[0] == "inputs: 1 changed (01.parquet)"
    assert again.changed[1].startswith("normflow: 0.0.1 then, ")
    assert again.changed[2].startswith("python: None then, ")
    (tmp_path / "days" / "00.parquet").unlink()
    with pytest.raises(nf.SourceError, match=r"00.parquet: it is not there any more; bring it back"):
        rerun(registry_of(pipeline), record.run_id)


def test_a_run_that_failed_or_is_too_old_cannot_be_made_again(tmp_path: Path) -> None:
    pipeline = project(tmp_path, "checks: {x: {range: [0, 0.1]}}\n")
    with pytest.raises(nf.ContractError) as caught:
        nf.run(pipeline)
    registry = registry_of(pipeline)
    assert caught.value.record
    with pytest.raises(nf.RegistryError, match="failed; `normflow runs` lists those that succeeded"):
        rerun(registry, caught.value.record.run_id)
    record = nf.run(changed(pipeline, ""))
    with registry.transaction() as con:
        con.execute("UPDATE runs SET config = NULL")
    with pytest.raises(nf.RegistryError, match="was recorded before runs kept their configuration"):
        rerun(registry, record.run_id)


def test_a_run_whose_fit_was_forgotten_says_so(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    record = nf.run(pipeline)
    registry = registry_of(pipeline)
    forget(registry, record.pipeline)
    for ask in (rerun, replay, exported, lambda one, run: compared(one, run, run)):
        with pytest.raises(nf.RegistryError, match=rf"the fit of run {record.run_id} was forgotten"):
            ask(registry, record.run_id)
    with pytest.raises(nf.RegistryError, match=rf"the fit of run '{record.run_id}' was forgotten"):
        restore(pipeline, str(pipeline.sink.path), tmp_path / "back.parquet")


def test_files_that_came_later_do_not_matter(tmp_path: Path) -> None:
    """Not even where they are empty, no data, or a folder; what was read is."""
    pipeline = project(tmp_path)
    record = nf.run(pipeline)
    (tmp_path / "days" / "10.parquet").touch()
    (tmp_path / "days" / "11.parquet").write_bytes(b"no data")
    (tmp_path / "days" / "12.parquet").mkdir()
    assert rerun(registry_of(pipeline), record.run_id).identical
    with pytest.raises(nf.SourceError, match=r"10.parquet: the file is empty \(0 bytes\)"):
        nf.run(pipeline)
    (tmp_path / "days" / "01.parquet").write_bytes(b"")
    with pytest.raises(nf.SourceError, match=r"01.parquet: the file is empty \(0 bytes\)"):
        rerun(registry_of(pipeline), record.run_id)


def test_a_link_that_leads_elsewhere_is_told_as_that(tmp_path: Path) -> None:
    """The file that was read is there, but nobody would call it the source any more."""
    pipeline = project(tmp_path, days=1)
    link = tmp_path / "days" / "00.parquet"
    link.rename(tmp_path / "first.parquet")
    link.symlink_to(tmp_path / "first.parquet")
    record = nf.run(pipeline)
    assert rerun(registry_of(pipeline), record.run_id).identical
    day(tmp_path, 5).rename(tmp_path / "second.parquet")
    link.unlink()
    link.symlink_to(tmp_path / "second.parquet")
    with pytest.raises(nf.SourceError, match=r"first\.parquet: it is there, but the source no longer leads"):
        rerun(registry_of(pipeline), record.run_id)


def test_a_rerun_does_not_replace_the_registry(tmp_path: Path) -> None:
    """By whatever name; nor does it write a format under the name of another."""
    pipeline = project(tmp_path)
    record = nf.run(pipeline)
    file = Path(registry_of(pipeline).place)
    (tmp_path / "other").symlink_to(file)
    before = file.read_bytes()
    for out in (file, tmp_path / "other", file.with_name("registry.duckdb.wal")):
        with pytest.raises(nf.ConfigError, match="is the registry; write to another file"):
            rerun(registry_of(pipeline), record.run_id, out)
        with pytest.raises(nf.ConfigError, match="is the registry; write to another file"):
            replay(registry_of(pipeline), record.run_id, out)
    assert file.read_bytes() == before
    with pytest.raises(nf.ConfigError, match=r"x\.csv: is named like csv, and the run wrote parquet"):
        rerun(registry_of(pipeline), record.run_id, tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()


def test_a_rerun_imports_no_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows were judged when the run was made; a replay judges, so it asks to be allowed."""
    (tmp_path / "days_of.py").write_text(
        "import pandera.polars as pa\nclass Days(pa.DataFrameModel):\n    y: float = pa.Field(gt=0)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "days_of", raising=False)
    pipeline = project(tmp_path, 'schemas: ["days_of:Days"]\n')
    record = nf.run(pipeline, allow_import=["days_of"])
    monkeypatch.delitem(sys.modules, "days_of")
    assert rerun(registry_of(pipeline), record.run_id).identical
    assert "days_of" not in sys.modules
    with pytest.raises(nf.ConfigError, match="would import days_of"):
        replay(registry_of(pipeline), record.run_id)
    mended = record.outputs[1].path
    pl.read_parquet(mended).with_columns(x=pl.lit(1.0)).write_parquet(mended)
    done = replay(registry_of(pipeline), record.run_id, allow_import=["days_of"])
    assert (done.status, done.quarantined) == ("succeeded", 0)
    assert "schema:Days" in {one.section for one in done.checks}
