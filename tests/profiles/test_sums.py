"""Sums are exact, and what is read from them is the nearest float64."""

from __future__ import annotations

import math
from decimal import Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.errors import FitError
from normflow.profiles import ColumnProfile, exact_sum, observe_values
from normflow.profiles.rounding import nearest_root
from tests.columns import ZOO
from tests.profiles.values import columns, finite_columns, fractions_of

Column = list[float | None]
PRECISE = Context(prec=1200, Emax=10**6, Emin=-(10**6))


def nearest_std(fraction: Fraction) -> float:
    """The root of a fraction by decimal arithmetic of 1,200 digits, to the nearest float64."""
    quotient = PRECISE.divide(Decimal(fraction.numerator), Decimal(fraction.denominator))
    return float(PRECISE.sqrt(quotient))


def check(column: Column, profile: ColumnProfile) -> None:
    values = fractions_of(column)
    total, squares = sum(values, Fraction(0)), sum((value * value for value in values), Fraction(0))
    assert Fraction(profile.sums.first, 2**1074) == total
    assert Fraction(profile.sums.second, 2**2148) == squares
    n = len(values)
    assert profile.n == n
    assert profile.mean == (float(total / n) if n else None)
    for ddof in (0, 1):
        if n <= ddof:
            assert profile.variance(ddof) is None
            assert profile.std(ddof) is None
            continue
        exact = (squares - total * total / n) / (n - ddof)
        check_root(exact, profile, ddof)


def check_root(exact: Fraction, profile: ColumnProfile, ddof: int) -> None:
    root = nearest_std(exact)
    if math.isinf(root):
        with pytest.raises(FitError, match="standard deviation lies beyond float64"):
            profile.std(ddof)
    else:
        assert profile.std(ddof) == root
    try:
        assert profile.variance(ddof) == float(exact)
    except OverflowError:
        with pytest.raises(FitError, match="variance lies beyond float64"):
            profile.variance(ddof)
    except FitError:
        with pytest.raises(OverflowError):
            float(exact)


@given(columns)
def test_sums_mean_variance_and_std_are_those_of_exact_fractions(column: Column) -> None:
    check(column, observe_values(column))


@pytest.mark.parametrize("column", ZOO.values(), ids=ZOO)
def test_the_zoo_has_exact_sums(column: Column) -> None:
    check(column, observe_values(column))


def _long() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(3)
    normal = draw.normal(size=20_000)
    return {
        "normal": normal,
        "log-normal of eight binades": np.exp(8 * normal),
        "one 1e14": np.append(np.exp(normal), 1e14),
        "cents": np.round(draw.gamma(2, 30, 20_000), 2),
        "all magnitudes": normal * np.exp2(draw.uniform(-1074, 1020, 20_000)),
        "integers that need two slices": draw.integers(0, 2**30, 20_000).astype(float),
        "largest and smallest": np.where(normal > 0, 1.7e308, 5e-324),
        "near the ends of plain slicing": np.where(normal > 0, 2.0**400, 2.0**-400) * (1 + 2.0**-52),
        "ones below a power of two": np.full(20_000, 2.0 - 2.0**-52),
    }


@pytest.mark.parametrize("values", _long().values(), ids=_long())
def test_long_columns_have_exact_sums(values: np.ndarray) -> None:
    """Several blocks, all depths of slicing, and values that are left for later."""
    check(values.tolist(), observe_values(values))


@given(finite_columns)
def test_an_exact_sum_is_the_nearest_float(values: list[float]) -> None:
    """Whatever the order, where the sum is a float64."""
    exact = sum(map(Fraction, values), Fraction(0))
    try:
        nearest = float(exact)
    except OverflowError:
        with pytest.raises(OverflowError):
            exact_sum(np.array(values))
        return
    assert exact_sum(np.array(values)) == nearest == exact_sum(np.array(values[::-1]))


@given(st.integers(0, 2**120), st.integers(1, 2**120), st.integers(-2200, 2200))
def test_roots_of_fractions_are_the_nearest_float(numerator: int, denominator: int, shift: int) -> None:
    """Denormal, tied and huge results too."""
    fraction = Fraction(numerator, denominator) * Fraction(2) ** shift
    assert nearest_root(fraction.numerator, fraction.denominator) == nearest_std(fraction)


@pytest.mark.parametrize("odd", [2**53 + 1, 2**53 + 3, 2**54 + 2, 2**60 + 2**7])
def test_the_root_of_a_square_between_two_floats_goes_to_the_even_one(odd: int) -> None:
    assert nearest_root(odd * odd, 1) == float(odd)
    assert nearest_root(odd * odd + 1, 1) == nearest_std(Fraction(odd * odd + 1))
    assert nearest_root(odd * odd - 1, 1) == nearest_std(Fraction(odd * odd - 1))


def test_the_golden_five_have_their_golden_std() -> None:
    profile = observe_values([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (profile.mean, profile.std(), profile.std(1)) == (3.0, math.sqrt(2), math.sqrt(2.5))


def test_a_result_beyond_float64_is_refused_with_a_sentence() -> None:
    with pytest.raises(FitError) as caught:
        observe_values([1.7e308, -1.7e308]).std(ddof=1)
    assert str(caught.value) == (
        "the standard deviation lies beyond float64, whose largest number is 1.8e308; "
        "divide the column by a power of ten before it is profiled"
    )
    with pytest.raises(FitError, match="the variance lies beyond float64"):
        observe_values([1e155, -1e155]).variance()
    assert observe_values([1e155, -1e155]).std() == 1e155
