"""Shift the decimal point until everything is below one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.errors import FitError
from normflow.methods._method import ColumnMethod, known
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class Decimal(ColumnMethod):
    """y = x/10^j, with the smallest integer j (it may be negative) that takes every |x| below 1.

    Use it where people read the numbers: the digits stay what they are, only the point moves.

    10^j is compared as float64 holds it, without a logarithm's rounding, so that max|x|/10^j < 1 holds after
    rounding too. Refuses a column whose 10^j is beyond float64. Source: Han, Kamber and Pei, Data Mining, 3rd
    edition (2011), section 3.5.2.
    """

    name: ClassVar[str] = "decimal"
    reads_shape: ClassVar[bool] = False

    def learn(self, profile: ColumnProfile) -> Transform:
        """The power of ten above the largest magnitude."""
        largest = max(-known(profile.min), known(profile.max))
        j = math.floor(math.log10(largest))  # off by one at most
        scale = next(power for power in map(_power_of_ten, range(j - 1, j + 4)) if power > largest)
        if not math.isfinite(scale):
            raise FitError(f"the largest magnitude is {largest}, and the next power of ten is beyond float64")
        return Transform((Affine(shift=0.0, scale=scale),))


def _power_of_ten(j: int) -> float:
    # read from digits, and so the nearest float64
    return float(f"1e{j}")
