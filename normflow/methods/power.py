"""What the two power transformations share: λ from the likelihood, then mean and std of what it gives."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from normflow.errors import FitError
from normflow.methods._method import QUARTILES, ColumnMethod, known
from normflow.methods.likelihood import maximum
from normflow.methods.options import rising
from normflow.methods.standardize import LOST, standardized
from normflow.profiles.points import Points
from normflow.transforms import Transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from normflow.methods.likelihood import Likelihood
    from normflow.profiles import ColumnProfile
    from normflow.transforms import Affine, Map
    from normflow.transforms.arithmetic import FloatArray

GRID = 2.0**24
"""λ is rounded to 1/GRID, so that the last bits of the search, which differ between CPUs, leave no trace."""

READABLE = (-1.0, -0.5, 0.0, 0.5, 1.0, 2.0)
SNAP = 0.06
CENTRAL = 2.5758293035489004  # Φ⁻¹(0.995)
NORMAL_IQR = 1.349
"""The interquartile range of a normal column with standard deviation 1."""
REWEIGHTINGS = 2
MANY = 4096  # points of equal ranks, beside the tails, whose mean and std are those of all to 1e-7
LIKELIHOOD_RATIO = 1.92
"""Half the 95 % point of chi-squared with one degree of freedom: how deep the likelihood interval goes."""


@dataclass(frozen=True, slots=True)
class Power(ColumnMethod):
    """A power transformation with λ by maximum likelihood on the histogram's points.

    `lambda_bounds` confines λ. `condense` takes λ from some 512 points of equal ranks, and mean and std from
    some 5,000. `standardize` brings the result to mean 0 and std 1. `prescale` takes the column to a scale
    near 1 first. `snap` takes −1, −½, 0, ½, 1 or 2 for a λ within 0.06 of it, where the log-likelihood falls
    by less than 1.92 (λ stays inside its 95 % likelihood-ratio interval), so that people can read it.
    `robust` takes λ from the central values: first from those between the quartiles, then twice from those
    that the λ so far takes within 2.576 (Φ⁻¹ of 0.995) robust standard deviations of the median; all of them
    where the IQR is 0. `ddof` is the final std's. Source of `robust`: Raymaekers and Rousseeuw, Transforming
    variables to central normality, Machine Learning 113 (2024), 4953-4975, whose reweighting this is, with a
    simpler start.

    Raises:
        ConfigError: bounds that do not rise.
    """

    readable: ClassVar[tuple[float, ...]] = READABLE
    lambda_bounds: tuple[float, float] | None = None
    standardize: bool = True
    prescale: bool = False
    snap: bool = False
    robust: bool = False
    condense: bool = False
    ddof: Literal[0, 1] = 0

    def __post_init__(self) -> None:
        if self.lambda_bounds is not None:
            rising(self.name, "lambda_bounds", self.lambda_bounds)

    def needs(self) -> tuple[float, ...]:
        """The quartiles, to take the column to its scale and to know its central values."""
        return QUARTILES if self.prescale or self.robust else ()

    def accept(self, profile: ColumnProfile) -> None:
        """Refuse a column outside the family's domain.

        Raises:
            FitError: with the number at fault.
        """

    @abstractmethod
    def scaling(self, profile: ColumnProfile) -> Affine:
        """The affine map that `prescale` asks for."""

    @abstractmethod
    def likelihood(self, values: FloatArray, counts: FloatArray) -> Likelihood:
        """The family's likelihood."""

    @abstractmethod
    def map(self, lam: float) -> Map:
        """The family's map."""

    @abstractmethod
    def exponent(self, lam: float, x: float) -> float:
        """The t of y = ±(e^t − 1)/c at x."""

    def learn(self, profile: ColumnProfile) -> Transform:
        """The scaling, λ, and mean and std of the mapped points."""
        self.accept(profile)
        before = Transform((self.scaling(profile),)) if self.prescale else Transform.identity()
        lam = self._lam(profile, before)
        transform = before.then(self.map(lam))
        ends = before.points(np.array([known(profile.min), known(profile.max)])).tolist()
        # expm1(t) is known to (1 + t) roundings where t is positive
        flat = LOST * (1.0 + max(0.0, *(self.exponent(lam, x) for x in ends)))
        hint = "" if self.prescale else "set prescale: true"
        points = profile.points().thinned(MANY) if self.condense else profile.points()
        standard = standardized(profile, transform, ddof=self.ddof, flat=flat, hint=hint, points=points)
        return standard if self.standardize else transform

    def _lam(self, profile: ColumnProfile, before: Transform) -> float:
        if not self.robust:
            return self.likeliest(profile.condensed() if self.condense else profile.points(), before)
        points = self._central(profile, before)
        return self.likeliest(points.condensed() if self.condense else points, before)

    @lru_cache(maxsize=8)  # noqa: B019  (a method is a handful of numbers; a choice asks twice for the same points)
    def likeliest(self, points: Points, before: Transform) -> float:
        """The λ of the largest likelihood on the points that `before` makes of these."""
        full = self._on(points, before)
        lam = self._largest(full, points, before)
        near = [one for one in self.readable if abs(one - lam) <= SNAP and self._confined(one) == one]
        if not self.snap or not near:
            return lam
        best = full.loss(lam)
        return next((one for one in near if points.total * (full.loss(one) - best) < LIKELIHOOD_RATIO), lam)

    def _largest(self, full: Likelihood, points: Points, before: Transform) -> float:
        some = points.condensed()
        coarse = full if some is points else self._on(some, before)
        return self._confined(_on_grid(maximum(full, coarse)))

    def _central(self, profile: ColumnProfile, before: Transform) -> Points:
        points = profile.points()
        quartiles = np.array(profile.quantile(QUARTILES))
        if quartiles[0] == quartiles[-1]:
            return points
        kept = _taken(points, (points.values >= quartiles[0]) & (points.values <= quartiles[-1]))
        for _ in range(REWEIGHTINGS):
            transform = before.then(self.map(self._largest(self._on(kept, before), kept, before)))
            try:
                low, middle, high = transform.exact_points(quartiles)
                away = np.abs(transform.exact_points(points.values) - middle)
            except OverflowError:
                raise FitError(f"{self.name} with the λ of the central values leaves float64") from None
            kept = _taken(points, away <= CENTRAL * (high - low) / NORMAL_IQR)
        return kept

    def _on(self, points: Points, before: Transform) -> Likelihood:
        return self.likelihood(before.points(points.values), points.counts.astype(np.float64))

    def _confined(self, lam: float) -> float:
        lo, hi = self.lambda_bounds or (lam, lam)
        return min(max(lam, lo), hi)


def _on_grid(lam: float) -> float:
    if not math.isfinite(lam):
        raise FitError("the λ of the largest likelihood is beyond float64")
    # beyond 2^29 every float64 is a multiple of 1/GRID already
    return lam if abs(lam) >= 2.0**29 else round(lam * GRID) / GRID


def _taken(points: Points, kept: NDArray[np.bool_]) -> Points:
    if not kept.any():  # of two values none may lie between the quartiles
        return points
    return Points(points.values[kept], points.counts[kept], points.low[kept], points.high[kept])
