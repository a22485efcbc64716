"""The normal plot of a column, prepared once, on which every candidate is scored in microseconds."""

from __future__ import annotations

import math
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles import Points

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile
    from normflow.transforms import Transform
    from normflow.transforms.arithmetic import FloatArray

SCORE_POINTS = 512
TAIL, MIDDLE = 512, 1024


class Plot:
    """A column's points for scoring: some hundred by rank, and a finer set that keeps both tails whole."""

    def __init__(self, profile: ColumnProfile) -> None:
        self.profile = profile

    @cached_property
    def coarse(self) -> Points:
        """About 512 points of equal ranks; an atom stays what it is."""
        return self.profile.condensed(SCORE_POINTS)

    @cached_property
    def fine(self) -> Points:
        """All points, or the 512 at each end with about 1,024 of equal ranks between them."""
        points = self.profile.points()
        if len(points.values) <= 2 * TAIL + MIDDLE:
            return points
        parts = (slice(0, TAIL), slice(TAIL, -TAIL), slice(-TAIL, None))
        low, middle, high = (_part(points, part) for part in parts)
        whole = (low, middle.condensed(MIDDLE), high)
        return Points(*(np.concatenate([getattr(one, name) for one in whole]) for name in POINTS))

    @cached_property
    def scores(self) -> FloatArray:
        """The normal scores of the coarse points, about their mean and with unit variance."""
        return standardized(normal_scores(self.coarse.counts), self._weights)

    @cached_property
    def _weights(self) -> FloatArray:
        return self.coarse.counts / self.coarse.total

    def normality(self, transform: Transform) -> float | None:
        """The correlation of the transformed points with the normal scores of their mid-ranks.

        1 is normal: the best that any monotone map can reach. None without spread, or beyond float64. Source:
        Filliben, The probability plot correlation coefficient test for normality, Technometrics 17 (1975),
        111-117, with mid-ranks for ties.
        """
        if not len(self.coarse.values):
            return None
        mapped = transform.points(self.coarse.values)
        if not np.isfinite(mapped).all():
            return None
        standard = standardized(mapped, self._weights)
        if not standard.any():
            return None
        return min(float((standard * self.scores * self._weights).sum()), 1.0)


POINTS = ("values", "counts", "low", "high")


def normal_scores(weights: FloatArray | np.ndarray) -> FloatArray:
    """Φ⁻¹ of the mid-rank of each weighted point, ascending."""
    above = np.cumsum(np.asarray(weights, np.float64))
    middle = (above - np.asarray(weights) / 2) / above[-1]
    return np.array(list(map(NormalDist().inv_cdf, middle.tolist())))


def _part(points: Points, part: slice) -> Points:
    return Points(*(getattr(points, name)[part] for name in POINTS))


def standardized(values: FloatArray, weights: FloatArray) -> FloatArray:
    """The values about their mean and with unit variance; 0 throughout where they do not differ.

    Differences are taken from the middle value, at a scale near 1: an offset does not cancel.
    """
    _, exponent = math.frexp(float(np.abs(values).max()))
    scaled = np.ldexp(values, -exponent)
    away = scaled - scaled[len(scaled) // 2]
    reach = float(np.abs(away).max())
    if not reach > 0.0:
        return np.zeros_like(values)
    away = away / reach
    away = away - float((away * weights).sum())
    found: FloatArray = away / math.sqrt(float((away * away * weights).sum()))
    return found
