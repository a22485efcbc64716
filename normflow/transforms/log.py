"""The natural logarithm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Log(FormulaMap):
    """y = ln x for x > 0; null elsewhere."""

    kind: ClassVar[str] = "log"

    def formula(self, x: str = "x") -> str:
        """The logarithm's name."""
        return f"ln({x})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """The natural logarithm."""
        return a.above(x, 0.0, a.log(x))

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """eʸ."""
        return a.exp(y)

    def domain(self) -> tuple[float, float]:
        """The positive numbers."""
        return 0.0, math.inf
