"""Keep an interval, and make everything outside null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.guard import Interval

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Within(Interval):
    """y = x where lo ≤ x ≤ hi; null elsewhere.

    Raises:
        FitError: a field is not finite, or lo lies above hi.
    """

    kind: ClassVar[str] = "within"

    def formula(self, x: str = "x") -> str:
        """The map's name, and the interval."""
        return f"within({x}, {self.lo:g}, {self.hi:g})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """`x`, or null."""
        return a.within(x, self.lo, self.hi, x)

    def domain(self) -> tuple[float, float]:
        """The interval, both ends included."""
        return self.lo, self.hi
