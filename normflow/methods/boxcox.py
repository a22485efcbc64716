"""The Box-Cox transformation with λ by maximum likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow import transforms
from normflow.errors import FitError
from normflow.methods._method import known
from normflow.methods.likelihood import Likelihood
from normflow.methods.power import Power
from normflow.transforms import Affine

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile
    from normflow.transforms import Map
    from normflow.transforms.arithmetic import FloatArray


@dataclass(frozen=True, slots=True)
class BoxCox(Power):
    """y = (x^λ − 1)/λ, ln x at λ = 0, for positive columns; then (y − mean)/std.

    Use it for skewed positive columns: it finds by itself how strong a root or logarithm they need.

    λ maximizes the normal log-likelihood, as scipy.stats.boxcox's. With `prescale`, x is divided by its
    median first, which changes λ by nothing and keeps x^λ near 1.

    `condense` takes λ from some 512 points of equal ranks, and mean and std from some 5,000, which is as good
    and costs a fraction. `lambda_bounds` confines λ, and `snap` takes −1, −½, 0, ½, 1 or 2 for a λ nearby
    that is as likely. `standardize: false` leaves out mean and std, whose divisor is n − `ddof`. `robust`
    takes λ from the central values: those between the quartiles, then twice those that the λ so far takes
    within 2.576 robust standard deviations of the median. Refuses a column with a value at or below 0, and a
    λ whose powers leave float64 or are (nearly) one number. Sources: Box and Cox, An analysis of
    transformations, JRSS B 26 (1964), 211-252; for `robust` Raymaekers and Rousseeuw, Transforming variables
    to central normality, Machine Learning 113 (2024), 4953-4975.
    """

    name: ClassVar[str] = "boxcox"

    def accept(self, profile: ColumnProfile) -> None:
        """Only positive columns."""
        if known(profile.min) <= 0.0:
            raise FitError(
                f"the smallest value is {profile.min}, and boxcox needs x > 0", hint="take yeojohnson"
            )

    def scaling(self, profile: ColumnProfile) -> Affine:
        """`x`/median."""
        return Affine(shift=0.0, scale=known(profile.median))

    def likelihood(self, values: FloatArray, counts: FloatArray) -> Likelihood:
        """On ln x."""
        return Likelihood.box_cox(values, counts)

    def map(self, lam: float) -> Map:
        """Box-Cox with λ."""
        return transforms.BoxCox(lam)

    def exponent(self, lam: float, x: float) -> float:
        """`λ·ln x`."""
        return lam * math.log(x)
