"""The numbers of the real data, by column."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np

DATA = Path(__file__).parents[2] / "configs" / "data"


def weather() -> dict[str, np.ndarray]:
    """The numbers of the real data, by column."""
    frame = pl.read_parquet(DATA / "weather.parquet")
    measured = [name for name, dtype in frame.schema.items() if dtype.is_float()]
    return {name: frame[name].drop_nulls().cast(pl.Float64).to_numpy() for name in measured}


WEATHER = weather()
