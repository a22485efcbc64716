"""Bring the column to its empirical distribution function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from normflow.errors import ConfigError
from normflow.methods._method import ColumnMethod
from normflow.transforms import Interpolate, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile
    from normflow.transforms.arithmetic import FloatArray

FEWEST = 2


@dataclass(frozen=True, slots=True)
class QuantileUniform(ColumnMethod):
    """y = F(x), the share of rows at or below x: 0 at the smallest value, ½ at the median, 1 at the largest.

    Use it where only the order of the values counts: what comes out is uniform whatever went in, and no
    outlier is further away than its rank. Distances are lost, and equal values stay equal.

    The line runs through `n_quantiles` quantiles (Hyndman-Fan type 7) at equal steps of probability, or as
    many as there are values if that is fewer, as in scikit-learn. A value that holds several of them goes to
    their middle, the smallest and the largest value to 0 and 1; so does what lies beyond. The inverse runs
    the same line back. Defined for all numbers. Source: scikit-learn's QuantileTransformer, whose 10,000 rows
    of subsample are all rows here, and which takes numbers within 1e-7 of an end for the end.

    Raises:
        ConfigError: fewer than two quantiles.
    """

    name: ClassVar[str] = "quantile_uniform"
    n_quantiles: int = 1000

    def __post_init__(self) -> None:
        if self.n_quantiles < FEWEST:
            raise ConfigError(f"{self.name}: n_quantiles must be at least 2, not {self.n_quantiles}")

    @property
    def midpoint(self) -> float:
        """The median's share."""
        return 0.5

    def reads(self, profile: ColumnProfile) -> tuple[float, ...]:
        """Every quantile the line runs through."""
        # the roundings of numpy.percentile, which decide whether a knot lies on a value or just beside it
        return tuple((self._shares(profile) * 100.0 / 100.0).tolist())

    def learn(self, profile: ColumnProfile) -> Transform:
        """The quantiles; of several knots at one value, the first and the last tell all."""
        ys = self._shares(profile).tolist()
        # an interpolated quantile may round below the one before it
        xs = np.maximum.accumulate(profile.quantile(self.reads(profile))).tolist()
        inner = range(1, len(xs) - 1)
        kept = [0, *(i for i in inner if not xs[i - 1] == xs[i] == xs[i + 1]), len(xs) - 1]
        return Transform((Interpolate(tuple(xs[i] for i in kept), tuple(ys[i] for i in kept)),))

    def _shares(self, profile: ColumnProfile) -> FloatArray:
        return np.linspace(0.0, 1.0, min(self.n_quantiles, profile.n))
