"""The Box-Cox power transformation of positive numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.arithmetic import AT_ZERO, fixed
from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class BoxCox(FormulaMap):
    """y = (x^λ − 1)/λ, and ln x for λ = 0; x > 0, null elsewhere.

    λ of −1, −½, ½, 1 and 2 have forms without a logarithm; all forms keep their accuracy near x = 1 and
    near λ = 0. Source: Box and Cox, An analysis of transformations, JRSS B 26 (1964), 211-252.
    """

    kind: ClassVar[str] = "boxcox"
    lam: float

    def formula(self, x: str = "x") -> str:
        """The family's name, and λ."""
        return f"boxcox({x}, λ={self.lam:g})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """(x^λ − 1)/λ as expm1(λ·ln x)/λ, or a special form."""
        special = any(fixed(self.lam, one) for one in SPECIAL)
        return a.above(x, 0.0, self._special(x, a) if special else self._power(x, a))

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """(1 + λy)^(1/λ) as exp(log1p(λy)/λ); the image's end is 0 where λ > 0, and infinite where λ < 0."""
        return a.pick(self.lam == 0.0, lambda: a.exp(y), lambda: self._root(y, a))

    def domain(self) -> tuple[float, float]:
        """The positive numbers."""
        return 0.0, math.inf

    def _power(self, x: Number, a: Arithmetic[Number]) -> Number:
        return a.pick(
            self.lam == 0.0,
            lambda: a.log(x),
            lambda: a.divide(a.expm1(a.log(x) * self.lam), self.lam),
        )

    def _root(self, y: Number, a: Arithmetic[Number]) -> Number:
        scaled = a.keep(y * self.lam)
        root = a.exp(a.divide(a.log1p(scaled), self.lam))
        inside, edge = 1.0 + scaled, AT_ZERO
        return a.pick(self.lam > 0.0, lambda: a.above(inside, edge, root), lambda: a.above(inside, 0.0, root))

    def _special(self, x: Number, a: Arithmetic[Number]) -> Number:
        # x − 1 is exact near 1, where the plain forms would cancel; the plain forms have the limit at ∞
        if self.lam == 1.0:
            return x - 1.0
        if self.lam == 2.0:  # noqa: PLR2004  (a special λ)
            return (x - 1.0) * (0.5 * x + 0.5)
        if self.lam == -1.0:
            return a.below(x, 2.0, (x - 1.0) / x, 1.0 - 1.0 / x)
        root = a.keep(a.sqrt(x))
        if self.lam == 0.5:  # noqa: PLR2004  (a special λ)
            return a.below(x, 4.0, (x - 1.0) / (0.5 * root + 0.5), 2.0 * root - 2.0)
        return a.below(x, 4.0, (x - 1.0) / (0.5 * (x + root)), 2.0 - 2.0 / root)


SPECIAL = (-1.0, -0.5, 0.5, 1.0, 2.0)
