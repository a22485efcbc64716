"""Mean, standard deviation, skewness and kurtosis of weighted values, about their own mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from normflow.profiles.slices import FEW, UNIT, exact_sum, exact_total

if TYPE_CHECKING:
    from normflow.profiles.bits import Floats, Ints
    from normflow.profiles.points import Points
    from normflow.profiles.sums import Sums

LANES = 128


@dataclass(frozen=True, eq=False)
class Weighted:
    """Values with weights, as differences from their mean.

    `deviations` are in units of 2^`exponent` and within ±1, so that neither an offset cancels nor a power
    leaves float64. `total` is the sum of the weights. Plain IEEE arithmetic and sums in a fixed order, those
    of mean and spread correctly rounded where `rounded`: equal bits on every CPU.
    """

    mean: float
    deviations: Floats
    weights: Floats
    total: float
    exponent: int
    rounded: bool = True

    def moment(self, order: int) -> float:
        """The central moment of that order, in units of 2^(order·exponent), to a few hundred roundings."""
        power = self.weights
        for _ in range(order):
            power = power * self.deviations
        return steady_sum(power) / self.total

    @cached_property
    def spread(self) -> float:
        """The variance, in units of 4^exponent."""
        total = exact_sum if self.rounded else steady_sum
        return total(self.weights * self.deviations * self.deviations) / self.total

    @property
    def std(self) -> float:
        """Standard deviation √m2 (ddof 0)."""
        return math.ldexp(math.sqrt(self.spread), self.exponent)

    @property
    def skew(self) -> float | None:
        """Moment skewness g1 = m3/m2^1.5; None where the values do not differ."""
        spread = self.spread
        return self.moment(3) / (spread * math.sqrt(spread)) if spread > 0.0 else None


def steady_sum(values: Floats) -> float:
    """The sum of finite values in an order that no CPU changes: every 128th is added up, then those sums.

    Rows are added to rows, one by one; numpy's own sum of a vector goes by the width of the CPU's registers.
    """
    whole = len(values) - len(values) % LANES
    lanes = values[:whole].reshape(-1, LANES).sum(axis=0)
    return math.fsum([*lanes.tolist(), *values[whole:].tolist()])


def weighted(values: Floats, weights: Floats | Ints, *, rounded: bool = True) -> Weighted | None:
    """The moments of finite values with weights; None without a weight above 0.

    Mean and spread are correctly rounded, or known to some hundred roundings at a fraction of the cost.
    """
    held = weights > 0
    if not held.any():
        return None
    values, counts = values[held], weights[held].astype(np.float64)
    total = exact_sum(counts) if weights.dtype.kind == "f" else float(weights[held].sum())
    scale = math.frexp(float(np.abs(values).max()))[1]
    scaled = np.ldexp(values, -scale)
    if rounded:
        mean, missed = _mean(_products(scaled, counts), total)
    else:
        mean = steady_sum(scaled * counts) / total
        missed = steady_sum((scaled - mean) * counts) / total
    away = scaled - mean - missed
    reach = math.frexp(float(np.abs(away).max()))[1]
    return Weighted(math.ldexp(mean, scale), np.ldexp(away, -reach), counts, total, scale + reach, rounded)


def _mean(parts: Floats, total: float) -> tuple[float, float]:
    """The mean, and what its nearest float64 misses."""
    if len(parts) > FEW:
        whole = exact_total(parts)
        mean = whole / (1 << UNIT) / total
        return mean, float(Fraction(whole, 1 << UNIT) - Fraction(mean) * Fraction(total)) / total
    mean = exact_sum(parts) / total
    return mean, exact_sum(np.append(parts, _products(np.array([-mean]), np.array([total])))) / total


def _products(a: Floats, b: Floats) -> Floats:
    """Each product of a and b and what it lost in rounding: their sum has no error (Dekker 1971)."""
    product = a * b
    a_high, b_high = _upper_half(a), _upper_half(b)
    a_low, b_low = a - a_high, b - b_high
    lost = a_low * b_low - (product - a_high * b_high - a_low * b_high - a_high * b_low)
    return np.concatenate([product, lost])


def _upper_half(x: Floats) -> Floats:
    """The upper 26 bits of each number, so that products of halves are exact (Veltkamp)."""
    wide = x * (2.0**27 + 1.0)
    return wide - (wide - x)


def skewness(known: Known | None) -> float | None:
    """Moment skewness g1 = m3/m2^1.5; None where the values do not differ."""
    return known and known.about.moment(3) / (known.spread * math.sqrt(known.spread))


def kurtosis(known: Known | None) -> float | None:
    """Excess kurtosis g2 = m4/m2² − 3; None where the values do not differ."""
    return known and known.about.moment(4) / (known.spread * known.spread) - 3


class Known(NamedTuple):
    """A column's points about its exact mean, and its exact variance in units of 4^exponent."""

    about: Weighted
    spread: float


def about_the_mean(points: Points, sums: Sums) -> Known | None:
    """The points with the mean and the variance of the values themselves; None where no two differ.

    A scale by a power of two loses nothing and keeps the powers inside float64.
    """
    fraction = sums.spread()
    if fraction is None or fraction[0] == 0:
        return None
    scale = math.frexp(float(np.abs(points.values).max()))[1]
    mean = sums.exact_mean / Fraction(2) ** scale
    away = np.ldexp(points.values, -scale) - float(mean)
    away -= float(mean - Fraction(float(mean)))  # what the nearest float64 misses
    reach = math.frexp(float(np.abs(away).max()))[1]
    about = Weighted(
        mean=sums.mean or 0.0,
        deviations=np.ldexp(away, -reach),
        weights=points.counts.astype(np.float64),
        total=float(sums.n),
        exponent=scale + reach,
    )
    return Known(about, float(Fraction(*fraction) / Fraction(4) ** (scale + reach)))
