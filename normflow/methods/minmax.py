"""Bring the smallest value to a and the largest to b."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from normflow.errors import FitError
from normflow.methods._method import ColumnMethod, known
from normflow.methods.options import rising
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class MinMax(ColumnMethod):
    """y = (x − lo)/(hi − lo)·(b − a) + a, which gives exactly a at lo and exactly b at hi.

    `range` is (a, b); `bounds` is (lo, hi), or `fitted` for the column's smallest and largest value. Nothing
    is clipped. Refuses a column whose hi − lo float64 cannot hold. scikit-learn's MinMaxScaler multiplies by
    (b − a)/(hi − lo) instead, and so misses its end points by a few ulp, by 1.8e-8 at 1e9 ± 1.

    Raises:
        ConfigError: a range or bounds that do not rise.
    """

    name: ClassVar[str] = "minmax"
    range: tuple[float, float] = (0.0, 1.0)
    bounds: Literal["fitted"] | tuple[float, float] = "fitted"

    def __post_init__(self) -> None:
        rising(self.name, "range", self.range)
        if not isinstance(self.bounds, str):
            rising(self.name, "bounds", self.bounds)

    @property
    def midpoint(self) -> float:
        """Half way between a and b."""
        return 0.5 * self.range[0] + 0.5 * self.range[1]

    def learn(self, profile: ColumnProfile) -> Transform:
        """The extremes of the finite values, or the bounds."""
        lo, hi = self.bounds if not isinstance(self.bounds, str) else (known(profile.min), known(profile.max))
        if not math.isfinite(hi - lo):
            raise FitError(f"the largest less the smallest value, {hi} − {lo}, is beyond float64")
        a, b = self.range
        return Transform((Affine(shift=lo, scale=hi - lo, gain=_gain(a, b), offset=a),))


def _gain(a: float, b: float) -> float:
    # b − a, or the float next to it that brings a to b exactly
    near = b - a
    around = (near, math.nextafter(near, 0.0), math.nextafter(near, math.inf))
    return next((gain for gain in around if gain + a == b), near)
