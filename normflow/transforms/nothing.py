"""No number at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Nothing(FormulaMap):
    """y = null, whatever x is; so is the inverse.

    No number comes out, so every interval holds all that do: image and preimage are the interval asked for.
    """

    kind: ClassVar[str] = "nothing"

    def formula(self, x: str = "x") -> str:  # noqa: ARG002  (whatever it is)
        """The word."""
        return "null"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """Null."""
        return a.null(x)

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """Null."""
        return a.null(y)

    def image(self, lo: float, hi: float) -> tuple[float, float]:
        """The interval asked for."""
        return lo, hi

    def ends(self, lo: pl.Expr, hi: pl.Expr) -> tuple[pl.Expr, pl.Expr]:  # noqa: ARG002  (whatever they are)
        """No interval: no number comes out."""
        return pl.lit(None, pl.Float64), pl.lit(None, pl.Float64)

    def preimage(self, lo: float, hi: float) -> tuple[float, float]:
        """The interval asked for."""
        return lo, hi
