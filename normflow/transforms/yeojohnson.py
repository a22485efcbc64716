"""The Yeo-Johnson power transformation of all numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.errors import FitError
from normflow.transforms.arithmetic import fixed
from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class YeoJohnson(FormulaMap):
    """Box-Cox of 1 + x with λ where x ≥ 0, and minus Box-Cox of 1 − x with 2 − λ where x < 0.

    y = ((1 + x)^λ − 1)/λ for x ≥ 0 and −((1 − x)^(2 − λ) − 1)/(2 − λ) for x < 0, logarithms where the power
    is 0. With u = ln(1 + |x|) both branches are expm1(c·u)/c with the signs of c set by x. λ of 0, 1 and 2
    have their own forms. Source: Yeo and Johnson, A new family of power transformations to improve
    normality or symmetry, Biometrika 87 (2000), 954-959.
    """

    kind: ClassVar[str] = "yeojohnson"
    lam: float

    def __post_init__(self) -> None:
        FormulaMap.__post_init__(self)
        if self.lam and not math.isfinite(1.0 / self.lam):
            raise FitError(f"yeojohnson: a lam of {self.lam} has no reciprocal", hint="0 is meant")

    def formula(self, x: str = "x") -> str:
        """The family's name, and λ."""
        return f"yeojohnson({x}, λ={self.lam:g})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """The four branches."""
        if fixed(self.lam, 1.0):
            return x
        u = a.keep(a.log1p(a.abs(x)))
        return a.pick(
            self.lam == 0.0,
            lambda: a.below(x, 0.0, x * (1.0 - 0.5 * x), u),
            lambda: a.pick(
                self.lam == 2.0,  # noqa: PLR2004  (a special λ)
                lambda: a.below(x, 0.0, -u, x * (1.0 + 0.5 * x)),
                lambda: self._power(x, u, a),
            ),
        )

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """±expm1(|log1p(c·y)/c|) with c = λ where y ≥ 0 and c = λ − 2 where y < 0."""
        if fixed(self.lam, 1.0):
            return y
        scaled = a.keep(y * a.below(y, 0.0, self.lam - 2.0, self.lam))
        size = a.keep(a.expm1(self._logarithm(y, a.keep(a.log1p(scaled)), a)))
        return a.above(1.0 + scaled, 0.0, a.below(y, 0.0, -size, size))

    def _logarithm(self, y: Number, log: Number, a: Arithmetic[Number]) -> Number:
        # ln(1 + |x|), given ln(1 + c·y)
        return a.pick(
            self.lam == 0.0,
            lambda: a.below(y, 0.0, 0.5 * log, y),
            lambda: a.pick(
                self.lam == 2.0,  # noqa: PLR2004  (a special λ)
                lambda: a.below(y, 0.0, -y, 0.5 * log),
                lambda: log * a.below(y, 0.0, 1.0 / (2.0 - self.lam), 1.0 / self.lam),
            ),
        )

    def _power(self, x: Number, u: Number, a: Arithmetic[Number]) -> Number:
        grown = a.expm1(u * a.below(x, 0.0, 2.0 - self.lam, self.lam))
        return grown * a.below(x, 0.0, 1.0 / (self.lam - 2.0), 1.0 / self.lam)
