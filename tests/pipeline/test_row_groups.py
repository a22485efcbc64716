"""One large file that grows or is written anew: only row groups that are new are learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.pipeline import partitions
from normflow.sources import row_groups

if TYPE_CHECKING:
    from pathlib import Path

GROUP = 100
TEXTS = {
    "auto": "",
    "where, contract": 'contract: {x: {range: [-2, 2], on_fail: quarantine}}\nfit: {where: "y > 0.2"}\n',
    "by group": "fit: {by: {columns: [g], min_rows: 5}}\n",
    "exact quantiles": "fit: {quantiles: exact}\nnormalize: {x: robust, y: quantile_uniform}\n",
    "arrays": "normalize: {v: zscore}\n",
}


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each pass of learning looked at."""
    monkeypatch.setattr(row_groups, "TARGET", 300)
    monkeypatch.setattr(row_groups, "MOST", 600)
    passes: list[int] = []
    observed = partitions._observed

    def observing(teaching: pl.LazyFrame, *rest: object) -> object:
        passes.append(teaching.collect().height)
        return observed(teaching, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(partitions, "_observed", observing)
    return passes


def rows(count: int, seed: int) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "x": draw.normal(size=count),
            "y": np.exp(draw.normal(size=count)),
            "g": pl.Series(draw.integers(0, 3, count)).cast(pl.String),
            "v": pl.Series(draw.normal(size=(count, 2)), dtype=pl.Array(pl.Float64, 2)),
        }
    )


def project(folder: Path, frame: pl.DataFrame, text: str = "", source: str = "data.parquet") -> nf.Pipeline:
    file = folder / source
    file.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(file, row_group_size=GROUP)
    named = source if "=" not in source else source.split("/", maxsplit=1)[0]
    (folder / "p.yaml").write_text(f"source: {named}\nsink: out/all.parquet\n{text}")
    return nf.load(folder / "p.yaml")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_file_that_grows_is_read_where_it_is_new(tmp_path: Path, learned: list[int], text: str) -> None:
    """And each fit is that of a fresh registry, bit for bit, which reads the file as one partition."""
    first, more = rows(4_000, 0), rows(500, 1)
    versions = {
        "grown": pl.concat([first, more]),
        "moved": pl.concat([more, first]),
        "shorter": first[500:],
        "changed": first.with_columns(x=pl.when(pl.int_range(pl.len()) == 3_050).then(0.5).otherwise("x")),
    }
    pipeline = project(tmp_path / "one", first, text)
    nf.run(pipeline, mode="refit")
    assert len(learned) > 5
    for name, frame in versions.items() if not text else [("changed", versions["changed"])]:
        learned.clear()
        record = nf.run(project(tmp_path / "one", frame, text), mode="refit")
        assert sum(learned) < 2_500
        alone = project(tmp_path / name, frame, text)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(row_groups, "MOST", 10**9)
            whole = nf.run(alone, mode="refit")
        assert (whole.fit_id, whole.rows) == (record.fit_id, record.rows)
        assert whole.outputs[0].sha256 == record.outputs[0].sha256
        assert [one["choice"] for one in whole.columns] == [one["choice"] for one in record.columns]
    learned.clear()
    nf.run(pipeline, mode="refit")
    assert learned == []


def test_a_plan_tells_how_many_rows_of_a_file_are_new(tmp_path: Path, learned: list[int]) -> None:
    first = rows(6_000, 0)
    nf.run(project(tmp_path, first))
    pipeline = project(tmp_path, pl.concat([first, rows(500, 1)]))
    learned.clear()
    plan = nf.plan(pipeline, mode="refit", read=False)
    assert learned == []
    assert plan.to_read == (str(tmp_path / "data.parquet"),)
    nf.run(pipeline, mode="refit")
    assert plan.rows_to_read == sum(learned)
    assert 500 <= sum(learned) < 2_500


def test_a_window_counts_files_whatever_their_row_groups(tmp_path: Path, learned: list[int]) -> None:
    """Of hive folders too: the fit is that of the last two alone, and rows of other folders are others."""
    plain = "normalize: {x: robust, y: auto}\n"
    text = f"fit: {{window: last 2 partitions, mode: refit}}\n{plain}"
    for number in range(4):
        pipeline = project(tmp_path / "all", rows(3_000, number), text, f"data/day={number}/a.parquet")
    nf.run(pipeline)
    assert sum(learned) == 6_000
    for number in (2, 3):
        last = project(tmp_path / "last", rows(3_000, number), plain, f"data/day={number}/a.parquet")
    assert nf.run(last, mode="refit").fit_id == nf.run(pipeline).fit_id
    learned.clear()
    project(tmp_path / "all", pl.concat([rows(3_000, 3), rows(300, 9)]), text, "data/day=3/a.parquet")
    grown = nf.run(pipeline)
    assert sum(learned) < 2_000
    last = project(tmp_path / "new", rows(3_000, 2), plain, "data/day=2/a.parquet")
    project(tmp_path / "new", pl.concat([rows(3_000, 3), rows(300, 9)]), plain, "data/day=3/a.parquet")
    assert nf.run(last, mode="refit").fit_id == grown.fit_id


def test_a_private_pipeline_keeps_nothing_of_row_groups(tmp_path: Path, learned: list[int]) -> None:
    pipeline = project(tmp_path, rows(1_000, 0), "private: true\n")
    nf.run(pipeline)
    nf.run(pipeline, mode="refit")
    assert learned == [1_000, 1_000]


def test_a_file_that_changes_while_it_is_learned_from_leaves_no_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the state of new rows would stand under the fingerprint of the old ones."""
    old, new = rows(1_000, 0), rows(1_000, 1)
    pipeline = project(tmp_path, old)
    observed = partitions._observed

    def replaced(*given: object) -> object:
        new.write_parquet(tmp_path / "data.parquet")
        return observed(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(partitions, "_observed", replaced)
        with pytest.raises(nf.SourceError, match="it was changed while it was read"):
            nf.run(pipeline)
    old.write_parquet(tmp_path / "data.parquet")
    fresh = project(tmp_path / "fresh", old)
    assert nf.run(pipeline).fit_id == nf.run(fresh).fit_id
