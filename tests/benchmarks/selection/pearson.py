"""How normal a sample is: Pearson's chi-square over classes of equal probability, and the normal plot."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

PLOTTING = 0.375


def pearson_per_df(values: np.ndarray) -> float:
    """P/df as R's nortest counts it: ⌈2·n^0.4⌉ classes of the fitted normal, df three fewer.

    About 1 for normal values, more for others. One value only: all in one class. Fewer than three values, or
    classes, say nothing: infinity.
    """
    n = len(values)
    classes = math.ceil(2 * n**0.4) if n else 0
    if classes <= 3:
        return math.inf
    spread = values.std(ddof=1)
    z = (values - values.mean()) / spread if spread > 0 else np.zeros(n)
    counts = np.bincount(np.minimum((classes * norm.cdf(z)).astype(int), classes - 1), minlength=classes)
    return float(((counts - n / classes) ** 2).sum() / (n / classes) / (classes - 3))


def normal_plot_correlation(values: np.ndarray) -> float:
    """Correlation of the sorted values with normal scores (Blom's plotting positions); 0 for one value."""
    n = len(values)
    if values.min() == values.max():
        return 0.0
    scores = norm.ppf((np.arange(1, n + 1) - PLOTTING) / (n + 1 - 2 * PLOTTING))
    return float(np.corrcoef(np.sort(values), scores)[0, 1])
