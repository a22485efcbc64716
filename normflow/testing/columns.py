"""The zoo: columns that hurt, each with the reason it is here. New trouble joins this list first."""

from __future__ import annotations

import numpy as np

F = np.float64


def _normal(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


NAN, INF = float("nan"), float("inf")

# name -> values; None is null
ZOO: dict[str, list[float | None]] = {
    "empty": [],
    "all null": [None, None, None],
    "all nan": [NAN, NAN],
    "one row": [3.25],
    "one null": [None],
    "constant": [7.5] * 20,
    "constant with a nan": [1.5, 1.5, NAN, 1.5],
    "constant zero": [0.0, -0.0, 0.0],
    "constant tenth": [0.1] * 10,
    "one to five": [1.0, 2.0, 3.0, 4.0, 5.0],
    "nan and infinities": [1.0, NAN, INF, -INF, None, 2.0, 4.0, -3.0],
    "offset 1e9": [1e9 - 1, 1e9, 1e9 + 1, 1e9 + 0.5],
    "offset 1e15": [1e15 - 1, 1e15, 1e15 + 1],
    "tiny 1e-18": [1e-18, 2e-18, 5e-18, -3e-18],
    "tiny 1e-160": [1e-160, 3e-160, -2e-160, 7e-160],
    "denormals": [5e-324, 1e-323, 2.5e-323, 2.2250738585072014e-308, -5e-324],
    "huge 1.7e308": [1.7e308, -1.7e308, 1.0, 1.6e308],
    "huge 1e155": [1e155, 2e155, -1e155, 5e154],
    "beyond 2^53": [2.0**53, 2.0**53 + 2, 2.0**53 + 4, 9007199254740993.0],
    "one 1e14 among small ones": [*np.exp(_normal(400, 1)).tolist(), 1e14],
    "two scales": [0.0, 0.0, 1e9 - 1, 1e9, 1e9 + 1, 1e9 + 2, 1e-3],
    "normal": _normal(500, 2).tolist(),
    "log-normal": np.exp(2 * _normal(500, 3)).tolist(),
    "negative log-normal": (-np.exp(_normal(500, 4))).tolist(),
    "student t2": np.random.default_rng(5).standard_t(2, 500).tolist(),
    "cauchy": np.random.default_rng(6).standard_cauchy(500).tolist(),
    "zero-inflated": [0.0] * 300 + np.random.default_rng(7).poisson(3, 200).astype(F).tolist(),
    "atoms": [1.5] * 100 + [2.5] * 100 + _normal(100, 8).tolist(),
    "two-valued": [*[0.0] * 70, *[1.0] * 30],
    "two-valued rare": [*[3.0] * 99, 8.0],
    "years": np.random.default_rng(9).integers(1990, 2024, 300).astype(F).tolist(),
    "integers": np.random.default_rng(10).integers(-50, 1000, 300).astype(F).tolist(),
    "bytes": np.random.default_rng(11).integers(0, 256, 500).astype(F).tolist(),
    "row ids": [float(i) for i in range(1, 301)],
    "cents": np.round(np.random.default_rng(12).gamma(2.0, 30.0, 500), 2).tolist(),
    "signed zeros": [0.0, -0.0, 1.0, -1.0],
    "one outlier": [*_normal(400, 13).tolist(), 200.0],
    # the IQR squared is nothing beside the outlier squared, and the variance is beyond float64
    "one outlier past 1e154 IQRs": [*_normal(400, 20).tolist(), 1e200],
    "sentinel 9999": [*(20 + 5 * _normal(200, 14)).tolist(), 9999.0, 9999.0, 9999.0],
    "uniform with nulls": [
        None if i % 20 == 0 else float(v) for i, v in enumerate(np.random.default_rng(15).random(400))
    ],
    "beta": np.random.default_rng(16).beta(0.5, 0.5, 500).tolist(),
    "bimodal": np.concatenate([_normal(200, 17) - 5, _normal(200, 18) + 5]).tolist(),
    "exponential minus five": (np.random.default_rng(19).exponential(size=500) - 5).tolist(),
}
