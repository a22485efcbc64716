"""Take the inverse hyperbolic sine, then standardize."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from normflow import transforms
from normflow.errors import ConfigError
from normflow.methods._method import QUARTILES, ColumnMethod, known
from normflow.methods.robust import Robust
from normflow.methods.standardize import STEADY, standardized
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class Asinh(ColumnMethod):
    """y = (asinh((x − loc)/scale) − mean)/std, with asinh u = ln(u + √(u² + 1)), and mean and std of those.

    Use it for heavy tails on both sides, such as profits and losses or changes: it is linear within `scale`
    of `loc`, and grows as the logarithm beyond, with the sign kept.

    `loc` and `scale` are numbers in the units of x, or `auto`: the median, and the interquartile range (the
    standard deviation where that is 0). `ddof` is the std's: 0 or 1. Defined for all numbers. Refuses a
    column that becomes (nearly) one number. Source: Burbidge, Magee and Robb, Alternative transformations to
    handle extreme values of the dependent variable, JASA 83 (1988), 123-127.

    Raises:
        ConfigError: a scale that is not positive.
    """

    name: ClassVar[str] = "asinh"
    loc: float | Literal["auto"] = "auto"
    scale: float | Literal["auto"] = "auto"
    ddof: Literal[0, 1] = 0

    def __post_init__(self) -> None:
        if not isinstance(self.scale, str) and not self.scale > 0.0:
            raise ConfigError(f"{self.name}: scale must be positive, not {self.scale}")

    def needs(self) -> tuple[float, ...]:
        """The quartiles, for what is automatic."""
        return QUARTILES if "auto" in (self.loc, self.scale) else ()

    def learn(self, profile: ColumnProfile) -> Transform:
        """Median and IQR, and mean and std of the mapped values."""
        loc = known(profile.median) if isinstance(self.loc, str) else self.loc
        scale = Robust().spread(profile) if isinstance(self.scale, str) else self.scale
        transform = Transform((Affine(shift=loc, scale=scale), transforms.Asinh()))
        return standardized(
            profile, transform, ddof=self.ddof, flat=STEADY, hint="set loc: auto and scale: auto"
        )
