"""Quantiles by linear interpolation of the order statistics (Hyndman & Fan 1996, type 7)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from normflow.errors import FitError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.profiles.bits import Floats
    from normflow.profiles.points import Points


def quantile(points: Points, q: float) -> float:
    """The q-quantile of the points, with the roundings of `numpy.quantile(…, method="linear")`."""
    return several(points, (q,))[0]


def several(points: Points, shares: Sequence[float]) -> list[float]:
    """The quantiles of the points at these shares."""
    ranks = points.above
    places = [between(points.total, float(q)) for q in shares]
    lower, upper = (
        points.values[np.searchsorted(ranks, [one[i] for one in places], "right")] for i in (0, 1)
    )
    return [
        lerp(below, above, share)
        for below, above, (_, _, share) in zip(lower.tolist(), upper.tolist(), places, strict=True)
    ]


def quantile_bounds(points: Points, q: float) -> tuple[float, float]:
    """Two numbers that the q-quantile of the column itself lies between."""
    ranks = points.above
    lower, upper, share = between(points.total, q)
    low_ends = _at(points.low, ranks, lower), _at(points.low, ranks, upper)
    high_ends = _at(points.high, ranks, lower), _at(points.high, ranks, upper)
    low, high = lerp(*low_ends, share), lerp(*high_ends, share)
    if low_ends == high_ends:
        return low, high
    # one step outwards: the interpolation rounds
    return max(math.nextafter(low, -math.inf), low_ends[0]), min(math.nextafter(high, math.inf), high_ends[1])


_WAY_OUT = "leave the column out, or look at its nulls"


def between(n: int, q: float) -> tuple[int, int, float]:
    """The ranks (from 0) around the q-quantile of n values, and its place between them (0 to 1)."""
    if not n:
        raise FitError("a quantile is asked of a column without a finite value", hint=_WAY_OUT)
    if not 0 <= q <= 1:
        raise ValueError(f"a quantile is asked for between 0 and 1, not at {q}")
    virtual = (n - 1) * q
    rank = math.floor(virtual)
    return rank, min(rank + 1, n - 1), virtual - rank


def _at(values: Floats, ranks: np.ndarray, rank: int) -> float:
    return float(values[np.searchsorted(ranks, rank, side="right")])


HALF = 0.5


def lerp(a: float, b: float, share: float) -> float:
    """From a to b, measured from the nearer end as numpy does."""
    step = b - a
    if math.isinf(step):
        return a * (1 - share) + b * share
    return b - step * (1 - share) if share >= HALF else a + step * share
