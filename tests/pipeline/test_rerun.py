"""A run made again: the same bytes, or what was not as it had been."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.pipeline import rerun
from normflow.registry import forget
from tests.pipeline.days import TEXT, changed, contents, day, project, registry_of

if TYPE_CHECKING:
    from pathlib import Path


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
    with pytest.raises(nf.RegistryError, match=rf"the fit of run {record.run_id} was forgotten"):
        rerun(registry, record.run_id)
