"""The cube root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Cbrt(FormulaMap):
    """y = ∛x, which has the sign of x; the inverse is y³."""

    kind: ClassVar[str] = "cbrt"

    def formula(self, x: str = "x") -> str:
        """The root's sign."""
        return f"∛({x})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """The cube root."""
        return a.cbrt(x)

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """`y·y·y`."""
        y = a.keep(y)
        return y * y * y
