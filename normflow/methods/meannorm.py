"""Centre on the mean and scale by the range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.methods._method import ColumnMethod, known
from normflow.methods.bounds import interval
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class MeanNorm(ColumnMethod):
    """y = (x − mean)/(max − min), which lies within ±1 and has mean 0.

    Use it where a method wants both a centre and a bounded range; one outlier squeezes all the rest.

    Defined for all numbers. Refuses a column whose max − min float64 cannot hold. Source: the usual mean
    normalization of gradient descent courses (Ng, Machine Learning, 2011).
    """

    name: ClassVar[str] = "meannorm"
    reads_shape: ClassVar[bool] = False

    def learn(self, profile: ColumnProfile) -> Transform:
        """Mean and extremes of the finite values."""
        lo, hi = interval("fitted", profile)
        return Transform((Affine(shift=known(profile.mean), scale=hi - lo),))
