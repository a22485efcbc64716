"""The small histograms say what the values say."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.pipeline.columns import pictured
from normflow.report.sparks import LEVELS, spark, sparks

RNG = np.random.default_rng(5)
SAMPLES = {
    "normal": RNG.normal(10, 2, 20_000),
    "uniform": RNG.random(20_000),
    "lognormal": RNG.lognormal(0, 0.5, 20_000),
    "two humps": np.concatenate([RNG.normal(0, 1, 10_000), RNG.normal(9, 1, 10_000)]),
    "mostly zero": np.concatenate([np.zeros(18_000), RNG.random(2_000)]),
    "negative skew": -RNG.lognormal(0, 0.4, 20_000),
}


def levels(text: str) -> Any:
    return np.array([LEVELS.index(letter) for letter in text])


def counted(values: np.ndarray) -> Any:
    """The same from the values themselves, by numpy: eight equal bins, seven levels, rounded up."""
    counts, _ = np.histogram(values, bins=8)
    return np.maximum(np.ceil(counts / counts.max() * len(LEVELS)).astype(int) - 1, 0)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_bar_is_within_a_level_of_numpys_histogram(name: str) -> None:
    """Before the map of all values; after it of what the fit makes of them."""
    frame = pl.DataFrame({"x": SAMPLES[name]})
    fit = nf.fit(frame, {"x": "yeojohnson"})
    before, _, after = sparks(pictured(fit)[0]).partition(" → ")
    assert np.abs(levels(before) - counted(SAMPLES[name])).max() <= 1
    assert np.abs(levels(after) - counted(fit.transform(frame)["x"].to_numpy())).max() <= 1


def test_what_has_no_shape_is_not_drawn() -> None:
    """No value, one value, no reference."""
    frame = pl.DataFrame(
        {"none": [None, None], "one": [3.0, 3.0]}, schema={"none": pl.Float64, "one": pl.Float64}
    )
    assert [sparks(one) for one in pictured(nf.fit(frame, {"*": "auto"}))] == ["", ""]
    assert spark(None) == ""


def test_an_untouched_column_is_drawn_once() -> None:
    frame = pl.DataFrame({"x": list(range(100))})
    drawn = sparks(pictured(nf.fit(frame, {"x": "none"}))[0])
    assert len(drawn) == 8
    assert set(drawn) <= set(LEVELS)
