"""What a run costs, held without a clock: one scan a pass, plans that stream, and work that is linear."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandera.polars as pa
import polars as pl
import pytest
from polars.io.plugins import register_io_source

import normflow as nf
from normflow.sources import source as sources
from tests.pipeline.one_file import pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IN_MEMORY = 'fillcolor="0.0 0.3 1.0"'  # how Polars colours a node that falls back to the in-memory engine
INTENSIVE = 'fillcolor="0.16 0.3 1.0"'  # and one whose memory may grow with the rows
ROWS = 1000
FULL = """\
contract:
  a: {range: [-100, 100], on_fail: quarantine}
  word: {isin: [x, y], on_fail: quarantine}
normalize:
  a: zscore
  b: {method: auto, outside: flag}
  c: {method: robust, clip: [1%, 99%], nulls: {fill: median, indicator: true}}
  d: {method: yeojohnson, dtype: Float32}
checks: {a: {finite: true, mean: [-10, 10]}}
quarantine: {max_rows: 50%}
"""
PARTED = """\
contract:
  a: {range: [0.5, null], on_fail: quarantine}
  b: {range: [null, 2], on_fail: quarantine}
  c: {range: [0, 1e6]}
  word: {isin: [x, y]}
normalize: {"*": zscore}
checks:
  a: {range: [-10, 1e6], mean: [-10, 10], std: [0, 10]}
  "*": {finite: true}
"""
TEXTS = {
    "everything auto": "",
    "contract, policies and checks": FULL,
    "many rows quarantined, and checks": PARTED,
    "by group": "fit: {by: {columns: [word], min_rows: 5}}\n",
}


def table(columns: int = 4) -> pl.DataFrame:
    draw = np.random.default_rng(0)
    names = "abcd" if columns == len("abcd") else [f"x{i}" for i in range(columns)]
    numbers = {name: np.exp(draw.normal(size=ROWS)) for name in names}
    return pl.DataFrame({**numbers, "word": ["x", "y", "x", "x"] * (ROWS // 4)})


class Counted:
    """A source that counts how often it is read from its first row on, and how many rows it gave."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self.scans = self.rows = 0

    def lazy(self, *_: object, **__: object) -> pl.LazyFrame:
        """The rows, whatever files are asked for."""
        return register_io_source(self._batches, schema=self._frame.schema, is_pure=True)

    def _batches(
        self, columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        del n_rows, size
        self.scans += 1
        for batch in self._frame.iter_slices(100):
            self.rows += batch.height
            wanted = batch.select(columns or batch.columns)
            yield wanted if predicate is None else batch.filter(predicate).select(wanted.columns)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_two_scans_when_fitting_and_one_with_a_stored_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Good rows, quarantine, counters and statistics come from one reading; a fit from another."""
    prepared, counted = pipeline(tmp_path, table(), text), Counted(table())
    monkeypatch.setattr(sources, "scanned", counted.lazy)
    for mode, scans in (("refit", 2), ("reuse", 1)):
        counted.scans = counted.rows = 0
        nf.run(prepared, mode=mode)  # type: ignore[arg-type]
        assert (counted.scans, counted.rows) == (scans, scans * ROWS)


@contextmanager
def caught(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[pl.LazyFrame]]:
    """The plans that a run learns from and writes with, as they are handed to Polars."""
    plans: list[pl.LazyFrame] = []
    collect, batches = pl.LazyFrame.collect, pl.LazyFrame.collect_batches

    def collected(self: pl.LazyFrame, **kwargs: Any) -> Any:
        if kwargs.get("engine") == "streaming":  # the others are batches at hand
            plans.append(self)
        return collect(self, **kwargs)

    def batches_of(self: pl.LazyFrame, **kwargs: Any) -> Any:
        plans.append(self)
        return batches(self, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(pl.LazyFrame, "collect", collected)
        patch.setattr(pl.LazyFrame, "collect_batches", batches_of)
        yield plans


def physical(plan: pl.LazyFrame) -> str:
    """The plan as the streaming engine runs it."""
    return str(plan.show_graph(engine="streaming", plan_stage="physical", raw_output=True))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_plan_of_a_run_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """No node falls back to the in-memory engine, and on the main path none collects rows."""
    prepared = pipeline(tmp_path, table(), text)
    with caught(monkeypatch) as plans:
        nf.run(prepared, mode="refit")
    graphs = [physical(plan) for plan in plans]
    assert sum("parquet-sink" in graph for graph in graphs) == (2 if "quarantine" in text else 1)
    assert not any(IN_MEMORY in graph for graph in graphs)
    assert not any(
        "multiplexer" in graph for graph in graphs
    )  # it holds what its slowest reader has not read
    sinks = [graph for graph in graphs if "parquet-sink" in graph]
    assert "by" in text or not any(INTENSIVE in graph for graph in sinks)


def test_the_colours_mean_what_they_should() -> None:
    """A plan that does not stream is told apart; else the test above could not fail."""
    lf = table().lazy()
    assert INTENSIVE in physical(lf.sort("a"))
    assert IN_MEMORY in physical(lf.select(pl.col("a").map_batches(lambda one: one, return_dtype=pl.Float64)))
    assert IN_MEMORY not in physical(lf.with_columns(pl.col("a") * 2))


def test_the_plan_of_a_run_grows_with_its_columns_and_no_faster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the columns, twice the expressions."""
    sizes = []
    for columns in (20, 40):
        folder = tmp_path / str(columns)
        folder.mkdir()
        prepared = pipeline(folder, table(columns), 'normalize: {"*": yeojohnson}\n')
        with caught(monkeypatch) as plans:
            nf.run(prepared, mode="refit")
        sizes.append(sum(plan.explain(optimized=False).count('col("x') for plan in plans))
    assert 1.9 * sizes[0] <= sizes[1] <= 2.1 * sizes[0]


EVERYTHING = """\
contract: {a: {range: [-100, 100], on_fail: quarantine}, v: {nullable: true}}
fit: {by: word, where: "b > 0", drift: 0.1}
normalize: {"*": zscore, v: minmax}
checks: {a: {skew: [-99, 99], drift: 9}, b: {quantile: {50%: [-9, 9]}}}
table: {unique: [d]}
"""


def test_who_is_shown_batches_asks_nothing_of_the_streaming_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its threads are those that show the batches: a query that waits for them there may wait for ever."""
    nested: list[str | None] = []
    collect = pl.LazyFrame.collect

    def seen(self: pl.LazyFrame, *args: Any, **more: Any) -> Any:
        if isinstance(threading.current_thread(), threading._DummyThread):
            nested.append(more.get("engine"))
        return collect(self, *args, **more)

    text = EVERYTHING
    column = pa.Column(float, checks=pa.Check(lambda it: it.lazyframe.select(pl.col(it.key) > -99)))
    schema = pa.DataFrameSchema(
        {"b": column}, checks=pa.Check(lambda it: it.lazyframe.select(pl.col("a") > -99))
    )
    data = table().with_columns(v=pl.concat_list("c", "d").list.to_array(2))
    nf.run(pipeline(tmp_path, data, text), schema=schema)
    monkeypatch.setattr(pl.LazyFrame, "collect", seen)
    assert nf.run(pipeline(tmp_path, data, text), schema=schema).fit == "reused"
    assert set(nested) == {"in-memory"}
