"""All that is known of one column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import overload

from normflow.errors import FitError
from normflow.profiles import moments, quantiles, stored
from normflow.profiles.counts import Counts
from normflow.profiles.distinct import Distinct
from normflow.profiles.extremes import Extremes
from normflow.profiles.histogram import Histogram
from normflow.profiles.points import Points
from normflow.profiles.sums import Sums, within_float64

WIDE = Fraction(1, 100)  # of the interquartile range
SOME = 512  # points for scores and likelihoods


@dataclass(frozen=True)
class ColumnProfile:
    """What is known of a column, a function of its values alone; `a + b` is the profile of the rows of both.

    Order, files, batches and threads leave no trace. `ColumnProfile()` is nothing. Moments and quantiles are
    those of the finite values; None stands for what they do not define. `refined` holds quantiles that a
    closer look has made exact; it is no part of the state, and a merge drops it.
    """

    counts: Counts = field(default_factory=Counts)
    extremes: Extremes = field(default_factory=Extremes)
    sums: Sums = field(default_factory=Sums)
    histogram: Histogram = field(default_factory=Histogram)
    registers: Distinct = field(default_factory=Distinct)
    refined: Mapping[float, float] = field(default_factory=dict, compare=False, repr=False)

    def __add__(self, other: ColumnProfile) -> ColumnProfile:
        histogram = self.histogram + other.histogram
        registered = not histogram.exact and self._has_registers and other._has_registers
        return ColumnProfile(
            self.counts + other.counts,
            self.extremes + other.extremes,
            self.sums + other.sums,
            histogram,
            self._registered() + other._registered() if registered else Distinct(),
        )

    @property
    def _has_registers(self) -> bool:
        return self.exact or bool(self.registers.registers)

    def _registered(self) -> Distinct:
        """The registers of the values, which an exact histogram still holds."""
        return Distinct.of(self.points().values) if self.exact else self.registers

    # how many

    @property
    def rows(self) -> int:
        """How many rows."""
        return self.counts.rows

    @property
    def nulls(self) -> int:
        """How many nulls."""
        return self.counts.nulls

    @property
    def nans(self) -> int:
        """How many NaN."""
        return self.counts.nans

    @property
    def pos_infs(self) -> int:
        """How many +∞."""
        return self.counts.pos_infs

    @property
    def neg_infs(self) -> int:
        """How many −∞."""
        return self.counts.neg_infs

    @property
    def zeros(self) -> int:
        """How many zeros, −0.0 among them."""
        return self.counts.zeros

    @property
    def negatives(self) -> int:
        """How many finite values below zero."""
        return self.counts.negatives

    @property
    def wholes(self) -> int:
        """How many finite whole numbers, zeros among them."""
        return self.counts.wholes

    @property
    def n(self) -> int:
        """How many finite values."""
        return self.counts.finite

    @property
    def missing(self) -> float:
        """The share of rows that hold no value: null, NaN or ±∞; 0 without rows."""
        return (self.rows - self.n - self.counts.opaque) / self.rows if self.rows else 0.0

    @property
    def is_whole(self) -> bool:
        """Whether all finite values are whole numbers."""
        return self.n > 0 and self.wholes == self.n

    # extremes

    @property
    def min(self) -> float | None:
        """The smallest finite value."""
        return self.extremes.low

    @property
    def max(self) -> float | None:
        """The largest finite value."""
        return self.extremes.high

    @property
    def is_constant(self) -> bool:
        """Whether all finite values are one."""
        return self.n > 0 and self.min == self.max

    # moments

    @property
    def mean(self) -> float | None:
        """The arithmetic mean, correctly rounded."""
        return self.sums.mean

    def variance(self, ddof: int = 0) -> float | None:
        """The variance with divisor n − ddof, correctly rounded.

        Raises:
            FitError: where it lies beyond float64.
        """
        return self.sums.variance(ddof)

    def std(self, ddof: int = 0) -> float | None:
        """The root of the variance with divisor n − ddof, correctly rounded.

        Raises:
            FitError: where it lies beyond float64.
        """
        return self.sums.std(ddof)

    @cached_property
    def skew(self) -> float | None:
        """Moment skewness g1 = m3/m2^1.5 (biased, as scipy's and Polars' default)."""
        return moments.skewness(self._about)

    @property
    def skew_unbiased(self) -> float | None:
        """Skewness G1 = g1·√(n(n − 1))/(n − 2), as pandas' and DuckDB's; None below three values."""
        if self.skew is None or self.n <= 2:  # noqa: PLR2004  (the formula's own)
            return None
        return self.skew * math.sqrt(self.n * (self.n - 1)) / (self.n - 2)

    @cached_property
    def kurtosis(self) -> float | None:
        """Excess kurtosis g2 = m4/m2² − 3 (biased)."""
        return moments.kurtosis(self._about)

    @cached_property
    def _about(self) -> moments.Known | None:
        return moments.about_the_mean(self.points(), self.sums)

    # shape

    @cached_property
    def has_shape(self) -> bool:
        """Whether the histogram holds all finite values; a profile with a part that has none has none."""
        return int(self.histogram.counts.sum()) + self.zeros == self.n

    @property
    def exact(self) -> bool:
        """Whether each bucket of the histogram is one value, so that quantiles and points are exact."""
        return self.histogram.exact and self.has_shape

    @overload
    def quantile(self, q: float) -> float: ...

    @overload
    def quantile(self, q: Sequence[float]) -> list[float]: ...

    def quantile(self, q: float | Sequence[float]) -> float | list[float]:
        """The q-quantile (Hyndman-Fan type 7); numpy's `linear`, bit for bit, where exact or refined.

        Raises:
            FitError: without a finite value.
        """
        if isinstance(q, Sequence):
            found = quantiles.several(self.points(), q)
            return [self.refined.get(one, value) for one, value in zip(q, found, strict=True)]
        return self.refined[q] if q in self.refined else quantiles.quantile(self.points(), q)

    def quantile_bounds(self, q: float) -> tuple[float, float]:
        """Two numbers that the q-quantile of the rows themselves lies between.

        Raises:
            FitError: without a finite value.
        """
        if q in self.refined:
            return self.refined[q], self.refined[q]
        return quantiles.quantile_bounds(self.points(), q)

    @property
    def median(self) -> float | None:
        """The 0.5-quantile."""
        return self.quantile(0.5) if self.n else None

    @property
    def iqr(self) -> float | None:
        """The interquartile range: the 0.75-quantile less the 0.25-quantile.

        Raises:
            FitError: where it lies beyond float64.
        """
        return (
            within_float64(self.quantile(0.75) - self.quantile(0.25), "interquartile range")
            if self.n
            else None
        )

    def coarse_at(self, q: float) -> bool:
        """Whether the bounds of the q-quantile lie further apart than 1 % of the interquartile range.

        That is the least range that the quartiles' own bounds allow: to know one quantile better makes no
        other one `coarse_at`.
        """
        if self.exact or not self.n:
            return False
        (_, first), (last, _), (low, high) = (
            map(Fraction, self.quantile_bounds(one)) for one in (0.25, 0.75, q)
        )
        return high - low > WIDE * max(last - first, Fraction(0))

    @cached_property
    def coarse(self) -> bool:
        """Whether a quartile is `coarse_at`: a fit from the rows reads them again for it."""
        return any(map(self.coarse_at, (0.25, 0.5, 0.75)))

    @cached_property
    def distinct(self) -> int:
        """How many different finite values: exact where `exact`, else an estimate (1.6 % standard error).

        Where an inexact profile has no registers (that of a group keeps none) it is a lower bound: the number
        of buckets.
        """
        if self.exact or not self.registers.registers:
            return len(self.points().values)
        return self.registers.estimate

    @property
    def mode(self) -> float | None:
        """The commonest finite value, the smallest of several; the middle of its bucket unless `exact`."""
        points = self.points()
        return float(points.values[int(points.counts.argmax())]) if self.n else None

    @property
    def top_share(self) -> float:
        """The share of the commonest finite value, 0 without one; an upper bound unless `exact`."""
        return int(self.points().counts.max()) / self.n if self.n else 0.0

    def points(self) -> Points:
        """The values in ascending order, zero among them, each with its count: one value a bucket."""
        return self._points

    @cached_property
    def _points(self) -> Points:
        self._require_shape()
        return Points.of(self.histogram, self.extremes, self.zeros, whole=self.is_whole)

    def _require_shape(self) -> None:
        if not self.has_shape:
            raise FitError("only counts, extremes and sums of these values were observed, not their shape")

    def condensed(self, k: int = SOME) -> Points:
        """The points, gathered to about `k` of them."""
        return self._some if k == SOME else self.points().condensed(k)

    @cached_property
    def _some(self) -> Points:
        return self.points().condensed(SOME)

    def coarser(self, resolution: int) -> ColumnProfile:
        """The same values in at most so many buckets, as if they had been observed with that resolution."""
        held = self.histogram
        histogram = Histogram.settled(held.level, held.keys, held.counts, resolution)
        registers = Distinct() if histogram.exact else self._registered()
        return ColumnProfile(self.counts, self.extremes, self.sums, histogram, registers)

    # stored form

    def to_bytes(self) -> bytes:
        """The state as bytes, versioned and compressed; equal states have equal bytes.

        Raises:
            FitError: the shape was not observed.
        """
        self._require_shape()
        return stored.packed((self.counts, self.extremes, self.sums, self.histogram, self.registers))

    @classmethod
    def from_bytes(cls, data: bytes) -> ColumnProfile:
        """The profile that `to_bytes` stored.

        Raises:
            FormatError: where the bytes are damaged or of a version this program does not read.
        """
        return cls(*stored.unpacked(data))
