"""Quantiles are numpy's where the histogram is exact, and inside known bounds elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.errors import FitError
from normflow.profiles import observe_values
from tests.columns import ZOO
from tests.profiles.values import finite_columns, finite_of

PROBABILITIES = [0.0, 0.001, 0.01, 0.1, 0.25, 1 / 3, 0.5, 0.6180339887498949, 0.75, 0.9, 0.99, 0.999, 1.0]


def numpy_quantile(values: list[float], q: float) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.quantile(values, q))


@given(finite_columns.filter(bool), st.one_of(st.floats(0, 1), st.sampled_from(PROBABILITIES)))
def test_exact_quantiles_are_numpys_bit_for_bit(values: list[float], q: float) -> None:
    profile = observe_values(values)
    expected = numpy_quantile(values, q)
    if math.isfinite(expected):
        assert profile.quantile(q) == expected
    assert min(values) <= profile.quantile(q) <= max(values)
    assert profile.quantile_bounds(q) == (profile.quantile(q), profile.quantile(q))


@pytest.mark.parametrize("column", ZOO.values(), ids=ZOO)
def test_the_zoo_has_numpys_quantiles(column: list[float | None]) -> None:
    profile, values = observe_values(column), finite_of(column)
    assert profile.exact
    for q in PROBABILITIES if values else ():
        expected = numpy_quantile(values, q)
        assert profile.quantile(q) == expected or not math.isfinite(expected)
    assert profile.median == (profile.quantile(0.5) if values else None)


@given(finite_columns.filter(bool), st.floats(0, 1), st.sampled_from([2, 5, 8]))
def test_quantiles_lie_within_their_bounds(values: list[float], q: float, resolution: int) -> None:
    """The column's own quantile does too."""
    profile = observe_values(values, resolution=resolution)
    low, high = profile.quantile_bounds(q)
    expected = numpy_quantile(values, q)
    assert low <= profile.quantile(q) <= high
    assert low <= expected <= high or not math.isfinite(expected)


N = 200_000
DRAW = np.random.default_rng(11)
DISTRIBUTIONS = {
    "normal": (DRAW.normal(size=N), 2e-3),
    "log-normal": (np.exp(DRAW.normal(size=N)), 1.2e-3),
    "offset": (300 + 5 * DRAW.normal(size=N), 1.2e-3),
    "uniform": (DRAW.random(N), 1.2e-3),
    "exponential minus five": (DRAW.exponential(size=N) - 5, 1.2e-3),
    "bimodal": (np.where(DRAW.random(N) < 0.5, -5.0, 5.0) + DRAW.normal(size=N), 1.2e-3),
    "beta": (DRAW.beta(0.5, 0.5, N), 1.2e-3),
    "student t2": (DRAW.standard_t(2, N), 3.5e-3),
}


@pytest.mark.parametrize(("values", "error"), DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
def test_quantiles_of_many_values_are_close_to_the_sorted_columns(values: np.ndarray, error: float) -> None:
    """From 0.1 to 99.9 %, in standard deviations, with the default resolution."""
    profile = observe_values(values)
    assert not profile.exact
    probabilities = np.linspace(0.001, 0.999, 333)
    found = np.array(profile.quantile(probabilities.tolist()))
    exact = np.quantile(values, probabilities)
    assert np.abs(found - exact).max() / values.std() <= error
    bounds = np.array([profile.quantile_bounds(float(q)) for q in probabilities[::20]])
    assert (bounds[:, 0] <= exact[::20]).all()
    assert (exact[::20] <= bounds[:, 1]).all()


def test_whole_columns_have_whole_representatives() -> None:
    values = np.random.default_rng(2).integers(-(10**9), 10**9, 5000).astype(float)
    points = observe_values(values, resolution=256).points()
    assert (points.values == np.rint(points.values)).all()
    assert ((points.low <= points.values) & (points.values <= points.high)).all()


def test_interpolation_between_opposite_ends_stays_finite() -> None:
    assert observe_values([-1.7e308, 1.7e308]).quantile([0.0, 0.5, 1.0]) == [-1.7e308, 0.0, 1.7e308]
    with pytest.raises(FitError, match="the interquartile range lies beyond float64"):
        _ = observe_values([-1.7e308, -1.7e308, 1.7e308, 1.7e308]).iqr


def test_a_column_without_finite_values_has_no_quantiles() -> None:
    profile = observe_values([None, math.nan])
    assert (profile.median, profile.iqr, profile.min, profile.max, profile.mean) == (None,) * 5
    with pytest.raises(FitError) as caught:
        profile.quantile(0.5)
    assert str(caught.value) == (
        "a quantile is asked of a column without a finite value; leave the column out, or look at its nulls"
    )


@pytest.mark.parametrize("q", [-0.1, 1.1, math.nan])
def test_a_quantile_is_asked_for_between_0_and_1(q: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        observe_values([1.0]).quantile(q)
