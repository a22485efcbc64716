"""Bring the smallest value to a and the largest to b."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.methods._method import ColumnMethod
from normflow.methods.bounds import Bounds, interval
from normflow.methods.options import rising
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class MinMax(ColumnMethod):
    """y = (x − lo)/(hi − lo)·(b − a) + a, which gives exactly a at lo and exactly b at hi.

    Use it where a method wants a bounded range, and the ends are known or no value is far off.

    `range` is [a, b]. `bounds` is [lo, hi] in the units of x, `declared` for the contract's range, or
    `fitted` for the column's smallest and largest value. Nothing is clipped. Defined for all numbers. Refuses
    a column whose hi − lo float64 cannot hold. Convention: scikit-learn's MinMaxScaler, which multiplies by
    (b − a)/(hi − lo) instead, and so misses its end points by a few ulp, by 1.8e-8 at 1e9 ± 1.

    Raises:
        ConfigError: a range or bounds that do not rise.
    """

    name: ClassVar[str] = "minmax"
    reads_shape: ClassVar[bool] = False
    range: tuple[float, float] = (0.0, 1.0)
    bounds: Bounds = "fitted"

    def __post_init__(self) -> None:
        rising(self.name, "range", self.range)
        if not isinstance(self.bounds, str):
            rising(self.name, "bounds", self.bounds)

    @property
    def midpoint(self) -> float:
        """Half way between a and b."""
        return 0.5 * self.range[0] + 0.5 * self.range[1]

    @property
    def learns_spread(self) -> bool:
        """Not where the bounds are given."""
        return self.bounds == "fitted"

    def learn(self, profile: ColumnProfile) -> Transform:
        """The extremes of the finite values, or the bounds."""
        lo, hi = interval(self.bounds, profile)
        a, b = self.range
        return Transform((Affine(shift=lo, scale=hi - lo, gain=_gain(a, b), offset=a),))


def _gain(a: float, b: float) -> float:
    # b − a, or the float next to it that brings a to b exactly
    near = b - a
    around = (near, math.nextafter(near, 0.0), math.nextafter(near, math.inf))
    return next((gain for gain in around if gain + a == b), near)
