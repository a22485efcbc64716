"""Quantiles that fall into wide buckets are read again, and are then the order statistics themselves."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import normflow as nf
from normflow.profiles import Profile, observe, refined

QUARTILES = (0.25, 0.5, 0.75)
RNG = np.random.default_rng(20131224)


def looked_at(values: np.ndarray, resolution: int) -> tuple[Profile, Profile]:
    """A profile, and the same after a closer look at its quartiles."""
    lf = pl.LazyFrame({"x": values})
    first = observe(lf, resolution=resolution)
    return first, refined(lf, first, {"x": QUARTILES})


TWO_SCALES = np.concatenate([1e9 + RNG.normal(size=40_000), np.zeros(500), RNG.lognormal(0, 20, 2000)])


def test_two_scales_get_their_exact_quartiles() -> None:
    """1e9 ± 1 beside zeros: the first histogram is off by more than the spread, the refined equals numpy."""
    first, second = looked_at(TWO_SCALES, 64)
    exact = np.quantile(TWO_SCALES, QUARTILES)
    spread = exact[2] - exact[0]
    assert np.max(np.abs(np.array(first["x"].quantile(QUARTILES)) - exact)) > spread
    assert second["x"].quantile(QUARTILES) == exact.tolist()
    assert second["x"].quantile_bounds(0.5) == (exact[1], exact[1])


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=200),
    st.integers(2, 16),
)
def test_whatever_is_refined_equals_numpy(values: list[float], resolution: int) -> None:
    """Bit for bit, on any finite values, where the sketch was too coarse; and untouched elsewhere."""
    array = np.array(values) / 4
    _, second = looked_at(array, resolution)
    for q, found in second["x"].refined.items():
        assert found == pytest.approx(float(np.quantile(array, q)), rel=1e-15, abs=0)


def test_narrow_buckets_are_not_read_again() -> None:
    """A normal column is known well enough: the profile comes back as it is, and nothing is scanned."""
    lf = pl.LazyFrame({"x": RNG.normal(size=50_000)})
    first = observe(lf)
    unreadable = lf.map_batches(lambda _: pytest.fail("read again"), schema=lf.collect_schema())
    assert refined(unreadable, first, {"x": QUARTILES})["x"].refined == {}


def test_the_state_does_not_know_of_it() -> None:
    """Equal states stay equal, and a merge drops what was refined."""
    first, second = looked_at(TWO_SCALES, 64)
    assert second == first
    assert second["x"].to_bytes() == first["x"].to_bytes()
    assert (second + Profile())["x"].refined == {}


def test_a_fit_of_two_scales_is_exact_in_any_order() -> None:
    """Robust scaling of 1e9 ± 1 beside zeros: the scale is numpy's IQR, whatever the order of rows."""
    values = np.concatenate(
        [1e9 + RNG.normal(size=40_000), np.zeros(500), 10 ** RNG.uniform(-300, 300, 20_000)]
    )
    low, middle, high = np.quantile(values, QUARTILES)
    for array in (values, RNG.permutation(values)):
        fit = nf.fit(pl.LazyFrame({"x": array}), {"x": "robust"})
        (found,) = fit["x"].transform.maps
        assert found.to_json() == {
            "kind": "affine",
            "shift": middle,
            "scale": high - low,
            "gain": 1.0,
            "offset": 0.0,
        }
