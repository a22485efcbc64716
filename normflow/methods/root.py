"""Where a rising function crosses zero."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from normflow.errors import FitError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 200


def increasing_root(function: Callable[[float], float], start: float, rise: float, tolerance: float) -> float:
    """The root of a rising function, by regula falsi with the Illinois rule.

    `start` is where to begin and `rise` a positive guess of the slope there. Ends when a step is below
    `tolerance` (relative where the root is beyond 1). Source: Dowell and Jarratt, A modified regula falsi
    method, BIT 11 (1971), 168-174.

    Raises:
        FitError: no bracket, or no end, or a value that is no number.
    """
    (a, fa), (b, fb) = _bracket(function, start, rise, tolerance)
    for _ in range(MOST):
        if fb == 0.0:
            return b
        x = b - fb * (b - a) / (fb - fa)
        if abs(x - b) <= tolerance * max(1.0, abs(x)):
            return x
        fx = _value(function, x)
        if (fx < 0.0) == (fb < 0.0):
            fa *= 0.5
        else:
            a, fa = b, fb
        b, fb = x, fx
    raise _nothing(b)


def _bracket(
    function: Callable[[float], float], start: float, rise: float, tolerance: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two places with values of different sign (or 0), the second one found last: the step doubles."""
    a, fa = start, _value(function, start)
    step = max(1.5 * abs(fa) / rise, tolerance * max(1.0, abs(a)))
    for _ in range(MOST):
        b = a - math.copysign(step, fa)
        fb = _value(function, b)
        if fa == 0.0 or fb == 0.0 or (fa < 0.0) != (fb < 0.0):
            return (a, fa), (b, fb)
        a, fa, step = b, fb, 2.0 * step
    raise _nothing(a)


def _value(function: Callable[[float], float], x: float) -> float:
    found = function(x)
    if not math.isfinite(found):
        raise _nothing(x)
    return found


def _nothing(x: float) -> FitError:
    return FitError(f"the search for the best parameter found none near {x}")
