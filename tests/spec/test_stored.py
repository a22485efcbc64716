"""A pipeline as text: nothing is lost, nothing depends on the place, and what is no pipeline is refused."""

from __future__ import annotations

import json
import pkgutil
from dataclasses import is_dataclass, replace
from importlib import import_module
from pathlib import Path

import pytest

import normflow as nf
from normflow import spec

CONFIGS = Path(__file__).parents[2] / "configs"
FULL = """
name: full
source: {path: [days/*.csv, more], format: csv, options: {separator: ";", null_values: [NA, "-"]}}
contract:
  x: {dtype: number, range: [0, null], on_fail: quarantine, max_failed: 5%}
  k: {isin: [a, 1, true], unique: true}
fit: {where: "x > 0", by: {columns: [k, j], min_rows: 5, unseen: null}, goal: gaussian, margin: 10%}
normalize:
  "*": auto
  x: {method: minmax, bounds: [0, 100], clip: [1%, 99%], nulls: {fill: median, indicator: true}, suffix: _n}
  y: {method: robust, outside: quarantine, dtype: Float32}
  row: {method: unit, norm: l2, columns: [a, b]}
checks: {x_n: {mean: [-0.1, 0.1], std: [0.9, null], finite: true}}
quarantine: {path: bad.csv, max_rows: 25}
sink: {path: out/all.parquet, options: {compression: zstd}}
meta: {owner: [data, eng], $: {"$": "not a part"}, deep: {list: [1, 2.0, null, true]}}
"""
LATER = """
source: a.csv
sink: b.parquet
memory: 2GiB
private: true
table: {unique: [t, u], rows: [1, null], row_change: 30%, columns: error}
contract:
  t: {regex: "[a-z]+", length: [1, null], redact: true, checks: [{str_startswith: a}]}
  u: {range: [0, 1], on_fail: clip}
  v: {range: [0, 1], on_fail: null}
fit: {drift: {warn: 0.1, refit: 0.25}, window: last 30 partitions}
checks: {u: {nulls_at_most: 5%, skew: [-1, 1], quantile: {50%: [0, 1]}}}
"""
SMALLEST = "source: a.parquet\nsink: b.parquet\n"


@pytest.mark.parametrize("file", sorted(CONFIGS.glob("*.yaml")), ids=lambda file: file.name)
def test_a_pipeline_of_the_project_comes_back_whole(file: Path) -> None:
    pipeline = nf.load(file)
    again = nf.Pipeline.from_json(pipeline.to_json())
    assert again == pipeline
    assert again.to_json() == pipeline.to_json()


@pytest.mark.parametrize("text", [FULL, LATER, SMALLEST], ids=["full", "later", "smallest"])
def test_every_part_comes_back_with_its_type(tmp_path: Path, text: str) -> None:
    """`repr` tells 1, 1.0 and true apart, and a tuple from a list."""
    (tmp_path / "p.yaml").write_text(text)
    pipeline = nf.load(tmp_path / "p.yaml")
    again = nf.Pipeline.from_json(pipeline.to_json())
    assert repr(again) == repr(replace(pipeline, places={}))
    assert again == pipeline


def test_every_part_can_be_found_by_its_name() -> None:
    """A part that `normflow.spec` does not name would be written and never read."""
    for module in pkgutil.iter_modules(spec.__path__, "normflow.spec."):
        for name, value in vars(import_module(module.name)).items():
            if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.name:
                assert getattr(spec, name, None) is value


def test_the_text_says_only_what_was_said_and_not_where_the_folder_lies(tmp_path: Path) -> None:
    texts = []
    for folder in (tmp_path / "here", tmp_path / "there"):
        folder.mkdir()
        (folder / "p.yaml").write_text("source: days/*.parquet\nsink: ../out/b.parquet\n")
        document = json.loads(nf.load(folder / "p.yaml").to_json())
        assert document.pop("file") == str(folder / "p.yaml")
        texts.append(document)
    assert texts[0] == texts[1]
    assert texts[0]["source"] == {"$": "SourceSpec", "paths": ["days/*.parquet"], "format": "parquet"}
    assert texts[0]["sink"]["path"] == {"$": "Path", "path": "../out/b.parquet"}
    assert list(texts[0]) == ["$", "name", "source", "sink", "quarantine", "registry"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"file": "p.yaml", "source": {"paths": []}}',
        '{"$": "Later", "file": "p.yaml", "source": {"paths": []}}',
        '{"$": "Limit", "file": "p.yaml", "source": {"paths": []}}',
        '{"$": "Pipeline", "file": "p.yaml", "source": {"paths": []}, "later": 1}',
        '{"$": "is_type", "file": "p.yaml", "source": {"paths": []}}',
        '{"$": "Pipeline", "file": 5, "source": {"paths": []}}',
    ],
)
def test_what_is_no_pipeline_is_refused(text: str) -> None:
    with pytest.raises(nf.FormatError):
        nf.Pipeline.from_json(text)
