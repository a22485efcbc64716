"""Exact sums, and the mean and spread they answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from normflow.errors import FitError
from normflow.profiles.rounding import nearest, nearest_root
from normflow.profiles.slices import UNIT


@dataclass(frozen=True, slots=True)
class Sums:
    """Σx and Σx² of n finite values as whole numbers: `first` in units of 2^-1074, `second` of 2^-2148.

    Every float64 is a whole number of 2^-1074, so nothing is rounded before a question is asked.
    """

    n: int = 0
    first: int = 0
    second: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.n + other.n, self.first + other.first, self.second + other.second)

    @property
    def mean(self) -> float | None:
        """The float64 nearest to Σx/n."""
        return nearest(self.first, self.n << UNIT) if self.n else None

    @property
    def exact_mean(self) -> Fraction:
        """Σx/n; 0 of nothing."""
        return Fraction(self.first, max(self.n, 1) << UNIT)

    def variance(self, ddof: int = 0) -> float | None:
        """The float64 nearest to (Σx² − (Σx)²/n)/(n − ddof); None without more than ddof values.

        Raises:
            FitError: where it lies beyond float64.
        """
        fraction = self.spread(ddof)
        return fraction and within_float64(nearest(*fraction), "variance")

    def std(self, ddof: int = 0) -> float | None:
        """The float64 nearest to the root of the exact variance; None without more than ddof values.

        Raises:
            FitError: where it lies beyond float64.
        """
        fraction = self.spread(ddof)
        return fraction and within_float64(nearest_root(*fraction), "standard deviation")

    def spread(self, ddof: int = 0) -> tuple[int, int] | None:
        """The exact variance as numerator and denominator; None without more than ddof values."""
        if self.n <= max(ddof, 0):
            return None
        deviations = self.n * self.second - self.first * self.first
        return deviations, (self.n * (self.n - ddof)) << (2 * UNIT)


def within_float64(number: float, name: str) -> float:
    """The number itself, where it is finite.

    Raises:
        FitError: where it is not, with its name.
    """
    if math.isinf(number):
        raise FitError(
            f"the {name} lies beyond float64, whose largest number is 1.8e308",
            hint="divide the column by a power of ten before it is profiled",
        )
    return number
