"""The formulas on numpy arrays: with numpy's own functions, or with the C library's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.transforms.arithmetic._number import FloatArray
    from normflow.transforms.arithmetic.knots import Knots


class Arrays:
    """numpy throughout; its vector kernels differ in last bits between kinds of CPU."""

    def keep(self, x: FloatArray) -> FloatArray:
        """`x` itself: an array is computed once."""
        return x

    def divide(self, x: FloatArray, by: float | FloatArray) -> FloatArray:
        """`x` ÷ `by`."""
        return x / by

    def abs(self, x: FloatArray) -> FloatArray:
        """|x|."""
        return np.abs(x)

    def sqrt(self, x: FloatArray) -> FloatArray:
        """√x."""
        return np.sqrt(x)

    def cbrt(self, x: FloatArray) -> FloatArray:
        """The cube root."""
        return np.cbrt(x)

    def asinh(self, x: FloatArray) -> FloatArray:
        """The inverse of the hyperbolic sine."""
        return np.arcsinh(x)

    def sinh(self, x: FloatArray) -> FloatArray:
        """The hyperbolic sine."""
        return np.sinh(x)

    def log(self, x: FloatArray) -> FloatArray:
        """The natural logarithm."""
        return np.log(x)

    def exp(self, x: FloatArray) -> FloatArray:
        """eˣ."""
        return np.exp(x)

    def log1p(self, x: FloatArray) -> FloatArray:
        """The logarithm ln(1 + x)."""
        return np.log1p(x)

    def expm1(self, x: FloatArray) -> FloatArray:
        """eˣ − 1."""
        return np.expm1(x)

    def below(
        self, x: FloatArray, limit: float | FloatArray, yes: FloatArray | float, no: FloatArray | float
    ) -> FloatArray:
        """`yes` where x < limit, else `no`."""
        return np.where(x < limit, yes, no)

    def above(self, x: FloatArray, limit: float | FloatArray, y: FloatArray) -> FloatArray:
        """`y` where x > limit or x is NaN, else NaN, which is an array's null."""
        return np.where(x <= limit, np.nan, y)

    def within(
        self, x: FloatArray, lo: float | FloatArray, hi: float | FloatArray, y: FloatArray
    ) -> FloatArray:
        """`y` where lo ≤ x ≤ hi or x is NaN, else NaN."""
        return np.where((x < lo) | (x > hi), np.nan, y)

    def fill(self, x: FloatArray, value: float | FloatArray) -> FloatArray:
        """`x`, and `value` where it is NaN, which is an array's null."""
        return np.where(np.isnan(x), value, x)

    def null(self, x: FloatArray) -> FloatArray:
        """NaN throughout."""
        return np.full_like(x, np.nan)

    def interpolate(self, x: FloatArray, knots: Knots) -> FloatArray:
        """The broken line."""
        return knots.at(x)

    def pick(
        self, condition: bool | FloatArray, yes: Callable[[], FloatArray], no: Callable[[], FloatArray]
    ) -> FloatArray:
        """What the condition says; parameters are numbers here."""
        return yes() if condition else no()


class Libm(Arrays):
    """One value at a time through the C library: equal bits wherever the C library is the same.

    What a fit stores is computed this way; x must lie inside the domain.

    Raises:
        OverflowError: a result is beyond float64.
        ValueError: x is outside the domain.
    """

    def cbrt(self, x: FloatArray) -> FloatArray:
        """The cube root."""
        return _each(math.cbrt, x)

    def asinh(self, x: FloatArray) -> FloatArray:
        """The inverse of the hyperbolic sine."""
        return _each(math.asinh, x)

    def sinh(self, x: FloatArray) -> FloatArray:
        """The hyperbolic sine."""
        return _each(math.sinh, x)

    def log(self, x: FloatArray) -> FloatArray:
        """The natural logarithm."""
        return _each(math.log, x)

    def exp(self, x: FloatArray) -> FloatArray:
        """eˣ."""
        return _each(math.exp, x)

    def log1p(self, x: FloatArray) -> FloatArray:
        """The logarithm ln(1 + x); at −1, where no formula keeps what comes out, −∞ as numpy's."""
        return _each(_log1p if (x == -1.0).any() else math.log1p, x)

    def expm1(self, x: FloatArray) -> FloatArray:
        """eˣ − 1."""
        return _each(math.expm1, x)


def _log1p(x: float) -> float:
    return -math.inf if x == -1.0 else math.log1p(x)


def _each(function: Callable[[float], float], x: FloatArray) -> FloatArray:
    return np.fromiter(map(function, x.tolist()), np.float64, x.size)
