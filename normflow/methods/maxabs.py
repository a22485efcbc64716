"""Bring the largest magnitude to 1, and keep zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.methods._method import ColumnMethod, known
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class MaxAbs(ColumnMethod):
    """y = x/max|x|, which lies within ±1.

    Use it for columns of many zeros, which stay zeros, and where the sign has a meaning.

    Defined for all numbers. Convention: scikit-learn's MaxAbsScaler.
    """

    name: ClassVar[str] = "maxabs"
    reads_shape: ClassVar[bool] = False

    def learn(self, profile: ColumnProfile) -> Transform:
        """The largest magnitude as scale."""
        return Transform((Affine(shift=0.0, scale=max(-known(profile.min), known(profile.max))),))
