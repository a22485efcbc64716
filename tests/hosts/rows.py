"""Rows of many kinds, for a host that transforms them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

RNG = np.random.default_rng(11)
ROWS = 3000
DATA = pl.DataFrame(
    {
        "k": RNG.choice(["JFK", "LGA", "EWR"], ROWS),
        "month": RNG.integers(1, 13, ROWS),
        "x": RNG.normal(50, 10, ROWS),
        "price": np.exp(RNG.normal(0, 1.5, ROWS)),
        "count": RNG.poisson(3, ROWS),
        "hole": [None if i % 7 == 0 else i % 13 / 3 for i in range(ROWS)],
        "odd": [(1.5, float("nan"), float("inf"), -2.0)[i % 4] for i in range(ROWS)],
        "at": [dt.datetime(2013, 1, 1, tzinfo=dt.UTC) + i * dt.timedelta(hours=5) for i in range(ROWS)],
        "word": [f"w{i % 5}" for i in range(ROWS)],
    }
)
