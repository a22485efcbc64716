"""Take the square root with its sign, then standardize."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from normflow import transforms
from normflow.methods._method import ColumnMethod
from normflow.methods.standardize import standardized
from normflow.transforms import Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class Sqrt(ColumnMethod):
    """y = (±√|x| − mean)/std, the root with the sign of x, and mean and std of the roots.

    Use it for counts and areas: the root of a Poisson count has nearly the same spread at every mean.

    `ddof` is the std's: 0 or 1. Any number has a root. Refuses a column whose roots are (nearly) one number.
    Source: Bartlett, The square root transformation in analysis of variance, JRSS Supplement 3 (1936), 68-78.
    """

    name: ClassVar[str] = "sqrt"
    ddof: Literal[0, 1] = 0

    def learn(self, profile: ColumnProfile) -> Transform:
        """Mean and std of the roots."""
        return standardized(profile, Transform((transforms.Sqrt(),)), ddof=self.ddof)
