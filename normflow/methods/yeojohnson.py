"""The Yeo-Johnson transformation with λ by maximum likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow import transforms
from normflow.methods._method import known
from normflow.methods.likelihood import Likelihood
from normflow.methods.power import NORMAL_IQR, READABLE, Power
from normflow.transforms import Affine

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile
    from normflow.transforms import Map
    from normflow.transforms.arithmetic import FloatArray


@dataclass(frozen=True, slots=True)
class YeoJohnson(Power):
    """Box-Cox of 1 + x with λ where x ≥ 0, minus Box-Cox of 1 − x with 2 − λ elsewhere; then (y − mean)/std.

    Use it for skewed columns of either sign, and of both.

    λ maximizes the normal log-likelihood, as scipy.stats.yeojohnson's. With `prescale`, x becomes
    (x − median)/(IQR/1.349) first (its standard deviation where the IQR is 0), so that λ does not depend on
    the column's units.

    `condense` takes λ from some 512 points of equal ranks, and mean and std from some 5,000, which is as good
    and costs a fraction. `lambda_bounds` confines λ, and `snap` takes −1, −½, 0, ½, 1, 2, or 2 less one of
    them, for a λ nearby that is as likely. `standardize: false` leaves out mean and std, whose divisor is
    n − `ddof`. `robust` takes λ from the central values: those between the quartiles, then twice those that
    the λ so far takes within 2.576 robust standard deviations of the median. Refuses a λ whose powers leave
    float64 or are (nearly) one number.
    Sources: Yeo and Johnson, A new family of power transformations to improve normality or symmetry,
    Biometrika 87 (2000), 954-959; for `robust` Raymaekers and Rousseeuw, Transforming variables to central
    normality, Machine Learning 113 (2024), 4953-4975.
    """

    name: ClassVar[str] = "yeojohnson"
    # and their mirror images 2 − λ, so that −x gets the mirrored map
    readable: ClassVar[tuple[float, ...]] = (
        *READABLE,
        *(2.0 - lam for lam in READABLE if lam not in (0, 1, 2)),
    )

    def scaling(self, profile: ColumnProfile) -> Affine:
        """`(x − median)/(IQR/1.349)`, with std where the IQR is 0."""
        iqr = known(profile.iqr)
        return Affine(shift=known(profile.median), scale=iqr / NORMAL_IQR if iqr else known(profile.std()))

    def likelihood(self, values: FloatArray, counts: FloatArray) -> Likelihood:
        """On ±ln(1 + |x|)."""
        return Likelihood.yeo_johnson(values, counts)

    def map(self, lam: float) -> Map:
        """Yeo-Johnson with λ."""
        return transforms.YeoJohnson(lam)

    def exponent(self, lam: float, x: float) -> float:
        """`λ·ln(1 + x)` for x at or above 0, (2 − λ)·ln(1 − x) below."""
        return (lam if x >= 0.0 else 2.0 - lam) * math.log1p(abs(x))
