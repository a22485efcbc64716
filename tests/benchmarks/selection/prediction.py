"""The league of prediction: what a rule is worth to models that are sensitive to scale.

A task is a data set and a model. A rule learns from the training rows of each fold; its regret is the mean
score of the best fixed method for that task, less its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from tests.benchmarks.selection.datasets import read
from tests.benchmarks.selection.models import score
from tests.benchmarks.selection.rules import learned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.benchmarks.selection.datasets import Data
    from tests.benchmarks.selection.rules import Contender
    from tests.benchmarks.selection.shipped import DataSet, Task

FOLDS = 3
ROWS = 500


@dataclass(frozen=True, slots=True)
class Prediction:
    """One data set: `scores`, contenders by models, means over folds and seeds."""

    data: str
    scores: np.ndarray


def prediction(
    wanted: DataSet,
    contenders: Sequence[Contender],
    models: Mapping[str, Mapping[Task, Callable[[int], Any]]],
    *,
    seeds: int,
    rows: int = ROWS,
) -> Prediction:
    """Score every contender with every model on one data set."""
    data = read(wanted).rows(rows)
    found = []
    for seed, train, test in splits(data, seeds):
        maps = [learned(one, data.x[train]) for one in contenders]
        tables = [(apply(data.x[train]), apply(data.x[test])) for apply in maps]
        found.append(
            [
                [
                    score(make[data.task], data.task, (x, data.y[train]), (x_test, data.y[test]), seed)
                    for make in models.values()
                ]
                for x, x_test in tables
            ]
        )
    return Prediction(wanted.name, np.mean(found, axis=0))


def regret(found: Prediction, contenders: Sequence[Contender]) -> np.ndarray:
    """Points below the best fixed method, contenders by models; negative above it."""
    fixed = [i for i, one in enumerate(contenders) if one.kind == "fixed"]
    best: np.ndarray = found.scores[fixed].max(axis=0)
    below: np.ndarray = best - found.scores
    return below


def splits(data: Data, seeds: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Seed, training rows and test rows."""
    folding = StratifiedKFold if data.task == "class" else KFold
    for seed in range(seeds):
        parts = folding(FOLDS, shuffle=True, random_state=seed).split(data.x, data.y)
        yield from ((seed, train, test) for train, test in parts)
