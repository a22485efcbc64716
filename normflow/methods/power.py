"""What the two power transformations share: λ from the likelihood, then mean and std of what it gives."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from normflow.errors import FitError
from normflow.methods._method import QUARTILES, ColumnMethod, known
from normflow.methods.likelihood import maximum
from normflow.methods.options import rising
from normflow.methods.standardize import standardized
from normflow.transforms import Transform

if TYPE_CHECKING:
    from normflow.methods.likelihood import Likelihood
    from normflow.profiles import ColumnProfile
    from normflow.profiles.points import Points
    from normflow.transforms import Affine, Map
    from normflow.transforms.arithmetic import FloatArray

GRID = 2.0**24
"""λ is rounded to 1/GRID, so that the last bits of the search, which differ between CPUs, leave no trace."""

READABLE = (-1.0, -0.5, 0.0, 0.5, 1.0, 2.0)
SNAP = 0.06
STEADY = 2.0**-11
"""The least share std/(|mean| + std) of y = (e^t − 1)/λ, for a t at or below 0, that is standardized.

Two libraries compute y to within 3.2·(1 + t)·2^-53 of one another (Polars against DuckDB, measured on 100
columns and their λ), and standardizing magnifies that by (|mean| + std)/std: from 2^-11·(1 + t) on the
results agree to 1e-12·max(1, |z|). Below, y is 1/|λ| with the column in its last digits.
"""

LIKELIHOOD_RATIO = 1.92
"""Half the 95 % point of chi-squared with one degree of freedom: how deep the likelihood interval goes."""


@dataclass(frozen=True, slots=True)
class Power(ColumnMethod):
    """A power transformation with λ by maximum likelihood on the histogram's points.

    `lambda_bounds` confines λ. `standardize` brings the result to mean 0 and std 1. `prescale` takes the
    column to a scale near 1 first. `snap` takes −1, −½, 0, ½, 1 or 2 for a λ within 0.06 of it, where the
    log-likelihood falls by less than 1.92 (λ stays inside its 95 % likelihood-ratio interval), so that
    people can read it.

    Raises:
        ConfigError: bounds that do not rise.
    """

    lambda_bounds: tuple[float, float] | None = None
    standardize: bool = True
    prescale: bool = False
    snap: bool = False

    def __post_init__(self) -> None:
        if self.lambda_bounds is not None:
            rising(self.name, "lambda_bounds", self.lambda_bounds)

    def needs(self) -> tuple[float, ...]:
        """The quartiles, to take the column to its scale."""
        return QUARTILES if self.prescale else ()

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
        flat = STEADY * (1.0 + max(0.0, *(self.exponent(lam, x) for x in ends)))
        hint = "" if self.prescale else "set prescale: true"
        standard = standardized(profile, transform, flat=flat, hint=hint)
        return standard if self.standardize else transform

    def _lam(self, profile: ColumnProfile, before: Transform) -> float:
        full = self._on(profile.points(), before)
        lam = self._confined(_on_grid(maximum(full, self._on(profile.condensed(), before))))
        near = [one for one in READABLE if abs(one - lam) <= SNAP and self._confined(one) == one]
        if not self.snap or not near:
            return lam
        best = full.loss(lam)
        return next((one for one in near if profile.n * (full.loss(one) - best) < LIKELIHOOD_RATIO), lam)

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
