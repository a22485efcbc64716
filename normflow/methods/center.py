"""Centre on the mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.methods._method import ColumnMethod, known
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class Center(ColumnMethod):
    """y = x − mean.

    Use it where differences are in the right units already, and only the level is in the way.

    In the units of x; defined for all numbers. The mean is correctly rounded.
    """

    name: ClassVar[str] = "center"
    reads_shape: ClassVar[bool] = False

    def learn(self, profile: ColumnProfile) -> Transform:
        """The mean as shift."""
        return Transform((Affine(shift=known(profile.mean)),))
