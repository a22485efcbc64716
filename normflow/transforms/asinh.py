"""The inverse of the hyperbolic sine: a logarithm that passes through 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Asinh(FormulaMap):
    """y = ln(x + √(x² + 1)), which is x near 0 and ±ln|2x| far out; the inverse is sinh y."""

    kind: ClassVar[str] = "asinh"

    def formula(self, x: str = "x") -> str:
        """The function's name."""
        return f"asinh({x})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """The inverse of the hyperbolic sine."""
        return a.asinh(x)

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """The hyperbolic sine."""
        return a.sinh(y)
