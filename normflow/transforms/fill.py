"""A number for what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from normflow.transforms.guard import Guard

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Fill(Guard):
    """y = value where x is null, else x.

    NaN stays NaN, except in a numpy array, where NaN is all that a null can be.

    Raises:
        FitError: the value is not finite.
    """

    kind: ClassVar[str] = "fill"
    value: float

    def formula(self, x: str = "x") -> str:
        """The map's name, and the value."""
        return f"fill({x}, {self.value:g})"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """The value, or x."""
        return a.fill(x, self.value)

    def image(self, lo: float, hi: float) -> tuple[float, float]:
        """The interval, made as wide as to hold the value."""
        return min(lo, self.value), max(hi, self.value)

    def ends(self, lo: pl.Expr, hi: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
        """The intervals, each made as wide as to hold the value; the value alone where there is none."""
        return pl.min_horizontal(lo, self.value), pl.max_horizontal(hi, self.value)

    def preimage(self, lo: float, hi: float) -> tuple[float, float]:
        """The interval itself: the numbers that go there."""
        return lo, hi
