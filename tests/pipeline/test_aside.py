"""Quarantined rows wait aside, on disk where they are many, and come back whole and in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.contract import compile_checks, split
from normflow.pipeline import aside
from normflow.pipeline.aside import Aside
from normflow.pipeline.origins import Origins
from normflow.sources import resolve
from normflow.spec import ColumnChecks, SourceSpec
from tests.pipeline.one_file import pipeline

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 1000
FRAME = pl.DataFrame({"x": [float(i % 10) for i in range(ROWS)], "name": [f"row {i}" for i in range(ROWS)]})
CHECKS = {"x": ColumnChecks(range=(0, 4), on_fail="quarantine")}


@pytest.mark.parametrize("held", [1, 4000, 1 << 26])
@pytest.mark.parametrize("span", [7, 300, 1 << 19])
def test_rows_come_back_in_order_however_the_batches_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int, span: int
) -> None:
    """From memory and from disk alike; nothing stays there."""
    monkeypatch.setattr(aside, "HELD_BYTES", held)
    monkeypatch.setattr(aside, "SPAN", span)
    (tmp_path / "source").mkdir()
    file = tmp_path / "source" / "data.parquet"
    FRAME.write_parquet(file)
    origins = Origins(resolve(SourceSpec(paths=(str(file),))), tmp_path)
    parts = split(FRAME.lazy(), compile_checks(CHECKS, "contract", FRAME.schema))
    assert parts.quarantined is not None
    expected = parts.quarantined.collect()
    batches = list(parts.rows.collect().iter_slices(37))
    batches = [batches[int(i)] for i in np.random.default_rng(held * span).permutation(len(batches))]
    with Aside(parts, tmp_path / ".q.parquet.run.tmp", (), origins) as kept:
        for batch in batches:
            kept.see(batch)
        assert bool(list(tmp_path.glob(".q*"))) == (held < 1 << 26)
        found = kept.lazy().collect(engine="streaming")
        assert kept.lazy().select("name").head(3).collect().to_series().to_list() == [
            "row 5",
            "row 6",
            "row 7",
        ]
    assert found.drop("_source").equals(expected)
    assert set(found["_source"]) == {"source/data.parquet"}
    assert kept.samples["contract.x.range"].rows() == [(row, float(row)) for row in (5, 6, 7, 8, 9)]
    assert list(tmp_path.glob(".q*")) == []


def test_a_run_with_many_quarantined_rows_leaves_nothing_beside_its_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "HELD_BYTES", 1)
    text = "contract: {x: {range: [0, 4], on_fail: quarantine}}\nnormalize: {x: zscore}\n"
    prepared = pipeline(tmp_path, FRAME, text)
    record = nf.run(prepared)
    assert (record.rows, record.quarantined) == (ROWS, ROWS // 2)
    outputs = [pl.read_parquet(one.path) for one in record.outputs]
    assert outputs[0]["name"].to_list() == [f"row {i}" for i in range(ROWS) if i % 10 < 5]
    assert outputs[1]["name"].to_list() == [f"row {i}" for i in range(ROWS) if i % 10 > 4]
    left = {one.name for one in prepared.sink.path.parent.iterdir()}
    assert left == {
        "data.parquet",
        "data.quarantine.parquet",
        *(name for name in left if name.endswith(".lock")),
    }
