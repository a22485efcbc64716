"""What a run keeps of itself: configuration, inputs, versions, and how the history tells it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import duckdb

import normflow as nf
from normflow.pipeline import recorded_run, recorded_runs
from normflow.sources import fingerprint
from tests.pipeline.days import changed, day, project, registry_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_keeps_what_it_takes_to_repeat_it(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    record = nf.run(pipeline)
    row = registry_of(pipeline).run(record.run_id)
    assert nf.Pipeline.from_json(row.config or "") == pipeline
    inputs = json.loads(row.inputs)
    files = sorted((tmp_path / "days").iterdir())
    assert [one["path"] for one in inputs] == [str(file.resolve()) for file in files]
    assert [one["fingerprint"] for one in inputs] == [fingerprint(file) for file in files]
    joined = "\n".join(fingerprint(file) for file in files)
    assert row.input_fingerprint == record.input_fingerprint == hashlib.sha256(joined.encode()).hexdigest()
    assert set(json.loads(row.versions)) == {"normflow", "polars", "python"}
    hashes = [
        hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() for name in written(tmp_path)
    ]
    assert [one.sha256 for one in registry_of(pipeline).outputs(record.run_id)] == hashes


def written(folder: Path) -> list[str]:
    return sorted((one.name for one in (folder / "out").iterdir() if one.is_file()), key=len)


def test_the_hash_of_a_configuration_is_that_of_what_it_says(tmp_path: Path) -> None:
    """Another folder and other comments are the same; another sink option is not."""
    hashes = [nf.run(project(tmp_path / name)).config_hash for name in ("here", "there")]
    other = nf.load(tmp_path / "here" / "p.yaml")
    commented = changed(other, "# nothing new\n")
    packed = "checks: {x: {finite: true}}\n"
    assert [nf.run(one).config_hash for one in (commented, changed(other, packed))] != hashes
    assert hashes[0] == hashes[1] == nf.run(changed(other, "")).config_hash


def test_the_history_tells_modes_fits_and_moved_inputs(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    first = nf.run(pipeline)
    moved = day(tmp_path, 2, shift=0.2)
    second = nf.run(pipeline, mode="frozen")
    newest, oldest = recorded_runs(pipeline.registry, "p", 9)
    assert [one["mode"] for one in (oldest, newest)] == ["reuse", "frozen"]
    assert [one["fit"] for one in (oldest, newest)] == ["learned", "reused"]
    assert newest["input_fingerprint"] != oldest["input_fingerprint"] == first.input_fingerprint
    shown = recorded_run(pipeline.registry, second.run_id)
    assert shown["since"] == {
        "run_id": first.run_id,
        "inputs": {"added": [], "changed": [str(moved)], "gone": []},
        "told": "1 changed (02.parquet)",
    }
    assert len(shown["inputs"]) == 3
    assert recorded_run(pipeline.registry, first.run_id)["since"] is None


def test_a_registry_of_the_first_format_is_read_and_then_brought_up_to_date(tmp_path: Path) -> None:
    """Reading leaves it as it is; writing keeps a copy, and all of its runs."""
    pipeline = project(tmp_path)
    first = nf.run(pipeline)
    file = tmp_path / ".normflow" / "registry.duckdb"
    with duckdb.connect(file) as con:
        con.execute("ALTER TABLE runs DROP COLUMN config")
        con.execute("DROP VIEW drift_history")
        con.execute("DROP TABLE drift")
        con.execute("UPDATE meta SET value = '1' WHERE key = 'format'")
    old = file.read_bytes()
    assert registry_of(pipeline).run("p@latest").config is None
    assert nf.plan(pipeline).fit == "reused"
    assert file.read_bytes() == old
    second = nf.run(pipeline)
    assert file.with_name("registry.duckdb.format-1").read_bytes() == old
    runs = registry_of(pipeline).runs()
    assert [(one.run_id, one.config is None) for one in runs] == [
        (second.run_id, False),
        (first.run_id, True),
    ]
