"""Bring the column to a normal distribution by its ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from normflow.errors import ConfigError
from normflow.methods.mid_ranks import mid_rank_line
from normflow.methods.quantile_uniform import QuantileUniform
from normflow.transforms import NormalQuantile, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile

MOST = 8.2  # standard deviations: beyond, float64 holds no probability below 1


@dataclass(frozen=True, slots=True)
class QuantileNormal(QuantileUniform):
    """y = Φ⁻¹(F(x)): the standard normal quantile of the share of rows at or below x.

    Use it where a method wants normal columns, and order is all that must be kept. Not for a column with
    many zeros at its smallest value: they all go to the lower end.

    `n_quantiles` as in quantile_uniform. `clip` is where the ends lie, which the smallest and the largest
    value and all beyond go to: true for scikit-learn's −5.199337582605575 and 5.19933758270342 (Φ⁻¹ of 1e-7
    and of 1 − 1e-7), or a number of standard deviations up to 8.2. The inverse takes an end back to the
    smallest or the largest value. With `ranks: mid` equal values share the middle of their ranks instead, and
    no value is pinned to an end: y = Φ⁻¹((rows below x + half of the rows at x)/n), by a line through
    `n_quantiles` knots at equal steps of y, and through each value that holds more rows than a knot's share.
    Defined for all numbers. Source: scikit-learn's QuantileTransformer; Wichura, Algorithm AS 241, Applied
    Statistics 37 (1988), 477-484; for mid-ranks Parzen, Quantile probability and statistical data modeling,
    Statistical Science 19 (2004), 652-662.

    Raises:
        ConfigError: fewer than two quantiles, a clip outside 0 to 8.2, or one with mid-ranks.
    """

    name: ClassVar[str] = "quantile_normal"
    clip: Literal[True] | float = True
    ranks: Literal["ends", "mid"] = "ends"

    def __post_init__(self) -> None:
        QuantileUniform.__post_init__(self)
        if not 0.0 < self.clip <= MOST:
            raise ConfigError(f"{self.name}: clip must be above 0 and at most {MOST}, not {self.clip}")
        if self.ranks == "mid" and self.clip is not True:
            raise ConfigError(f"{self.name}: clip is where ends are pinned to, and ranks: mid pins none")

    @property
    def midpoint(self) -> float:
        """The median's quantile."""
        return 0.0

    def reads(self, profile: ColumnProfile) -> tuple[float, ...]:
        """Every quantile the line runs through; mid-ranks are counted, and read none."""
        return () if self.ranks == "mid" else QuantileUniform.reads(self, profile)

    def learn(self, profile: ColumnProfile) -> Transform:
        """The quantiles, and the ends; or the line through the mid-ranks."""
        if self.ranks == "mid":
            return Transform((mid_rank_line(profile.points(), self.n_quantiles),))
        normal = NormalQuantile() if self.clip is True else NormalQuantile(-self.clip, self.clip)
        return QuantileUniform.learn(self, profile).then(normal)
