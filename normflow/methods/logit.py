"""Take the logit on an interval, then standardize."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from normflow import transforms
from normflow.errors import ConfigError, FitError
from normflow.methods._method import ColumnMethod, known
from normflow.methods.bounds import Bounds, interval
from normflow.methods.options import rising
from normflow.methods.standardize import STEADY, standardized
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile

MOST = 0.5


@dataclass(frozen=True, slots=True)
class Logit(ColumnMethod):
    """y = (ln(u/(1 − u)) − mean)/std with u = eps + (1 − 2·eps)·(x − lo)/(hi − lo).

    Use it for shares, rates and scores between two known ends, where the distance from 98 % to 99 % matters
    more than that from 50 % to 51 %.

    `bounds` is [lo, hi] in the units of x, `declared` for the contract's range, or `fitted` for the smallest
    and the largest value. `eps` moves the ends inside: a value on them would go to infinity. It is a share of
    the interval, or `auto`: 1/(2n) for fitted bounds with n values, 0 for others. Mean and std, with divisor
    n − `ddof`, are those of the logits. Defined where 0 < u < 1, null elsewhere. Refuses a value on the ends
    or beyond, unless `eps` takes it inside. Source of 1/(2n): Smithson and Verkuilen, A better lemon
    squeezer?, Psychological Methods 11 (2006), 54-71.

    Raises:
        ConfigError: bounds that do not rise, or an eps outside 0 to ½.
    """

    name: ClassVar[str] = "logit"
    bounds: Bounds = "fitted"
    eps: float | Literal["auto"] = "auto"
    ddof: Literal[0, 1] = 0

    def __post_init__(self) -> None:
        if not isinstance(self.bounds, str):
            rising(self.name, "bounds", self.bounds)
        if not isinstance(self.eps, str) and not 0.0 <= self.eps < MOST:
            raise ConfigError(f"{self.name}: eps must be at least 0 and below 0.5, not {self.eps}")

    def learn(self, profile: ColumnProfile) -> Transform:
        """The interval, and mean and std of the logits."""
        lo, hi = interval(self.bounds, profile)
        fitted = self.bounds == "fitted"
        eps = (0.5 / profile.n if fitted else 0.0) if isinstance(self.eps, str) else self.eps
        inside = Affine(shift=lo, scale=hi - lo, gain=1.0 - 2.0 * eps, offset=eps)
        transform = Transform((inside, transforms.Logit()))
        first, last = transform.domain()
        for which, value in (("smallest", known(profile.min)), ("largest", known(profile.max))):
            if not first < value < last or not math.isfinite(transform.image(value, value)[0]):
                raise FitError(
                    f"the {which} value is {value}, and logit needs values inside {first} to {last}",
                    hint="set eps, such as 0.001, or wider bounds",
                )
        return standardized(profile, transform, ddof=self.ddof, flat=STEADY)
