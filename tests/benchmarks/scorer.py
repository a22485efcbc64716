"""How long a row takes in plain Python, by method: `python -m tests.benchmarks.scorer`."""

from __future__ import annotations

import timeit

import numpy as np
import polars as pl

import normflow as nf

METHODS = (
    "zscore",
    "minmax",
    "robust",
    "log",
    "asinh",
    "boxcox",
    "yeojohnson",
    "quantile_uniform",
    "quantile_normal",
)
CALLS = 20_000


def main() -> None:
    """Print microseconds a column: the best of five repeats."""
    values = pl.DataFrame({"x": np.exp(np.random.default_rng(0).normal(size=20_000))})
    for method in METHODS:
        score = nf.fit(values, {"x": method}).scorer()
        row = {"x": 1.7}
        best = min(timeit.repeat(lambda score=score, row=row: score(row), number=CALLS, repeat=5))  # type: ignore[misc]
        print(f"{method:17}{best / CALLS * 1e6:6.2f} µs")


if __name__ == "__main__":
    main()
