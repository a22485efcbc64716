"""What the written rows look like, collected in the pass that writes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow.contract.counts import failures, read_failures
from normflow.dtypes import as_float
from normflow.naming import column as named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.contract.outputs import OutputChecks


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnStatistics:
    """One output column: nulls and NaN counted; min, max, mean and std (ddof 0) where they are finite."""

    nulls: int
    nans: int = 0
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    std: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The written rows: how many, each column, and how many rows failed each check (by its id)."""

    rows: int
    columns: Mapping[str, ColumnStatistics]
    failed: Mapping[str, int]

    @classmethod
    def read(cls, frame: pl.DataFrame) -> Statistics:
        """The statistics of a collected `statistics` frame."""
        values = frame.row(0, named=True)
        found: dict[str, dict[str, Any]] = {}
        for alias, value in values.items():
            part, _, name = alias.partition(":")
            if part in ColumnStatistics.__dataclass_fields__:
                found.setdefault(name, {})[part] = value if part in COUNTED else _finite(value)
        columns = {name: ColumnStatistics(**parts) for name, parts in found.items()}
        return cls(rows=values["rows"], columns=columns, failed=read_failures(values))


COUNTED = ("nulls", "nans")


def statistics(lf: pl.LazyFrame, checks: OutputChecks) -> pl.LazyFrame:
    """One row over the transformed rows, all of it streaming aggregates; read by `Statistics.read`.

    Polars sums floats in the order batches arrive, so mean and std may differ in the last digits between
    runs: they judge, and nothing is derived from them.
    """
    measures = [one for name, dtype in checks.columns.items() for one in _measures(name, dtype)]
    return lf.select(pl.len().alias("rows"), *measures, *failures(checks.rows))


def _measures(name: str, dtype: pl.DataType) -> list[pl.Expr]:
    x = named(name)
    nulls = x.null_count().alias(f"nulls:{name}")
    if not dtype.is_numeric():
        return [nulls]
    number = as_float(x, dtype)
    return [
        nulls,
        number.is_nan().sum().alias(f"nans:{name}"),
        number.min().alias(f"min:{name}"),
        number.max().alias(f"max:{name}"),
        number.mean().alias(f"mean:{name}"),
        number.std(ddof=0).alias(f"std:{name}"),
    ]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
