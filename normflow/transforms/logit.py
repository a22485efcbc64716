"""The logarithm of the odds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Logit(FormulaMap):
    """y = ln(u/(1 − u)) for 0 < u < 1; null elsewhere.

    The inverse, 1/(1 + e⁻ʸ), keeps the relative accuracy of u near 0, down to 1e-308. Near 1 a float64 u is
    known to 1.1e-16, so that of y beyond 30 some digits are lost, and from 37 on u is 1.
    """

    kind: ClassVar[str] = "logit"

    def formula(self, x: str = "x") -> str:
        """The function's name."""
        return f"logit({x})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """The logarithm of the odds; near ½, where it is near 0, as log1p((2u − 1)/(1 − u))."""
        left = 1.0 - x
        middle = a.keep((x + x - 1.0) / left)
        odds = a.below(a.abs(middle), 0.5, a.log1p(middle), a.log(x / left))
        return a.above(x, 0.0, a.above(left, 0.0, odds))

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """e/(1 + e) with e = eʸ where y < 0, and 1/(1 + e) with e = e⁻ʸ elsewhere: e never overflows."""
        e = a.keep(a.exp(-a.abs(y)))
        return a.below(y, 0.0, e, 1.0) / (1.0 + e)

    def domain(self) -> tuple[float, float]:
        """The numbers between 0 and 1."""
        return 0.0, 1.0
