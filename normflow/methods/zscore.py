"""Standardize to mean 0 and standard deviation 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from normflow.methods._method import ColumnMethod, known
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class ZScore(ColumnMethod):
    """y = (x − mean)/std, with std = √(Σ(x − mean)²/(n − ddof)).

    Use it for columns without much skew: most models that compare columns expect this scale.

    `ddof` is 0 (the population's, as scikit-learn) or 1 (the sample's, as R, pandas and SQL's STDDEV). Mean
    and std are correctly rounded. Defined for all numbers. Refuses a column whose std float64 cannot hold.
    Convention: scikit-learn's StandardScaler.
    """

    name: ClassVar[str] = "zscore"
    reads_shape: ClassVar[bool] = False
    ddof: Literal[0, 1] = 0

    def learn(self, profile: ColumnProfile) -> Transform:
        """Mean and std of the finite values."""
        return Transform((Affine(shift=known(profile.mean), scale=known(profile.std(self.ddof))),))
