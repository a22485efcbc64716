"""How good a candidate is: what its transform makes of the profile's points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles import exact_sum, weighted
from normflow.select.evidence import weighted_skew
from normflow.transforms import Squash

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile, Points
    from normflow.transforms import Transform

SCORE_POINTS = 512


@dataclass(frozen=True, slots=True)
class Score:
    """The shape a transform gives: `normality` is the normal-plot correlation r (1 is normal), `skew` g1.

    The skew is that of what is written, the soft clip included; the normality is that of the method alone.
    """

    normality: float | None
    skew: float | None


def score(profile: ColumnProfile, transform: Transform, soft_clip: float | None = None) -> Score:
    """Score a transform: r on the profile's condensed mid-rank points, the skew on all its points.

    r is the Pearson correlation of the transformed points with the normal scores of their mid-ranks
    (Filliben 1975, Technometrics 17:111–117, with mid-ranks for ties).
    """
    points = profile.condensed(SCORE_POINTS)
    weights = np.asarray(points.counts, dtype=np.float64)
    mapped = transform.points(points.values)
    if len(mapped) == 0 or not np.isfinite(mapped).all():
        return Score(None, None)
    return Score(
        _correlation(mapped, normal_scores(weights), weights), _skew(profile.points(), transform, soft_clip)
    )


def _skew(points: Points, transform: Transform, soft_clip: float | None) -> float | None:
    written = transform.then(Squash(soft_clip)) if soft_clip is not None else transform
    return weighted_skew(written.points(points.values), points.counts)


def normal_scores(weights: np.ndarray) -> np.ndarray:
    """Φ⁻¹ of the mid-rank of each weighted point, ascending."""
    above = np.cumsum(weights)
    middle = (above - weights / 2) / above[-1]
    inverse = NormalDist().inv_cdf
    return np.array([inverse(p) for p in middle.tolist()])


def _correlation(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> float | None:
    one, other = weighted(a, weights), weighted(b, weights)
    if one is None or other is None:
        return None
    spread = math.sqrt(one.moment(2)) * math.sqrt(other.moment(2))
    together = exact_sum(one.deviations * other.deviations * one.weights) / one.total
    return together / spread if spread > 0.0 else None
