"""Keep an interval, and make everything outside null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.formula import FormulaMap, ends_in_order

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Within(FormulaMap):
    """y = x where lo ≤ x ≤ hi; null elsewhere.

    The inverse is x = y, outside too: a value that lies there by a rounding, or as a model's prediction,
    stays what it is.

    Raises:
        FitError: a field is not finite, or lo lies above hi.
    """

    kind: ClassVar[str] = "within"
    lo: float
    hi: float

    def __post_init__(self) -> None:
        FormulaMap.__post_init__(self)
        ends_in_order(self.kind, self.lo, self.hi)

    def formula(self, x: str = "x") -> str:
        """The map's name, and the interval."""
        return f"within({x}, {self.lo:g}, {self.hi:g})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """`x`, or null."""
        return a.within(x, self.lo, self.hi, x)

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:  # noqa: ARG002  (nothing to compute)
        """`y`."""
        return y

    def domain(self) -> tuple[float, float]:
        """The interval, both ends included."""
        return self.lo, self.hi
