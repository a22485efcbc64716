"""A method for normflow: an S-shaped root for columns with heavy tails on both sides of zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.errors import FitError
from normflow.methods import ColumnMethod
from normflow.transforms import Affine, Asinh, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile

HEAVY = 6.0


@dataclass(frozen=True, slots=True)
class SignedRoot(ColumnMethod):
    """y = asinh(gain·x/m), with m the median of |x| as the quartiles tell it.

    Raises:
        FitError: both quartiles are 0, so that there is no size to measure by.
    """

    name: ClassVar[str] = "signedroot"
    version: ClassVar[int] = 1
    goals: ClassVar[frozenset[str]] = frozenset({"model", "gaussian"})
    gain: float = 1.0

    @classmethod
    def suits(cls, profile: ColumnProfile) -> bool:
        """Columns with values on both sides of zero and tails heavier than the exponential's."""
        return profile.negatives > 0 and (profile.kurtosis or 0.0) > HEAVY

    def needs(self) -> tuple[float, ...]:
        """The quartiles."""
        return (0.25, 0.75)

    def learn(self, profile: ColumnProfile) -> Transform:
        """The transform of a column with at least two values."""
        low, high = profile.quantile([0.25, 0.75])
        size = max(abs(low), abs(high)) / self.gain
        if not size > 0.0:
            raise FitError(f"signedroot finds both quartiles at {low:g}; there is no size to measure by")
        return Transform((Affine(shift=0.0, scale=size), Asinh()))
