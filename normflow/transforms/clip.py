"""Cut off at both ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms.guard import Interval

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Clip(Interval):
    """y = lo where x < lo, hi where x > hi, else x.

    Raises:
        FitError: a field is not finite, or lo lies above hi.
    """

    kind: ClassVar[str] = "clip"

    def formula(self, x: str = "x") -> str:
        """The map's name, and its ends."""
        return f"clip({x}, {self.lo:g}, {self.hi:g})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """lo, hi or x."""
        return a.below(x, self.lo, self.lo, a.below(-x, -self.hi, self.hi, x))
