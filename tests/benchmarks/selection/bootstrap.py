"""Confidence intervals: the percentile bootstrap over data sets, paired for differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.selection.datasets import SEED

REPLICATES = 10_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over data sets with its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def differs(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def estimate(values: np.ndarray) -> Estimate:
    """The mean of one number a data set; data sets, not columns or folds, are drawn again.

    Columns of one data set resemble each other, so that drawing them would make the interval too narrow.
    """
    n = len(values)
    draws = np.random.default_rng(SEED).integers(0, n, (REPLICATES, n))
    low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    return Estimate(float(values.mean()), float(low), float(high))
