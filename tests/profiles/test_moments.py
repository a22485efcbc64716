"""Skewness and kurtosis are scipy's, and repeat bit for bit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from normflow.profiles import observe_values
from tests.columns import ZOO
from tests.profiles.values import finite_of, fractions_of

Column = list[float | None]
VARIED = {name: column for name, column in ZOO.items() if len(set(finite_of(column))) > 1}


@pytest.mark.parametrize("column", VARIED.values(), ids=VARIED)
def test_moments_of_the_zoo_are_those_of_exact_fractions(column: Column) -> None:
    values, profile = fractions_of(column), observe_values(column)
    mean = sum(values) / len(values)
    second, third, fourth = (sum((value - mean) ** k for value in values) / len(values) for k in (2, 3, 4))
    skewness = math.sqrt(third**2 / second**3) * (1 if third > 0 else -1)
    assert profile.skew == pytest.approx(skewness, rel=1e-11, abs=1e-11)
    assert profile.kurtosis == pytest.approx(float(fourth / second**2) - 3, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("name", ["normal", "log-normal", "student t2", "cents", "years", "one outlier"])
def test_moments_agree_with_scipy(name: str) -> None:
    profile, values = observe_values(ZOO[name]), finite_of(ZOO[name])
    assert profile.skew == pytest.approx(stats.skew(values), rel=1e-10)
    assert profile.kurtosis == pytest.approx(stats.kurtosis(values), rel=1e-10)
    assert profile.skew_unbiased == pytest.approx(stats.skew(values, bias=False), rel=1e-10)


@pytest.mark.parametrize(
    "name", ["constant", "constant tenth", "constant zero", "one row", "empty", "all nan"]
)
def test_a_column_that_does_not_vary_has_no_moments(name: str) -> None:
    profile = observe_values(ZOO[name])
    assert (profile.skew, profile.kurtosis, profile.skew_unbiased) == (None, None, None)


def test_two_values_have_no_unbiased_skewness() -> None:
    assert observe_values([1.0, 2.0]).skew == 0
    assert observe_values([1.0, 2.0]).skew_unbiased is None


@pytest.mark.parametrize("name", ["standard_normal", "standard_exponential"])
def test_moments_of_many_values_are_close_to_scipys(name: str) -> None:
    """From buckets, with the default resolution."""
    values = getattr(np.random.default_rng(1), name)(200_000)
    profile = observe_values(values)
    assert not profile.exact
    assert profile.skew == pytest.approx(stats.skew(values), abs=2e-5)
    assert profile.kurtosis == pytest.approx(stats.kurtosis(values), abs=2e-4)


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_moments_do_not_depend_on_the_scale(scale: float) -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0, 9.0])
    assert observe_values(values * scale).skew == pytest.approx(stats.skew(values), rel=1e-12)
    assert observe_values(values * scale).kurtosis == pytest.approx(stats.kurtosis(values), rel=1e-12)


def test_the_smallest_numbers_there_are_have_moments() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0, 9.0])
    assert observe_values(values * 5e-324).skew == pytest.approx(stats.skew(values), rel=1e-12)
