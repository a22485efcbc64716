"""The normal plot of a column, prepared once, on which every candidate is scored in microseconds."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from normflow.transforms import NormalQuantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from normflow.profiles import ColumnProfile, Points
    from normflow.transforms import Transform
    from normflow.transforms.arithmetic import FloatArray

SCORE_POINTS, FEW_OUTER = 512, 128
TAIL, MIDDLE = 512, 1024
NORMAL = NormalQuantile(-37.5, 8.2)
HEAVY = 4  # times the rows of its neighbours


class Plot:
    """A column's points for scoring: some hundred by rank, and a finer set that keeps both tails whole."""

    def __init__(self, profile: ColumnProfile) -> None:
        self.profile = profile

    @cached_property
    def coarse(self) -> Points:
        """About 512 points of equal ranks between the 128 at each end; an atom stays what it is."""
        return self.fine.thinned(SCORE_POINTS, FEW_OUTER)

    @cached_property
    def fine(self) -> Points:
        """All points, or the 512 at each end with about 1,024 of equal ranks between them."""
        return self.profile.points().thinned(MIDDLE, TAIL)

    @cached_property
    def exact(self) -> bool:
        """Whether the fine points are the values themselves, each with its count."""
        return self.profile.exact and len(self.fine.values) == len(self.profile.points().values)

    @cached_property
    def ranks(self) -> tuple[NDArray[np.int64], FloatArray]:
        """How many rows lie below a place between the fine points: their indices, and the ranks there.

        Half of a point's rows lie below it. A point that holds more than four times the rows of each of its
        neighbours is there twice, without its rows and with them.
        """
        counts, above = self.fine.counts, self.fine.above
        beside = np.maximum(np.append(counts[1:], 0), np.append(0, counts[:-1]))
        heavy = counts > HEAVY * beside
        places = np.repeat(np.arange(len(counts)), 1 + heavy)
        ranks = (above - counts / 2)[places]
        last = np.append(places[1:] != places[:-1], True)
        first = np.append(True, last[:-1])
        ranks = np.where(first & ~last, (above - counts)[places], ranks)
        return places, np.where(last & ~first, above[places], ranks)

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


def pearson_classes(n: int) -> int:
    """The classes of Pearson's test for normality, as R's nortest has them: ⌈2·n^(2/5)⌉."""
    return math.ceil(2.0 * math.pow(n, 0.4))


def normal_scores(weights: FloatArray | np.ndarray) -> FloatArray:
    """Φ⁻¹ of the mid-rank of each weighted point, ascending."""
    above = np.cumsum(np.asarray(weights, np.float64))
    middle = (above - np.asarray(weights) / 2) / above[-1]
    return NORMAL.points(middle)


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
