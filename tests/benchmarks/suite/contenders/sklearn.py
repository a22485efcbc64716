"""The tasks with scikit-learn: the whole table in memory as one numpy array, read and written by Polars.

Run: python -m tests.benchmarks.suite.contenders.sklearn TASK SOURCE TARGET [STATE]
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import polars as pl
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from tests.benchmarks.suite.tasks import MIXED, WRITER


def standard(_names: list[str]) -> Any:
    return StandardScaler(copy=False)


def power(_names: list[str]) -> Any:
    return PowerTransformer("yeo-johnson", copy=False)


def quantile(_names: list[str]) -> Any:
    return QuantileTransformer(
        n_quantiles=1000, output_distribution="normal", subsample=None, random_state=0, copy=False
    )


def mixed(names: list[str]) -> Any:
    made = {
        "zscore": StandardScaler(),
        "minmax": MinMaxScaler(),
        "robust": RobustScaler(),
        "log": make_pipeline(FunctionTransformer(func=np_log), StandardScaler()),
        "log1p": make_pipeline(FunctionTransformer(func=np_log1p), StandardScaler()),
    }
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(MIXED[name.rpartition("_")[0]], []).append(place)
    return ColumnTransformer([(method, made[method], of) for method, of in places.items()])


def np_log(x: Any) -> Any:
    import numpy as np

    return np.log(x)


def np_log1p(x: Any) -> Any:
    import numpy as np

    return np.log1p(x)


def written(values: Any, names: list[str], order: list[str], target: str) -> None:
    frame = pl.from_numpy(values, schema=order).select(names)
    frame.fill_nan(None).write_parquet(target, compression=WRITER)


def run(task: str, source: str, target: str, state: str) -> None:
    frame = pl.read_parquet(source)
    names = frame.columns
    values = frame.to_numpy(writable=True)
    del frame
    if task == "T5":
        model = pickle.loads(Path(state).read_bytes())  # noqa: S301  (it is our own)
        return written(model.transform(values), names, names, target)
    model = MODELS[task](names)
    if task == "T5-learn":
        Path(state).write_bytes(pickle.dumps(model.fit(values)))
        return None
    found = model.fit_transform(values)
    order = [names[place] for _, _, of in model.transformers_ for place in of] if task == "T2" else names
    return written(found, names, order, target)


MODELS = {
    **dict.fromkeys(("T1", "T5-learn", "T7", "T9", "WIDE"), standard),
    "T2": mixed,
    "T3": power,
    "T4": quantile,
}

if __name__ == "__main__":
    run(*sys.argv[1:])
