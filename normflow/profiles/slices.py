"""Error-free sums of float64 values.

Adding and subtracting 1.5·2^52·u rounds a value to a multiple of u, and what is cut off is exact too, so a
block falls into slices of about 20 bits below a power of two that no value exceeds. A slice holds whole
numbers of one unit: over at most 2^13 values its sum, and the dot product of two slices, are exact in float64
(2·20 + 13 ≤ 53), in whatever order a library adds. Values with bits below the last slice are taken out and
sliced later, against their own largest.

Demmel & Nguyen 2013 (pre-rounding); Ozaki, Ogita, Oishi & Rump 2012 (slices and their dot products).
"""

from __future__ import annotations

import math
from collections import Counter
from threading import local
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles.workbench import BLOCK, Workbench

if TYPE_CHECKING:
    from normflow.profiles.bits import Floats

UNIT = 1074  # sums are whole numbers of 2^-1074, sums of squares of 2^-2148
WIDTHS = (20, 41, 62, 83)  # bits from the power of two above all values down to the unit of each slice
DOT = 8192  # values a dot product: 2·20 + 13 bits, and few enough for BLAS to stay on one thread
MANY_LEFT = 8  # another slice pays where more than one value in so many is left
FEW = 2048  # values that math.fsum adds in less time than they are sliced
LARGE, SMALL = 2.0**400, 2.0**-400  # outside, products of slices would leave float64
SHRINK, GROW = -700, 674  # powers of two that bring such values back inside, exactly


class RunningSums:
    """Σx and Σx² of finite values while they stream by; how they were cut leaves no trace in the totals."""

    def __init__(self, *, squares: bool = True) -> None:
        self._squares = squares
        self._first: Counter[int] = Counter()  # exponent of two -> how many
        self._second: Counter[int] = Counter()
        self._depth = 1  # slices that sufficed for the last block
        self._later: list[Floats] = []

    def add(self, values: Floats, largest: float, bench: Workbench) -> None:
        """Add values of magnitudes up to `largest`."""
        self._add(values, largest, bench)
        while sum(map(len, self._later)) >= BLOCK:
            self._add_later(bench)

    def totals(self, bench: Workbench) -> tuple[int, int]:
        """Σx in units of 2^-1074 and Σx² in units of 2^-2148 of all that was added."""
        while self._later:
            self._add_later(bench)
        return _whole(self._first, UNIT), _whole(self._second, 2 * UNIT)

    def _add_later(self, bench: Workbench) -> None:
        values = np.concatenate(self._later)
        self._later = []
        self._add(values, _largest(values), bench)

    def _add(self, values: Floats, largest: float, bench: Workbench) -> None:
        if largest >= LARGE:
            large = np.abs(values) >= LARGE
            self._add_blocks(values[large], SHRINK, bench)
            values = values[~large]
            largest = _largest(values)
        if largest >= SMALL:
            self._add_blocks(values, 0, bench, largest)
        elif largest:
            self._add_blocks(values, GROW, bench)

    def _add_blocks(self, values: Floats, scale: int, bench: Workbench, largest: float = 0.0) -> None:
        """Add values times 2^scale, which are of magnitudes up to `largest`."""
        if scale:
            values = values * 2.0**scale
            largest = _largest(values)
        top = math.frexp(largest)[1]
        for start in range(0, len(values), BLOCK):
            block = values[start : start + BLOCK]
            depth, left = self._slice(block, top, bench)
            if left:
                places = np.flatnonzero(bench.left[: len(block)])
                self._later.append(block[places] * 2.0**-scale)
                bench.slices[:depth, places] = 0.0
            products = [
                self._add_slices(bench.slices[:depth, part : min(part + DOT, len(block))], top, scale)
                for part in range(0, len(block), DOT)
            ]
            self._depth = depth if any(products) else max(1, depth - 1)

    def _slice(self, block: Floats, top: int, bench: Workbench) -> tuple[int, int]:
        """Cut a block into slices: how many, and how many values have bits below, which are marked."""
        n, depth, done, source = len(block), self._depth, 0, block
        while True:
            for i in range(done, depth):
                if i:
                    source = np.subtract(source, bench.slices[i - 1, :n], out=bench.rest[:n])
                cutter = math.ldexp(1.5, 52 + top - WIDTHS[i])
                part = np.add(source, cutter, out=bench.slices[i, :n])
                np.subtract(part, cutter, out=part)
            left = int(np.count_nonzero(np.not_equal(source, part, out=bench.left[:n])))
            if left * MANY_LEFT <= n or depth == len(WIDTHS):
                return depth, left
            done, depth = depth, depth + 1

    def _add_slices(self, slices: Floats, top: int, scale: int) -> float:
        """Add the sums and products of slices; the last slice's product with itself is returned."""
        ones = _ONES[: slices.shape[1]]
        units = [top - width for width in WIDTHS[: len(slices)]]
        for one, unit in zip(slices, units, strict=True):
            self._first[unit - scale] += int(math.ldexp(one.dot(ones), -unit))
        if not self._squares:
            return 1.0
        for i, unit in enumerate(units):
            for j in range(i, len(units)):
                both = unit + units[j]
                product = math.ldexp(slices[i].dot(slices[j]), -both)
                self._second[both - 2 * scale] += int(product) << (i != j)
        return product


def _largest(values: Floats) -> float:
    return max(-float(values.min()), float(values.max())) if len(values) else 0.0


_ONES = np.ones(DOT)


def exact_sum(values: Floats) -> float:
    """The float64 nearest to the exact sum of finite values, whatever their order.

    Raises:
        OverflowError: where the sum lies beyond float64.
    """
    if len(values) <= FEW and _largest(values) < LARGE:
        return math.fsum(values.tolist())  # correctly rounded as well
    return exact_total(values) / (1 << UNIT)


def exact_total(values: Floats) -> int:
    """The exact sum of finite values, in units of 2^-1074."""
    sums, bench = RunningSums(squares=False), _own.bench
    sums.add(values, _largest(values), bench)
    return sums.totals(bench)[0]


class _Own(local):
    """A workbench for each thread."""

    def __init__(self) -> None:
        self.bench = Workbench()


_own = _Own()


def _whole(parts: Counter[int], unit: int) -> int:
    return sum(_shifted(many, exponent + unit) for exponent, many in parts.items())


def _shifted(number: int, places: int) -> int:
    return number << places if places >= 0 else number >> -places
