"""Moments of weighted values against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from normflow.profiles import weighted

NORMAL = np.sort(np.random.default_rng(5).normal(size=200))
COUNTS = np.random.default_rng(6).integers(1, 1000, 200)
COLUMNS = {
    "normal": NORMAL,
    "1e9 and a millionth": 1e9 + 1e-6 * NORMAL,
    "1e300": 1e300 * NORMAL,
    "1e-300": 1e-300 * NORMAL,
    "one at 1e14": np.append(np.exp(NORMAL[1:]), 1e14),
    "denormals": np.arange(200) * 5e-324,
    "to the largest": 1.7e308 * np.linspace(-1, 1, 200),
}


def central(values: np.ndarray, counts: np.ndarray, order: int) -> Fraction:
    """The mean at order 1, else the central moment."""
    pairs = [(Fraction(v), c) for v, c in zip(values.tolist(), counts.tolist(), strict=True)]
    total = sum(c for _, c in pairs)
    mean: Fraction = sum((v * c for v, c in pairs), Fraction(0)) / total
    if order == 1:
        return mean
    powers: list[Fraction] = [(v - mean) ** order * c for v, c in pairs]
    moment: Fraction = sum(powers, Fraction(0)) / total
    return moment


def root(number: Fraction) -> float:
    """A root of a fraction whose square may be beyond float64."""
    scale = 2 ** (number.denominator.bit_length() + 200)
    return float(Fraction(math.isqrt(int(number * scale * scale)), scale))


@pytest.mark.parametrize("name", COLUMNS)
def test_mean_std_and_skew_are_those_of_exact_fractions(name: str) -> None:
    values = COLUMNS[name]
    found = weighted(values, COUNTS)
    assert found is not None
    mean, spread = central(values, COUNTS, 1), central(values, COUNTS, 2)
    std = root(spread)
    assert abs(Fraction(found.mean) - mean) <= Fraction(math.ulp(found.mean))
    assert found.std == pytest.approx(std, rel=1e-14, abs=5e-324)
    ratio = central(values, COUNTS, 3) ** 2 / spread**3
    assert found.skew is not None
    assert abs(found.skew) == pytest.approx(root(ratio), rel=1e-12, abs=1e-13)


def test_values_without_weight_do_not_count() -> None:
    values, weights = np.array([-1e308, 1.0, 2.0, 4.0, 1e308]), np.array([0, 1, 1, 1, 0])
    alone = weighted(values[1:4], np.ones(3))
    found = weighted(values, weights)
    assert found is not None
    assert alone is not None
    assert (found.mean, found.std, found.skew) == (alone.mean, alone.std, alone.skew)
    assert weighted(values, np.zeros(5)) is None
    assert weighted(np.empty(0), np.empty(0)) is None


@pytest.mark.parametrize("value", [0.0, 0.1, 1.7976931348623157e308, 5e-324])
def test_one_value_has_no_spread_and_no_skew(value: float) -> None:
    found = weighted(np.full(3, value), np.array([1, 5, 2]))
    assert found is not None
    assert (found.mean, found.std, found.skew) == (value, 0.0, None)
