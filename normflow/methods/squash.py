"""Scale robustly, then bound softly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow import transforms
from normflow.errors import ConfigError, FitError
from normflow.methods._method import QUARTILES, ColumnMethod
from normflow.methods.robust import Robust

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile
    from normflow.transforms import Transform


@dataclass(frozen=True, slots=True)
class Squash(ColumnMethod):
    """y = z/√(1 + (z/B)²) with z = (x − median)/IQR: smooth, one-to-one and within ±B, whatever the outliers.

    Use it for columns with outliers that are to count no more than B times the spread.

    `bound` is B. The inverse, y/√(1 − (y/B)²) for |y| < B, fades as (z/B)². Where the IQR is 0, z is scaled
    by the standard deviation. Defined for all numbers. Source: the smooth clip of skrub's SquashingScaler,
    after Holzmüller, Grinsztajn and Steinwart, Better by default, NeurIPS 37 (2024).

    Raises:
        ConfigError: a bound that is not positive.
    """

    name: ClassVar[str] = "squash"
    bound: float = 3.0

    def __post_init__(self) -> None:
        try:
            transforms.Squash(self.bound)
        except FitError as error:
            raise ConfigError(error.what) from error

    def needs(self) -> tuple[float, ...]:
        """The quartiles."""
        return QUARTILES

    def learn(self, profile: ColumnProfile) -> Transform:
        """Median and IQR, and the bound."""
        return Robust().learn(profile).then(transforms.Squash(self.bound))
