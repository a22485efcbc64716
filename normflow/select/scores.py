"""How good a candidate is: what its transform makes of the profile's points."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from normflow.select.plot import Plot, pearson_classes, standardized
from normflow.transforms import Squash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.profiles import ColumnProfile
    from normflow.transforms import Transform
    from normflow.transforms.arithmetic import FloatArray

ESTIMATED = 3  # nortest takes mean and std and one more from the classes


@dataclass(frozen=True, slots=True)
class Score:
    """The shape a transform gives.

    `normality` is the normal-plot correlation r (1 is normal) of the method alone. Of what is written, the
    soft clip included: `skew` is g1 and `kurtosis` g2 (excess), both biased; `pearson` is Pearson's P/df,
    which is about 1 for a normal sample. None where a number does not exist.
    """

    normality: float | None
    skew: float | None
    kurtosis: float | None = None
    pearson: float | None = None

    def to_json(self) -> dict[str, float | None]:
        """The numbers by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Score:
        """Read what `to_json` wrote."""
        return cls(**document)


NOTHING = Score(None, None)


def score(
    profile: ColumnProfile, transform: Transform, soft_clip: float | None = None, plot: Plot | None = None
) -> Score:
    """Score a transform on the profile's condensed points; `plot` is prepared once for several of them."""
    plot = plot or Plot(profile)
    normality = plot.normality(transform)
    if normality is None:
        return NOTHING
    written = transform.then(Squash(soft_clip)) if soft_clip is not None else transform
    points = plot.fine
    mapped = written.points(points.values)
    if not np.isfinite(mapped).all():
        return Score(normality, None)
    weights = points.counts / points.total
    standard = standardized(mapped, weights)
    if not standard.any():
        return Score(normality, None)
    cubed = standard * standard * standard * weights
    return Score(
        normality, float(cubed.sum()), float((cubed * standard).sum()) - 3.0, pearson(standard, plot)
    )


def pearson(standard: FloatArray, plot: Plot) -> float | None:
    """Pearson's chi-squared statistic for normality, divided by its degrees of freedom.

    ⌈2·n^(2/5)⌉ classes of equal probability under the normal distribution with the sample's mean and standard
    deviation (ddof 1); df is their number less three. `standard` are the plot's fine points as they were
    mapped, with mean 0 and standard deviation 1 (ddof 0). Where a point stands for a bucket, rows are spread
    evenly between it and its neighbours. None where no degree of freedom is left. Values more than 8.2
    deviations off count in the outer classes, where R leaves out the upper ones. Source: `pearson.test` of
    R's nortest, whose P/df bestNormalize ranks by.
    """
    n = plot.fine.total
    classes = pearson_classes(n)
    if classes <= ESTIMATED:
        return None
    bounds = _bounds(classes) * math.sqrt(n / (n - 1))
    if plot.exact:
        below: FloatArray = np.append(0.0, plot.fine.above)[np.searchsorted(standard, bounds)]
    else:
        places, ranks = plot.ranks
        below = np.interp(bounds, standard[places], ranks, left=0.0, right=float(n))
    found: FloatArray = np.diff(below, prepend=0, append=n) - n / classes
    return float((found * found).sum()) * classes / n / (classes - ESTIMATED)


@lru_cache(maxsize=64)
def _bounds(classes: int) -> FloatArray:
    inverse = NormalDist().inv_cdf
    return np.array([inverse(i / classes) for i in range(1, classes)])
