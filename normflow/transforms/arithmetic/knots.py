"""A broken line through knots: what it is between them, in numpy, in Polars and as SQL text."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from normflow.transforms.arithmetic.stretches import Stretches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from normflow.transforms.arithmetic._number import FloatArray

    Ints = NDArray[np.integer]

BLOCK = 16_384
MANY = 4096  # numbers that pay for a table
LARGEST = sys.float_info.max


@dataclass(frozen=True, slots=True, eq=False)
class Knots:
    """Different places x in ascending order, and how the line y runs between neighbours.

    Between x[i] and x[i + 1] it is y = start + (x − x[i])/width·rise. At x[i] itself it is `mid`, which is
    `start` unless y jumps there. Below the first and above the last place it stays what it is there.
    Differences beyond float64 are measured in halves: `unit` is ½ for such a width, `step` is 2 for such a
    rise, whose `start` and `rise` are halved.
    """

    x: FloatArray
    mid: FloatArray
    start: FloatArray
    width: FloatArray
    rise: FloatArray
    unit: FloatArray
    step: FloatArray

    @classmethod
    def through(cls, xs: Sequence[float], ys: Sequence[float]) -> Knots:
        """The line through (x, y), both ascending; where several have one x, y jumps, and x gets the middle.

        At the two ends it gets the first and the last y.
        """
        x, first, count = np.unique(np.array(xs), return_index=True, return_counts=True)
        y = np.array(ys)
        left, right = y[first], y[first + count - 1]
        mid = np.where(count > 1, 0.5 * left + 0.5 * right, left)
        mid[0], mid[-1] = y[0], y[-1]
        with np.errstate(over="ignore"):
            unit = np.where(np.isfinite(x[1:] - x[:-1]), 1.0, 0.5)
            step = np.where(np.isfinite(left[1:] - right[:-1]), 1.0, 2.0)
        start, end = right[:-1] / step, left[1:] / step
        rise = end - start
        # what is rounded up would lead beyond the next knot
        rise = np.where(start + rise > end, np.nextafter(rise, 0.0), rise)
        return cls(x, mid, start, x[1:] * unit - x[:-1] * unit, rise, unit, step)

    def at(self, x: FloatArray) -> FloatArray:
        """`y` on an array; NaN stays NaN."""
        y = np.empty_like(x)
        find = self._finder(len(x))
        for start in range(0, len(x), BLOCK):  # what a block needs fits in the cache of a core
            part = np.clip(x[start : start + BLOCK], self.x[0], self.x[-1])
            y[start : start + BLOCK] = self._along(part, find(part))
        return y

    def _finder(self, many: int) -> Callable[[FloatArray], Ints]:
        """What finds the stretch of each of so many numbers."""
        half = self.x[-1] / 2 - self.x[0] / 2
        if many >= MANY and half <= LARGEST / 2:
            return Stretches.between(self.x).of
        return lambda x: np.minimum(np.searchsorted(self.x, x, side="right"), self.width.size) - 1

    def _along(self, x: FloatArray, i: Ints) -> FloatArray:
        """`y` of numbers in these stretches."""
        if self.unit.min() == 1.0:
            from_knot = x - self.x.take(i)
        else:
            unit = self.unit.take(i)
            from_knot = x * unit - self.x.take(i) * unit
        from_knot /= self.width.take(i)
        from_knot *= self.rise.take(i)
        y: FloatArray = np.add(from_knot, self.start.take(i), out=from_knot)
        if self.step.max() != 1.0:
            y *= self.step.take(i)
        if (self.mid[:-1] != self.start * self.step).any():
            y = np.where(x == self.x.take(i), self.mid.take(i), y)
        y[x == self.x[-1]] = self.mid[-1]
        return y

    def of_series(self, x: pl.Series) -> pl.Series:
        """`y` on a Float64 series; null stays null."""
        y = pl.Series(x.name, self.at(x.to_numpy()), dtype=pl.Float64)
        return y.zip_with(x.is_not_null(), pl.Series([None], dtype=pl.Float64)) if x.null_count() else y

    def sql(self, x: str, number: Callable[[float], str]) -> str:
        """`y` as SQL text of x: the ends, then a balanced tree; what none of them takes is NULL or NaN."""
        first, last = self.x[0], self.x[-1]
        return (
            f"CASE WHEN {x} <= {number(first)} THEN {number(self.mid[0])}"
            f" WHEN (-{x}) <= {number(-last)} THEN {number(self.mid[-1])}"
            f" WHEN {x} < {number(last)} THEN {self._tree(x, number, 0, self.width.size)} ELSE {x} END"
        )

    def _tree(self, x: str, number: Callable[[float], str], first: int, last: int) -> str:
        if last - first == 1:
            return self._segment(x, number, first)
        middle = (first + last) // 2
        below, above = self._tree(x, number, first, middle), self._tree(x, number, middle, last)
        return f"CASE WHEN {x} < {number(self.x[middle])} THEN {below} ELSE {above} END"

    def _segment(self, x: str, number: Callable[[float], str], i: int) -> str:
        unit, step = self.unit[i], self.step[i]
        away = f"({x} - {number(self.x[i])})"
        if unit != 1.0:
            away = f"(({x} * {number(unit)}) - {number(self.x[i] * unit)})"
        y = f"({number(self.start[i])} + (({away} / {number(self.width[i])}) * {number(self.rise[i])}))"
        y = y if step == 1.0 else f"({y} * {number(step)})"
        if self.mid[i] == self.start[i] * step:
            return y
        return f"CASE WHEN {x} = {number(self.x[i])} THEN {number(self.mid[i])} ELSE {y} END"
