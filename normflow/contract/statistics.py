"""What the written rows look like, told by the batches of the pass that writes them."""

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


class RunningStatistics:
    """The statistics of rows that pass batch by batch.

    Sums of floats are taken batch by batch, and added up in the order the batches come, so mean and std may
    differ in the last digits between runs: they judge, and nothing is derived from them.
    """

    def __init__(self, checks: OutputChecks) -> None:
        measures = [one for name, dtype in checks.columns.items() for one in _measures(name, dtype)]
        self.exprs = [pl.len().alias("rows"), *measures, *failures(checks.rows)]
        self._names = list(checks.columns)
        self._counts: dict[str, int] = {}
        self._running: dict[str, _Moments] = {name: _Moments() for name in self._names}

    def add(self, values: Mapping[str, Any]) -> None:
        """Add what `exprs` say of a batch."""
        for name in self._names:
            if f"mean:{name}" in values:
                self._running[name].add(*(values[f"{part}:{name}"] for part in MEASURED))
        for alias, value in values.items():
            part = alias.partition(":")[0]
            if part not in MEASURED:
                self._counts[alias] = self._counts.get(alias, 0) + (value or 0)

    def settled(self) -> Statistics:
        """The statistics of all that was added."""
        columns = {name: self._column(name) for name in self._names}
        return Statistics(rows=self._counts["rows"], columns=columns, failed=read_failures(self._counts))

    def _column(self, name: str) -> ColumnStatistics:
        found = self._running[name]
        return ColumnStatistics(
            nulls=self._counts[f"nulls:{name}"],
            nans=self._counts.get(f"nans:{name}", 0),
            min=_finite(found.low),
            max=_finite(found.high),
            mean=_finite(found.mean),
            std=_finite(math.sqrt(found.variance)) if found.variance is not None else None,
        )


@dataclass(slots=True)
class _Moments:
    """Extremes, mean and variance (ddof 0) of numbers that come in parts, added as by Chan et al. (1979)."""

    count: int = 0
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    variance: float | None = None

    def add(
        self, count: int, low: float | None, high: float | None, mean: float | None, variance: float | None
    ) -> None:
        """Add a part; of one without numbers nothing is known."""
        if mean is None or variance is None or low is None or high is None:
            return
        if self.mean is None or self.variance is None or self.low is None or self.high is None:
            self.count, self.low, self.high, self.mean, self.variance = count, low, high, mean, variance
            return
        total = self.count + count
        share, apart = count / total, mean - self.mean
        self.variance += share * (variance - self.variance + (1 - share) * apart * apart)
        near = math.isfinite(apart)  # the difference of two means may be beyond a float64, their mean is not
        self.mean = self.mean + share * apart if near else (1 - share) * self.mean + share * mean
        # A part of nothing but NaN has no ends; behind one, a comparison with NaN would keep it.
        self.low = low if math.isnan(self.low) else min(self.low, low)
        self.high = high if math.isnan(self.high) else max(self.high, high)
        self.count = total


MEASURED = ("count", "min", "max", "mean", "var")


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
        number.count().alias(f"count:{name}"),
        number.mean().alias(f"mean:{name}"),
        number.var(ddof=0).alias(f"var:{name}"),
    ]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
