"""Centre on the median and scale by a distance of quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, ClassVar

from normflow.errors import ConfigError
from normflow.methods._method import ColumnMethod, known
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class Robust(ColumnMethod):
    """y = (x − median)/(q_hi − q_lo), by default with the quartiles: no outlier moves it.

    Use it for columns with outliers that are to stay outliers.

    `quantiles` are the two shares (Hyndman-Fan type 7). With `unit_variance` the scale is divided by
    Φ⁻¹(q_hi) − Φ⁻¹(q_lo), so that a normal column gets standard deviation 1 (IQR/1.349). Where the two
    quantiles are one value, the standard deviation is the scale instead: at least half of such a column is
    one number, and the rest would go to infinity. Defined for all numbers. Convention: scikit-learn's
    RobustScaler.

    Raises:
        ConfigError: quantiles that do not rise between 0 and 1.
    """

    name: ClassVar[str] = "robust"
    quantiles: tuple[float, float] = (0.25, 0.75)
    unit_variance: bool = False

    def __post_init__(self) -> None:
        lo, hi = self.quantiles
        if not 0.0 < lo < hi < 1.0:
            raise ConfigError(f"{self.name}: quantiles must rise between 0 and 1, not {lo}, {hi}")

    def needs(self) -> tuple[float, ...]:
        """The median and its two quantiles."""
        return (0.5, *self.quantiles)

    def learn(self, profile: ColumnProfile) -> Transform:
        """Median and quantile distance of the finite values."""
        return Transform((Affine(shift=known(profile.median), scale=self.spread(profile)),))

    def spread(self, profile: ColumnProfile) -> float:
        """The distance of the quantiles, or what takes its place."""
        lo, hi = profile.quantile(self.quantiles)
        if lo == hi:
            return known(profile.std())
        normal = NormalDist()
        width = normal.inv_cdf(self.quantiles[1]) - normal.inv_cdf(self.quantiles[0])
        return (hi - lo) / width if self.unit_variance else hi - lo
