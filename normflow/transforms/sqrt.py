"""The square root of all numbers, with their sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Sqrt(FormulaMap):
    """y = √x for x ≥ 0 and −√−x for x < 0; the inverse is y·|y|."""

    kind: ClassVar[str] = "sqrt"

    def formula(self, x: str = "x") -> str:
        """The root's sign."""
        return f"√({x})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """The root of |x|, with the sign of x."""
        root = a.keep(a.sqrt(a.abs(x)))
        return a.below(x, 0.0, -root, root)

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """`y·|y|`."""
        return y * a.abs(y)
