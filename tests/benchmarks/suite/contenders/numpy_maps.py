"""The maps that Polars has no expression for, in numpy and scipy as one would write them by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brent
from scipy.special import ndtri

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = NDArray[np.float64]
ENDS = (1e-7, 1 - 1e-7)
"""The probabilities that scikit-learn's quantile transform goes to at its ends."""


def yeojohnson_fit(x: Floats) -> tuple[float, float, float]:
    """λ by maximum likelihood, and mean and standard deviation of what it makes of x."""
    size, up = np.log1p(np.abs(x)), x >= 0
    tilt = float(np.where(up, size, -size).sum())

    def grown(lam: float) -> Floats:
        # A power of 0 is the logarithm itself, and 1e-300 gives it to the last bit.
        power = np.where(up, lam or 1e-300, (2.0 - lam) or 1e-300)
        y = np.expm1(size * power) / power
        return np.asarray(np.where(up, y, -y))

    def cost(lam: float) -> float:
        return 0.5 * len(x) * float(np.log(grown(lam).var())) - (lam - 1) * tilt

    lam = float(brent(cost, brack=(-2.0, 2.0)))
    y = grown(lam)
    return lam, float(y.mean()), float(y.std())


def normal_scores(knots: Floats) -> Callable[[Floats], Floats]:
    """The map that takes values to normal scores through quantiles at equal steps of probability."""
    steps = np.linspace(0, 1, len(knots))
    low, high = ndtri(ENDS[0] - np.spacing(1)), ndtri(ENDS[1] + np.spacing(1))

    def scores(x: Floats) -> Floats:
        below = np.interp(x, knots, steps)
        above = -np.interp(-x, -knots[::-1], -steps[::-1])
        share = 0.5 * (below + above)
        share[x <= knots[0]], share[x >= knots[-1]] = 0.0, 1.0
        return np.asarray(np.clip(ndtri(share), low, high))

    return scores
