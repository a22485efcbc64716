"""All parts of a column's profile while its batches stream by."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles.column import ColumnProfile
from normflow.profiles.counts import Counts
from normflow.profiles.extremes import Extremes
from normflow.profiles.running_histogram import RunningHistogram
from normflow.profiles.slices import RunningSums
from normflow.profiles.sums import Sums
from normflow.profiles.workbench import STRIDE

if TYPE_CHECKING:
    import polars as pl

    from normflow.profiles.bits import Floats
    from normflow.profiles.workbench import Workbench


class RunningColumn:
    """The state of one column; what it ends in is a function of the values alone.

    Without a resolution neither buckets nor distinct values are counted.
    """

    def __init__(self, resolution: int | None) -> None:
        self._counts = Counts()
        self._extremes = Extremes()
        self._sums = RunningSums()
        self._histogram = None if resolution is None else RunningHistogram(resolution)

    def add(self, series: pl.Series, bench: Workbench) -> None:
        """Add a batch of Float64 values."""
        series = series.alias("")  # some methods of a series read its name as a pattern
        nulls = series.null_count()
        self._counts += Counts(rows=len(series), nulls=nulls)
        if nulls:
            series = series.drop_nulls()
        if len(series):
            self._add_present(series, bench)

    def _add_present(self, series: pl.Series, bench: Workbench) -> None:
        values, ends = _values(series)
        if not all(map(math.isfinite, ends)):
            self._counts += _not_finite(series)
            series = series.filter(series.is_finite())
            if not len(series):
                return
            values, ends = _values(series)
        kinds = _kinds(values, *ends, bench)
        self._counts += kinds
        self._extremes += Extremes(*ends)
        self._sums.add(values, max(map(abs, ends)), bench)
        if self._histogram is None:
            return
        if kinds.zeros:  # which the histogram leaves to the counts
            series = series.filter(series != 0)
            if not len(series):
                return
            values, ends = _values(series)
        self._histogram.add(values, *ends, bench)

    def settled(self, bench: Workbench) -> ColumnProfile:
        """The profile of all that was added."""
        sums = Sums(self._counts.finite, *self._sums.totals(bench))
        if self._histogram is None:
            return ColumnProfile(self._counts, self._extremes, sums)
        histogram, distinct = self._histogram.settled(zeros=self._counts.zeros > 0)
        return ColumnProfile(self._counts, self._extremes, sums, histogram, distinct)


class RunningRows:
    """The state of a column that is no number: how many rows and nulls."""

    def __init__(self) -> None:
        self._counts = Counts()

    def add(self, is_null: pl.Series, bench: Workbench) -> None:  # noqa: ARG002 (as RunningColumn)
        """Add a batch of whether each value is null."""
        rows, nulls = len(is_null), int(is_null.sum())
        self._counts += Counts(rows=rows, nulls=nulls, opaque=rows - nulls)

    def settled(self, bench: Workbench) -> ColumnProfile:  # noqa: ARG002 (as RunningColumn)
        """The profile of all that was added."""
        return ColumnProfile(self._counts)


def _values(series: pl.Series) -> tuple[Floats, tuple[float, float]]:
    """The values of a series without nulls, and their ends (−0.0 as 0.0); NaN where there is one."""
    values = series.rechunk().to_numpy()
    return values, (float(values.min()) + 0.0, float(values.max()) + 0.0)


def _not_finite(series: pl.Series) -> Counts:
    return Counts(
        nans=int(series.is_nan().sum()),
        pos_infs=int((series == math.inf).sum()),
        neg_infs=int((series == -math.inf).sum()),
    )


def _kinds(values: Floats, low: float, high: float, bench: Workbench) -> Counts:
    """How many finite values between `low` and `high` are zero, negative and whole."""
    zeros = negatives = wholes = 0
    for start in range(0, len(values), STRIDE):
        stride = values[start : start + STRIDE]
        flags, whole = bench.flags[: len(stride)], bench.first[: len(stride)].view(np.float64)
        np.rint(stride, out=whole)
        wholes += int(np.count_nonzero(np.equal(stride, whole, out=flags)))
        if low <= 0 <= high:
            zeros += int(np.count_nonzero(np.equal(stride, 0.0, out=flags)))
        if low < 0:
            negatives += int(np.count_nonzero(np.less(stride, 0.0, out=flags)))
    return Counts(zeros=zeros, negatives=negatives, wholes=wholes)
