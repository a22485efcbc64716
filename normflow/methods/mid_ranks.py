"""The normal scores of mid-ranks, as a line through a bounded number of knots."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from normflow.transforms import Interpolate

if TYPE_CHECKING:
    from normflow.profiles import Points

NORMAL = NormalDist()


def mid_rank_line(points: Points, knots: int) -> Interpolate:
    """Φ⁻¹ of the mid-rank of each value, straight between values.

    The mid-rank of a value is the share of rows below it and half of those at it. Where there are more than
    `knots` values, the line keeps as many knots, at equal steps of y from the smallest to the largest value's
    score, and the values that hold more than one `knots`-th of the rows, so that each of these goes to its
    own score exactly. Equal points give equal bits: knots come from Python's own Φ and Φ⁻¹.
    """
    shares = (points.above - points.counts / 2) / points.total
    if len(shares) <= knots:
        return _line(points, shares, range(len(shares)))
    first, last = NORMAL.inv_cdf(float(shares[0])), NORMAL.inv_cdf(float(shares[-1]))
    steps = [first + (last - first) * i / (knots - 1) for i in range(1, knots - 1)]
    heavy = np.flatnonzero(points.counts * knots > points.total).tolist()
    ends = {0, len(shares) - 1, *heavy}
    exact = {float(points.values[i]): NORMAL.inv_cdf(float(shares[i])) for i in sorted(ends)}
    above = np.searchsorted(shares, [NORMAL.cdf(y) for y in steps]).clip(1, len(shares) - 1).tolist()
    for y, i in zip(steps, above, strict=True):
        low, high = (NORMAL.inv_cdf(float(share)) for share in (shares[i - 1], shares[i]))
        part = min(max((y - low) / (high - low), 0.0), 1.0)
        x = float(points.values[i - 1] * (1.0 - part) + points.values[i] * part)
        exact.setdefault(x, y)
    return _rising(sorted(exact.items()))


def _line(points: Points, shares: np.ndarray, places: range) -> Interpolate:
    return _rising([(float(points.values[i]), NORMAL.inv_cdf(float(shares[i]))) for i in places])


def _rising(pairs: list[tuple[float, float]]) -> Interpolate:
    """The line through pairs in ascending order of x, without those whose y rounding left behind."""
    kept = [pairs[0]]
    for pair in pairs[1:-1]:
        if kept[-1][1] < pair[1] < pairs[-1][1]:
            kept.append(pair)
    kept.append(pairs[-1])
    return Interpolate(tuple(x for x, _ in kept), tuple(y for _, y in kept))
