"""Take the logarithm, then standardize."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from normflow import transforms
from normflow.errors import FitError
from normflow.methods._method import ColumnMethod, known
from normflow.methods.standardize import standardized
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class Log(ColumnMethod):
    """y = (ln(x + offset) − mean)/std, with mean and std of the logarithms.

    Use it for positive amounts that differ by factors, such as prices, incomes and counts.

    `offset` is a number in the units of x, or `auto`: 0 where the smallest value is positive, else 1 − min,
    so that the smallest value goes to ln 1 = 0. `ddof` is the std's: 0 or 1. Defined for x > −offset, null
    elsewhere. Refuses a column with a value at or below −offset, or whose logarithms are (nearly) one number.
    """

    name: ClassVar[str] = "log"
    offset: float | Literal["auto"] = 0.0
    ddof: Literal[0, 1] = 0

    def learn(self, profile: ColumnProfile) -> Transform:
        """The offset, and mean and std of the logarithms."""
        low = known(profile.min)
        offset = _automatic(low) if isinstance(self.offset, str) else self.offset
        if low + offset <= 0.0:
            raise FitError(
                f"the smallest value is {low}, and ln(x + {offset}) needs a positive x + {offset}",
                hint="set offset: auto, or take yeojohnson",
            )
        shifted = (Affine(shift=-offset),) if offset else ()
        return standardized(profile, Transform((*shifted, transforms.Log())), ddof=self.ddof)


def _automatic(low: float) -> float:
    if low > 0.0:
        return 0.0
    # below −2^53 the 1 is lost
    return max(1.0 - low, math.nextafter(-low, math.inf))
