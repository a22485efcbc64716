"""The models of the league: scikit-learn's defaults where these make sense for a few hundred rows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.benchmarks.selection.shipped import Task


_NET = {"hidden_layer_sizes": (16,), "alpha": 1.0, "solver": "lbfgs", "max_iter": 100}
_FOREST = {"n_estimators": 50, "min_samples_leaf": 2}
_BOOST = {"max_iter": 50, "min_samples_leaf": 10}

SCALE_SENSITIVE: Mapping[str, Mapping[Task, Callable[[int], Any]]] = {
    "kNN": {
        "class": lambda _: KNeighborsClassifier(10),
        "number": lambda _: KNeighborsRegressor(10),
    },
    "linear": {
        "class": lambda _: LogisticRegression(max_iter=300),
        "number": lambda _: Ridge(),
    },
    "SVM": {
        "class": lambda _: SVC(),
        "number": lambda _: SVR(),
    },
    "MLP": {
        "class": lambda seed: MLPClassifier(random_state=seed, **_NET),
        "number": lambda seed: MLPRegressor(random_state=seed, **_NET),
    },
}
TREES: Mapping[str, Mapping[Task, Callable[[int], Any]]] = {
    "tree": {
        "class": lambda seed: DecisionTreeClassifier(min_samples_leaf=5, random_state=seed),
        "number": lambda seed: DecisionTreeRegressor(min_samples_leaf=5, random_state=seed),
    },
    "forest": {
        "class": lambda seed: RandomForestClassifier(random_state=seed, **_FOREST),
        "number": lambda seed: RandomForestRegressor(random_state=seed, **_FOREST),
    },
    "boosting": {
        "class": lambda seed: HistGradientBoostingClassifier(random_state=seed, **_BOOST),
        "number": lambda seed: HistGradientBoostingRegressor(random_state=seed, **_BOOST),
    },
}


def score(
    make: Callable[[int], Any],
    task: Task,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> float:
    """Accuracy on the test rows, or R², not below 0: a model worse than the mean is not used.

    A number to predict is standardized on the training rows, for all alike.
    """
    (x, y), (x_test, y_test) = train, test
    if task == "number":
        middle, spread = y.mean(), y.std() or 1.0
        y, y_test = (y - middle) / spread, (y_test - middle) / spread
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # unscaled columns do not converge; that is what is measured
        try:
            return max(0.0, float(make(seed).fit(x, y).score(x_test, y_test)))
        except ValueError:  # numbers so large that the model overflows
            return 0.0
