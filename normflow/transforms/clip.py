"""Cut off at both ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.formula import FormulaMap, ends_in_order

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Clip(FormulaMap):
    """y = lo where x < lo, hi where x > hi, else x.

    What is cut off is not known any more, so the inverse is x = y, beyond the ends too: a value that lies
    there by a rounding, or as a model's prediction, stays what it is.

    Raises:
        FitError: a field is not finite, or lo lies above hi.
    """

    kind: ClassVar[str] = "clip"
    lo: float
    hi: float

    def __post_init__(self) -> None:
        FormulaMap.__post_init__(self)
        ends_in_order(self.kind, self.lo, self.hi)

    def formula(self, x: str = "x") -> str:
        """The map's name, and its ends."""
        return f"clip({x}, {self.lo:g}, {self.hi:g})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """lo, hi or x."""
        return a.below(x, self.lo, self.lo, a.below(-x, -self.hi, self.hi, x))

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:  # noqa: ARG002  (nothing to compute)
        """`y`."""
        return y
