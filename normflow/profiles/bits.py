"""Float64 values as integers in the same order: the ground the histogram stands on.

A float64 is sign and magnitude; for the 64-bit integer that has the float's order the magnitude bits of
negative values are flipped: o = b ^ ((b >> 63) & 0x7fff…), with an arithmetic shift. Neighbouring floats are
neighbouring integers, and shifting right by a level makes neighbours share a key.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]
Bools = NDArray[np.bool_]

SIGN = 1 << 63
MAGNITUDE = SIGN - 1


def ordered(values: Floats) -> Ints:
    """The integers that have the order of `values`."""
    return _flipped(values.view(np.int64))


def floats(order: Ints) -> Floats:
    """The values behind ordered integers."""
    return _flipped(order).view(np.float64)


def _flipped(bits: Ints) -> Ints:
    """Magnitude bits of negative numbers turned over; its own inverse."""
    return bits ^ ((bits >> np.int64(63)) & np.int64(MAGNITUDE))


def bit_lengths(numbers: Bits) -> Ints:
    """How many bits each number needs; 0 for 0."""
    # the exponent of the float64; without bits next to higher ones no number is rounded up to a power of two
    sparse = (numbers & ~(numbers >> np.uint64(1))).astype(np.float64)
    lengths: Ints = np.maximum((sparse.view(np.int64) >> np.int64(52)) - 1022, 0)
    return lengths


def bits_of(value: float) -> int:
    """The 64 bits of a value as an integer."""
    return int(np.float64(value).view(np.uint64))


def value_of(bits: int) -> float:
    """The value that has these 64 bits."""
    return float(np.uint64(bits).view(np.float64))
