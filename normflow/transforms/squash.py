"""A soft clip: bounded, smooth and one-to-one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.errors import FitError
from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number

FAR = 2.0**27
"""From here on u/√(1 + u²) rounds to ±1, and beyond 1e154 u² would overflow."""


@dataclass(frozen=True, slots=True)
class Squash(FormulaMap):
    """y = z/√(1 + (z/B)²), which is z near 0 and stays within ±B; what it keeps of z fades as (z/B)².

    Raises:
        FitError: B is not positive, or 1/B is beyond float64.
    """

    kind: ClassVar[str] = "squash"
    bound: float

    def __post_init__(self) -> None:
        FormulaMap.__post_init__(self)
        if not self.bound > 0.0 or not math.isfinite(1.0 / self.bound):
            raise FitError(f"squash: a bound of {self.bound} must be positive, with a reciprocal")

    def formula(self, x: str = "x") -> str:
        """The map's name, and its bound."""
        return f"squash({x}, ±{self.bound:g})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """B·u/√(1 + u²) with u = z/B."""
        u = a.keep(x * (1.0 / self.bound))
        sign = a.below(u, 0.0, -1.0, 1.0)
        return a.below(-a.abs(u), -FAR, sign, u / a.sqrt(u * u + 1.0)) * self.bound

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """y/√((1 − y/B)(1 + y/B)) for |y| < B; B − |y| is exact where it matters."""
        per = 1.0 / self.bound
        left = a.keep((self.bound - a.abs(y)) * per)
        return a.above(left, 0.0, y / a.sqrt(left * ((self.bound + a.abs(y)) * per)))
