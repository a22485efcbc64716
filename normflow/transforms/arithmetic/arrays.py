"""The formulas on numpy arrays: with numpy's own functions, or with the C library's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.transforms.arithmetic._number import FloatArray


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

    def log(self, x: FloatArray) -> FloatArray:
        """The natural logarithm."""
        return _each(math.log, x)

    def exp(self, x: FloatArray) -> FloatArray:
        """eˣ."""
        return _each(math.exp, x)

    def log1p(self, x: FloatArray) -> FloatArray:
        """The logarithm ln(1 + x)."""
        return _each(math.log1p, x)

    def expm1(self, x: FloatArray) -> FloatArray:
        """eˣ − 1."""
        return _each(math.expm1, x)


def _each(function: Callable[[float], float], x: FloatArray) -> FloatArray:
    return np.fromiter(map(function, x.tolist()), np.float64, x.size)
