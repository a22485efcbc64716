"""The charts of a column: what they show is what the values are, and all of it lies in its box."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.fits.reference import Reference
from normflow.report.charts import BARS, HEIGHT, WIDTH, Charts, charts
from tests.columns import ZOO


def drawn_from(values: list[float | None], method: str) -> Charts:
    """The charts of a column as a run stores it."""
    rows = pl.LazyFrame({"x": pl.Series(values, dtype=pl.Float64)})
    column = nf.fit(rows, {"x": method}).columns[0]
    known = replace(column, reference=Reference.of(nf.profile(rows)["x"]))
    return charts(json.loads(json.dumps(known.to_json())))


def _heights(path: str) -> list[int]:
    return [HEIGHT - int(one) for one in re.findall(r"V(\d+)h", path)]


@pytest.mark.parametrize(("name", "low", "high"), [("uniform", 0.0, 1.0), ("offset", 1e9, 1e9 + 7)])
def test_a_histogram_is_that_of_the_values(name: str, low: float, high: float) -> None:
    """Compared with numpy's of all values, in shares of the tallest bar."""
    rng = np.random.default_rng(len(name))
    values = low + (high - low) * rng.beta(2, 5, 50_000)
    drawn = drawn_from(values.tolist(), "zscore")
    assert drawn.before
    assert drawn.after
    counts = np.histogram(values, BARS)[0]
    expected = counts / counts.max()
    for chart in (drawn.before, drawn.after):  # an affine map keeps the shape
        found = np.array(_heights(chart.path)) / HEIGHT
        assert np.abs(found - expected).max() < 0.15
        assert np.abs(found - expected).mean() < 0.04


def test_a_repeated_value_is_one_bar() -> None:
    """Nine of ten values are 0: they stand in the first bar, and the bar of nothing is empty."""
    values = np.concatenate([np.zeros(9000), np.linspace(5.0, 10.0, 1000)])
    drawn = drawn_from(values.tolist(), "zscore")
    assert drawn.before
    heights = _heights(drawn.before.path)
    assert heights[0] == HEIGHT
    assert max(heights[1:]) <= HEIGHT / 8


@pytest.mark.parametrize("name", [one for one in sorted(ZOO) if ZOO[one]])
def test_every_column_can_be_drawn(name: str) -> None:
    """Whatever is drawn lies in its box, and what has no picture has none."""
    drawn = drawn_from(ZOO[name], "auto")
    for chart in (drawn.before, drawn.after, drawn.curve):
        if chart:
            points = re.findall(r"-?[\d.]+|nan|inf", chart.path)
            assert all(one.isdigit() and int(one) <= WIDTH for one in points)
    values = {one for one in ZOO[name] if one is not None and np.isfinite(one)}
    width = max(values) / 2 - min(values) / 2 if values else 0.0
    assert (drawn.before is None) == (width == 0)
