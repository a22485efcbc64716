"""Bring the column to a normal distribution by its ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from normflow.errors import ConfigError
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
    smallest or the largest value. Defined for all numbers. Source: scikit-learn's QuantileTransformer;
    Wichura, Algorithm AS 241, Applied Statistics 37 (1988), 477-484.

    Raises:
        ConfigError: fewer than two quantiles, or a clip outside 0 to 8.2.
    """

    name: ClassVar[str] = "quantile_normal"
    clip: Literal[True] | float = True

    def __post_init__(self) -> None:
        QuantileUniform.__post_init__(self)
        if not 0.0 < self.clip <= MOST:
            raise ConfigError(f"{self.name}: clip must be above 0 and at most {MOST}, not {self.clip}")

    @property
    def midpoint(self) -> float:
        """The median's quantile."""
        return 0.0

    def learn(self, profile: ColumnProfile) -> Transform:
        """The quantiles, and the ends."""
        normal = NormalQuantile() if self.clip is True else NormalQuantile(-self.clip, self.clip)
        return QuantileUniform.learn(self, profile).then(normal)
