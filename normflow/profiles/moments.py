"""Skewness and kurtosis of weighted points about the exact mean."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles.slices import UNIT, exact_sum

if TYPE_CHECKING:
    from normflow.profiles.points import Points
    from normflow.profiles.sums import Sums


def skewness(points: Points, sums: Sums) -> float | None:
    """Moment skewness g1 = m3/m2^1.5; None where the values do not differ."""
    known = _central(points, sums, 3)
    return None if known is None else known[0] / (known[1] * math.sqrt(known[1]))


def kurtosis(points: Points, sums: Sums) -> float | None:
    """Excess kurtosis g2 = m4/m2² − 3; None where the values do not differ."""
    known = _central(points, sums, 4)
    return None if known is None else known[0] / (known[1] * known[1]) - 3


def _central(points: Points, sums: Sums, order: int) -> tuple[float, float] | None:
    """The central moments m_order and m_2 of values scaled by one power of two; None where none differ.

    Σ counts·(value − mean)^order is a correctly rounded sum of products in plain IEEE arithmetic, so it
    repeats on every CPU; mean and m_2 are exact. The scale loses nothing and keeps the powers inside float64.
    """
    spread = sums.spread()
    if spread is None or spread[0] == 0:
        return None
    scale = -math.frexp(float(np.abs(points.values).max()))[1]
    mean = Fraction(sums.first, sums.n << UNIT) * Fraction(2) ** scale
    deviations = np.ldexp(points.values, scale) - float(mean)
    deviations -= float(mean - Fraction(float(mean)))  # what the nearest float64 misses
    reach = -math.frexp(float(np.abs(deviations).max()))[1]
    deviations = np.ldexp(deviations, reach)
    power = points.counts.astype(np.float64)
    for _ in range(order):
        power *= deviations
    return exact_sum(power) / sums.n, float(Fraction(*spread) * Fraction(4) ** (scale + reach))
