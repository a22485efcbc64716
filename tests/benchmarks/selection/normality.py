"""The league of normality: how normal a rule makes columns that it did not see.

Each column with at least 30 distinct values is halved at random; a rule learns from one half and is measured
on the other, both ways round, for each seed. A rule's mark for a column is its mean Pearson P/df over that of
the best fixed method.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks.selection.datasets import SEED, read
from tests.benchmarks.selection.pearson import normal_plot_correlation, pearson_per_df
from tests.benchmarks.selection.rules import learned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.selection.rules import Contender
    from tests.benchmarks.selection.shipped import DataSet

DISTINCT = 30
ROWS = 1000


@dataclass(frozen=True, slots=True)
class Normality:
    """One data set: means over its columns, one number a contender; None if no column qualifies.

    `ratio` is the mean logarithm of P/df over the best fixed method's, `plot` the mean correlation with
    normal scores.
    """

    data: str
    columns: int
    ratio: np.ndarray
    plot: np.ndarray


def normality(
    wanted: DataSet, contenders: Sequence[Contender], *, seeds: int, rows: int = ROWS
) -> Normality | None:
    """Measure every contender on the columns of one data set."""
    whole = read(wanted).rows(rows).x
    x = whole[:, [len(np.unique(column)) >= DISTINCT for column in whole.T]]
    if not x.shape[1]:
        return None
    found = [_measured(x, learn, test, contenders) for learn, test in _halves(len(x), seeds)]
    pearson, plot = (np.mean([one[i] for one in found], axis=0) for i in (0, 1))
    fixed = [i for i, one in enumerate(contenders) if one.kind == "fixed"]
    ratio = np.log(pearson / pearson[fixed].min(axis=0))
    return Normality(wanted.name, x.shape[1], ratio.mean(axis=1), plot.mean(axis=1))


def _halves(n: int, seeds: int) -> list[tuple[np.ndarray, np.ndarray]]:
    halves = []
    for seed in range(seeds):
        order = np.random.default_rng([SEED, seed]).permutation(n)
        one, other = order[: n // 2], order[n // 2 :]
        halves += [(one, other), (other, one)]
    return halves


def _measured(
    x: np.ndarray, learn: np.ndarray, test: np.ndarray, contenders: Sequence[Contender]
) -> tuple[np.ndarray, np.ndarray]:
    """P/df and normal-plot correlation, contenders by columns."""
    mapped = [learned(one, x[learn])(x[test]) for one in contenders]
    return (
        np.array([[pearson_per_df(column) for column in table.T] for table in mapped]),
        np.array([[normal_plot_correlation(column) for column in table.T] for table in mapped]),
    )
