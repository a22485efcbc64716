"""Take the cube root, then standardize."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from normflow import transforms
from normflow.methods._method import ColumnMethod
from normflow.methods.standardize import STEADY, standardized
from normflow.transforms import Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class Cbrt(ColumnMethod):
    """y = (∛x − mean)/std, with mean and std of the roots.

    Use it for volumes, and for rainfall and other gamma-like amounts, whose cube root is nearly normal.

    `ddof` is the std's: 0 or 1. Any number has a root, and zeros stay in the middle of both signs. Refuses a
    column whose roots are (nearly) one number. Source: Wilson and Hilferty, The distribution of chi-square,
    PNAS 17 (1931), 684-688.
    """

    name: ClassVar[str] = "cbrt"
    ddof: Literal[0, 1] = 0

    def learn(self, profile: ColumnProfile) -> Transform:
        """Mean and std of the roots."""
        transform = Transform((transforms.Cbrt(),))
        return standardized(profile, transform, ddof=self.ddof, flat=STEADY, hint="take zscore")
