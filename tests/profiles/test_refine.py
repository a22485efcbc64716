"""Quantiles that fall into wide buckets are read again, and are then the order statistics themselves."""

from __future__ import annotations

import struct
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import normflow as nf
from normflow.dtypes import as_float
from normflow.profiles import Profile, observe, observe_values, refined

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
    first, second = looked_at(array, resolution)
    for q, found in second["x"].refined.items():
        assert bits(found) == bits(float(np.quantile(array, q)))
    coarse = {q for q in QUARTILES if first["x"].coarse_at(q)}
    assert second["x"].refined.keys() == coarse
    assert first["x"].coarse == bool(coarse)
    assert not second["x"].coarse


def bits(number: float) -> bytes:
    """The 64 bits of a number; a profile has no −0.0."""
    return struct.pack("<d", number + 0.0)


def at_one_percent(steps: int) -> np.ndarray:
    """Three occupied buckets of 2^-10: the lower quartile in the first, the upper at the foot of the last.

    The quartiles are at least steps − 1 buckets apart, and the median's bucket is occupied to both ends.
    """
    middle = 1 + np.arange(50, 51, 2.0**-6) / 2**10
    middle[-1] = np.nextafter(1 + 51 / 2**10, 0)
    return np.concatenate([np.full(50, 1.0), middle, np.full(50, 1 + steps / 2**10)])


@pytest.mark.parametrize(("steps", "coarse"), [(100, True), (101, False)])
def test_a_bucket_is_wide_from_1_percent_of_the_iqr_on(steps: int, coarse: bool) -> None:
    """Of 99 times its width it is, of 100 times its width it is not."""
    values = at_one_percent(steps)
    first, second = looked_at(values, 3)
    column = first["x"]
    assert column.histogram.level == 42
    assert (column.coarse_at(0.5), column.coarse) == (coarse, coarse)
    assert (0.5 in second["x"].refined) is coarse
    assert not second["x"].coarse


def test_an_exact_or_empty_column_is_never_coarse() -> None:
    assert not observe_values([1e300, 1.0, -1e300]).coarse
    assert not observe_values([None]).coarse
    spread_beyond_float64 = [-1.7e308, -1.6e308, -1.5e308, 1.5e308, 1.6e308, 1.7e308]
    assert observe_values(spread_beyond_float64, resolution=2).coarse


def test_earlier_answers_are_kept() -> None:
    lf = pl.LazyFrame({"x": TWO_SCALES})
    once = refined(lf, observe(lf, resolution=64), {"x": [0.5]})
    twice = refined(lf, once, {"x": [0.25, 0.5]})
    assert twice["x"].refined.keys() == {0.25, 0.5}
    assert twice["x"].quantile([0.25, 0.5]) == np.quantile(TWO_SCALES, [0.25, 0.5]).tolist()


def test_always_is_for_every_column_that_is_not_exact() -> None:
    frame = pl.LazyFrame({"many": RNG.normal(size=50_000), "few": np.arange(50_000) % 7.0})
    read_again = refined(frame, observe(frame), {"many": [0.25, 0.9], "few": [0.25]}, always=True)
    assert read_again["few"].refined == {}
    many = frame.select("many").collect()["many"].to_numpy()
    assert read_again["many"].refined == {q: float(np.quantile(many, q)) for q in (0.25, 0.9)}


@pytest.mark.parametrize(
    "dtype",
    [pl.Duration("ns"), pl.Duration("ms"), pl.Datetime("us"), pl.Time(), pl.Int64(), pl.Decimal(20, 3)],
)
def test_quantiles_of_any_type_are_those_of_its_floats(dtype: pl.DataType) -> None:
    """Integers of two scales, read as that type: the closer look reads the column as the first one did."""
    whole = pl.Series(
        [10**12 + n for n in range(2000)] + [0] * 30 + [7**k for k in range(15)], dtype=pl.Int64
    )
    lf = pl.LazyFrame({"x": whole.cast(dtype)})
    profile = refined(lf, observe(lf, ["x"], resolution=16), {"x": QUARTILES})
    floats = lf.select(as_float(pl.col("x"), dtype)).collect()["x"].to_numpy()
    assert profile["x"].refined == {q: float(np.quantile(floats, q)) for q in QUARTILES}


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


def test_the_evidence_of_a_frame_is_that_of_its_exact_quantiles() -> None:
    """The outer tenths too, which Kelly's skew reads: 1e9 ± 1 beside values of all magnitudes."""
    values = np.concatenate([1e9 + RNG.normal(size=160_000), 10 ** RNG.uniform(-300, 300, 20_000)])
    coarse = observe(pl.LazyFrame({"x": values}))["x"]
    assert coarse.coarse_at(0.1)
    assert coarse.coarse_at(0.9)
    choice = nf.fit(pl.LazyFrame({"x": values}))["x"].choice
    assert choice is not None
    low, middle, high = map(Fraction, np.quantile(values, [0.1, 0.5, 0.9]).tolist())
    assert choice.evidence.median == float(middle)
    assert choice.evidence.kelly == pytest.approx(float((high + low - 2 * middle) / (high - low)), rel=1e-14)


def test_a_fit_from_the_profile_of_two_scales_says_that_it_is_coarse() -> None:
    """From the frame the rows are read again, from a stored profile they cannot be."""
    values = np.concatenate(
        [1e9 + RNG.normal(size=40_000), np.zeros(500), 10 ** RNG.uniform(-300, 300, 20_000)]
    )
    lf = pl.LazyFrame({"x": values})
    stored = Profile.from_bytes(nf.profile(lf).to_bytes())
    assert stored["x"].coarse
    assert nf.fit(stored, {"x": "robust"}).id != nf.fit(lf, {"x": "robust"}).id
    again = refined(lf, stored, {"x": QUARTILES})
    assert nf.fit(again, {"x": "robust"}).id == nf.fit(lf, {"x": "robust"}).id
