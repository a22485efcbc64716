"""What the maps that stand before a transform share: they change a value, and nobody can tell it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.errors import FitError
from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


class Guard(FormulaMap):
    """A map whose inverse is x = y: what it changed is not known any more.

    That holds beyond its image too: a value that lies there by a rounding, or as a model's prediction, stays
    what it is.
    """

    __slots__ = ()

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:  # noqa: ARG002  (nothing to compute)
        """`y`."""
        return y


@dataclass(frozen=True, slots=True)
class Interval(Guard):
    """A guard with two ends.

    Raises:
        FitError: a field is not finite, or lo lies above hi.
    """

    lo: float
    hi: float

    def __post_init__(self) -> None:
        FormulaMap.__post_init__(self)
        if not self.lo <= self.hi:
            raise FitError(f"{self.kind}: an interval from {self.lo} to {self.hi} holds no number")
