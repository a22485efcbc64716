"""The quantile of the standard normal distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.errors import FitError
from normflow.transforms import normal
from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.transforms.arithmetic import Arithmetic, Number

LOWEST, HIGHEST = -37.5, 8.2
"""Φ⁻¹ of 4.6e-308 and of 1 − 1.2e-16: beyond them float64 holds no probability between 0 and 1."""
SMALLEST, LARGEST = 2.0**-1022, 1.0 - 2.0**-53


@dataclass(frozen=True, slots=True)
class NormalQuantile(FormulaMap):
    """y = Φ⁻¹(u) for 0 ≤ u ≤ 1, cut off at lo and hi, which 0 and 1 go to; null elsewhere.

    The ends default to scikit-learn's, Φ⁻¹ of 1e-7 and of 1 − 1e-7 less the rounding there. The inverse is
    u = Φ(y), and 0 and 1 at the ends and beyond. Relative error 1e-15 in the lower tail of u, and the
    rounding of 1 − u in the upper. Sources: Wichura, Algorithm AS 241, Applied Statistics 37 (1988), 477-484;
    Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969), 631-637, and
    Algorithm 715, ACM TOMS 19 (1993), 22-32.

    Raises:
        FitError: ends that do not rise from below 0 to above 0, or that lie beyond −37.5 and 8.2.
    """

    kind: ClassVar[str] = "normal_quantile"
    lo: float = -5.199337582605575
    hi: float = 5.19933758270342

    def __post_init__(self) -> None:
        FormulaMap.__post_init__(self)
        if not LOWEST <= self.lo < 0.0 < self.hi <= HIGHEST:
            raise FitError(
                f"normal_quantile: ends of {self.lo} and {self.hi} must lie between {LOWEST} and {HIGHEST},"
                " one on each side of 0"
            )

    def formula(self, x: str = "x") -> str:
        """The function's name, and the ends."""
        return f"Φ⁻¹({x}, {self.lo:g} to {self.hi:g})"

    def domain(self) -> tuple[float, float]:
        """The probabilities, 0 and 1 included."""
        return 0.0, 1.0

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """Φ⁻¹, cut off."""
        # 0 and 1 themselves have no finite quantile
        inside = a.below(x, SMALLEST, SMALLEST, a.below(-x, -LARGEST, LARGEST, x))
        y = a.keep(normal.quantile(a.keep(inside), a))
        return a.within(x, 0.0, 1.0, a.below(y, self.lo, self.lo, a.below(-y, -self.hi, self.hi, y)))

    def number(self, *, backward: bool = False) -> Callable[[float], float]:
        """`y` of one u, with the bits of `forward`; or `x` of one y."""
        if backward:
            return FormulaMap.number(self, backward=True)
        lo, hi = self.lo, self.hi

        def at(u: float) -> float:
            if not 0.0 <= u <= 1.0:
                return math.nan
            return min(max(normal.quantile_of(min(max(u, SMALLEST), LARGEST)), lo), hi)

        return at

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """Φ, and 0 and 1 at the ends and beyond."""
        inside = a.keep(a.below(y, self.lo, self.lo, a.below(-y, -self.hi, self.hi, y)))
        upper = a.below(y, self.hi, normal.probability(inside, a), a.below(-y, 0.0, 1.0, y))
        return a.below(-y, -self.lo, upper, a.below(y, 0.0, 0.0, y))
