"""Which stretch between knots a number lies in, by a table instead of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from normflow.transforms.arithmetic._number import FloatArray

CELLS = 8192
STEPS = 2  # knots in one cell that are walked past before a search is made after all


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Stretch i runs from knot i to the next; the last knot belongs to the one before it.

    The line of numbers is cut into cells of equal width in t/(1 + |t|), t = (x − centre)/scale, so that cells
    are narrow where knots are. `first` is the knot below each cell: from there it is a step or two.
    """

    knots: FloatArray
    ends: FloatArray
    centre: float
    scale: float
    first: NDArray[np.int32]

    @classmethod
    def between(cls, knots: FloatArray) -> Stretches:
        """The stretches between knots in ascending order, no two alike, whose range is finite."""
        n = len(knots)
        spread = float(knots[3 * n // 4] - knots[n // 4])
        centre, scale = float(knots[n // 2]), spread or float(knots[-1] - knots[0])
        below = np.searchsorted(_cells(knots, centre, scale), np.arange(CELLS)) - 1
        return cls(knots, np.append(knots[1:], np.inf), centre, scale, np.maximum(below, 0).astype(np.int32))

    def of(self, x: FloatArray) -> NDArray[np.int32]:
        """The stretch of each number from the first knot to the last; 0 for NaN."""
        i = self.first.take(_cells(x, self.centre, self.scale))
        for _ in range(STEPS):
            i += self.ends.take(i) <= x
        astray = (self.ends.take(i) <= x) | (self.knots.take(i) > x)
        if astray.any():
            places = np.flatnonzero(astray)
            i[places] = np.searchsorted(self.knots, x[places], side="right") - 1
        return np.minimum(i, len(self.knots) - 2, out=i)


def _cells(x: FloatArray, centre: float, scale: float) -> NDArray[np.int32]:
    with np.errstate(over="ignore", invalid="ignore"):
        t = (x - centre) / scale
        t /= np.abs(t) + 1.0
        t += 1.0
        t *= (CELLS - 1) / 2
        cells: NDArray[np.int32] = t.astype(np.int32)
    return np.clip(cells, 0, CELLS - 1, out=cells)
