"""A broken line through knots: an empirical distribution function."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Self

from normflow.errors import FitError
from normflow.transforms.arithmetic import Knots, line
from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from normflow.transforms.arithmetic import Arithmetic, Number, Sql

FEWEST = 2


@dataclass(frozen=True, slots=True)
class Interpolate(FormulaMap):
    """y runs straight from one knot (x, y) to the next, and beyond the ends stays what it is there.

    `xs` do not fall and `ys` rise. Where several knots share one x, which then stands for many rows, x goes
    to the middle of their y; at the first and the last x to the first and the last y. The inverse runs the
    same line back, and beyond the ends of `ys` stays at the first and the last x; a value between two knots
    that share one x goes to that x. Convention: scikit-learn's QuantileTransformer, the mean of the ascending
    and the descending interpolation. Differences beyond float64 are measured in halves.

    Raises:
        FitError: fewer than two knots, as many xs as ys are not there, a number that is not finite, xs that
            fall or are all one, or ys that do not rise.
    """

    kind: ClassVar[str] = "interpolate"
    plain: ClassVar[bool] = True
    takes_columns: ClassVar[bool] = False
    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("xs", "ys"):
            object.__setattr__(self, name, tuple(float(value) for value in getattr(self, name)))
        if len(self.xs) != len(self.ys) or len(self.xs) < FEWEST:
            raise FitError(
                f"interpolate: {len(self.xs)} xs and {len(self.ys)} ys, and it takes two or more knots"
            )
        for name, values in (("xs", self.xs), ("ys", self.ys)):
            bad = next((value for value in values if not math.isfinite(value)), None)
            if bad is not None:
                raise FitError(f"interpolate: {name} hold {bad}, beyond what a float64 holds")
        for name, values in (("xs", self.xs), ("ys", self.ys)):
            for before, after in pairwise(values):
                if after < before or (name == "ys" and after == before):
                    raise FitError(f"interpolate: {name} must rise, and {after} follows {before}")
        if self.xs[0] == self.xs[-1]:
            raise FitError(f"interpolate: all xs are {self.xs[0]}, and a line needs two")

    def formula(self, x: str = "x") -> str:
        """The map's name, and how many knots it has."""
        return f"interpolate({x}, {len(self.xs)} knots)"

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """From xs to ys."""
        return a.interpolate(x, Knots.through(self.xs, self.ys))

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """From ys to xs."""
        return a.interpolate(y, Knots.through(self.ys, self.xs))

    def number(self, *, backward: bool = False) -> Callable[[float], float]:
        """`y` of one float, or `x` of one y, by bisection."""
        ends = (self.ys, self.xs) if backward else (self.xs, self.ys)
        return line(Knots.through(*ends))

    def by_group(self, parameters: Mapping[str, pl.Expr | Sql]) -> Self:  # noqa: ARG002  (it takes none)
        """No such reading.

        Raises:
            FitError: always.
        """
        raise FitError("interpolate: its knots cannot be columns, one set a group", hint="take a power map")
