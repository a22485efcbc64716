"""How good a candidate is: what its transform makes of the profile's points."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from normflow.select.plot import Plot, standardized
from normflow.transforms import Squash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.profiles import ColumnProfile
    from normflow.transforms import Transform
    from normflow.transforms.arithmetic import FloatArray

ESTIMATED = 3  # nortest takes mean and std and one more from the classes
HEAVY = 0.25  # of a class


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
    exact = profile.exact and len(points.values) == len(profile.points().values)
    return Score(
        normality,
        float(cubed.sum()),
        float((cubed * standard).sum()) - 3.0,
        pearson(standard, points.counts, exact=exact),
    )


def pearson(standard: FloatArray, counts: np.ndarray, *, exact: bool) -> float | None:
    """Pearson's chi-squared statistic for normality, divided by its degrees of freedom.

    ⌈2·n^(2/5)⌉ classes of equal probability under the normal distribution with the sample's mean and standard
    deviation (ddof 1); df is their number less three. `standard` are ascending values with mean 0 and
    standard deviation 1 (ddof 0), and `counts` how many rows each stands for. Values that stand for a bucket
    are spread evenly up to their neighbours, but for those that hold a quarter of a class or more. None where
    no degree of freedom is left. Source: `pearson.test` of R's nortest, whose P/df bestNormalize ranks by.
    """
    n = int(counts.sum())
    classes = math.ceil(2.0 * math.pow(n, 0.4))
    if classes <= ESTIMATED:
        return None
    bounds = _bounds(classes) * math.sqrt(n / (n - 1))
    above = np.cumsum(counts)
    if exact:
        below: FloatArray = np.append(0.0, above)[np.searchsorted(standard, bounds)]
    else:
        below = _spread(bounds, standard, counts, above, HEAVY * n / classes)
    found: FloatArray = np.diff(below, prepend=0, append=n) - n / classes
    return float((found * found).sum()) * classes / n / (classes - ESTIMATED)


def _spread(
    bounds: FloatArray, values: FloatArray, counts: np.ndarray, above: np.ndarray, heavy: float
) -> FloatArray:
    """How many rows lie below each bound, between points in proportion."""
    middle = above - counts / 2
    atoms = np.flatnonzero(counts >= heavy)
    xs = np.concatenate([np.delete(values, atoms), values[atoms], values[atoms]])
    ys = np.concatenate([np.delete(middle, atoms), (above - counts)[atoms], above[atoms]])
    order = np.lexsort((ys, xs))
    below: FloatArray = np.interp(bounds, xs[order], ys[order], left=0.0, right=float(above[-1]))
    return below


@lru_cache(maxsize=64)
def _bounds(classes: int) -> FloatArray:
    inverse = NormalDist().inv_cdf
    return np.array([inverse(i / classes) for i in range(1, classes)])
