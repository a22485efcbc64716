"""The formulas on one Python float, for serving a row at a time."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.transforms.arithmetic.knots import Knots

NAN = math.nan


class Scalars:
    """The C library throughout; NaN is null.

    Raises:
        ArithmeticError: a step is beyond float64, or divides by zero; arrays go on there.
        ValueError: a step is outside a function's domain.
    """

    def keep(self, x: float) -> float:
        """`x` itself."""
        return x

    def divide(self, x: float, by: float) -> float:
        """`x` ÷ `by`."""
        return x / by

    def abs(self, x: float) -> float:
        """|x|."""
        return abs(x)

    def sqrt(self, x: float) -> float:
        """√x."""
        return math.sqrt(x)

    def cbrt(self, x: float) -> float:
        """The cube root."""
        return math.cbrt(x)

    def asinh(self, x: float) -> float:
        """The inverse of the hyperbolic sine."""
        return math.asinh(x)

    def sinh(self, x: float) -> float:
        """The hyperbolic sine."""
        return math.sinh(x)

    def log(self, x: float) -> float:
        """The natural logarithm."""
        return math.log(x)

    def exp(self, x: float) -> float:
        """eˣ."""
        return math.exp(x)

    def log1p(self, x: float) -> float:
        """The logarithm ln(1 + x)."""
        return math.log1p(x)

    def expm1(self, x: float) -> float:
        """eˣ − 1."""
        return math.expm1(x)

    def below(self, x: float, limit: float, yes: float, no: float) -> float:
        """`yes` where x < limit, else `no`."""
        return yes if x < limit else no

    def above(self, x: float, limit: float, y: float) -> float:
        """`y` where x > limit, else NaN."""
        return NAN if x <= limit else y

    def within(self, x: float, lo: float, hi: float, y: float) -> float:
        """`y` where lo ≤ x ≤ hi, else NaN."""
        return NAN if x < lo or x > hi else y

    def fill(self, x: float, value: float) -> float:
        """`x`, and `value` where it is NaN."""
        return value if x != x else x  # noqa: PLR0124  (the test for NaN that costs least)

    def null(self, x: float) -> float:  # noqa: ARG002  (whatever it is)
        """NaN."""
        return NAN

    def interpolate(self, x: float, knots: Knots) -> float:
        """The broken line."""
        return line(knots)(x)

    def pick(self, condition: bool | float, yes: Callable[[], float], no: Callable[[], float]) -> float:
        """What the condition says."""
        return yes() if condition else no()


def line(knots: Knots) -> Callable[[float], float]:
    """The broken line as a function of one number, with the bits that it has on an array."""
    columns = (knots.x, knots.mid, knots.start, knots.width, knots.rise, knots.unit, knots.step)
    xs, mid, start, width, rise, unit, step = (one.tolist() for one in columns)
    first, last, ends = xs[0], xs[-1], len(width) - 1

    def at(x: float) -> float:
        if x != x:  # noqa: PLR0124  (NaN)
            return x
        if x <= first or x >= last:
            return float(mid[0] if x <= first else mid[-1])
        i = min(bisect_right(xs, x) - 1, ends)
        if x == xs[i]:
            return float(mid[i])
        return float((start[i] + (x * unit[i] - xs[i] * unit[i]) / width[i] * rise[i]) * step[i])

    return at
