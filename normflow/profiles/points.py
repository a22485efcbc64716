"""A column as weighted points: one value a bucket, and how many rows stand behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles.bits import Floats, Ints, floats, ordered

if TYPE_CHECKING:
    from normflow.profiles.extremes import Extremes
    from normflow.profiles.histogram import Histogram


@dataclass(frozen=True, eq=False)
class Points:
    """Values in ascending order, each with its count.

    `low` and `high` are the ends of the bucket a value stands for; all three are one where the histogram is
    exact.
    """

    values: Floats
    counts: Ints
    low: Floats
    high: Floats

    @property
    def total(self) -> int:
        """How many rows stand behind all points."""
        return int(self.above[-1]) if len(self.counts) else 0

    @cached_property
    def above(self) -> Ints:
        """How many rows stand behind each point and those before it."""
        return np.cumsum(self.counts)

    @classmethod
    def of(cls, histogram: Histogram, extremes: Extremes, zeros: int, *, whole: bool) -> Points:
        """Zero, and the middle of each bucket's ends, which the extremes clip.

        In a column of whole numbers the ends and the middle are whole.
        """
        low, high = _ends(histogram, extremes, whole=whole)
        middle = low + (high - low) / 2
        if whole:
            middle = np.clip(np.rint(middle), low, high)
        counts = histogram.counts
        if zeros:
            place = int(np.searchsorted(histogram.keys, 0))
            middle, low, high = (np.insert(one, place, 0.0) for one in (middle, low, high))
            counts = np.insert(counts, place, zeros)
        return cls(middle, counts, low, high)

    def condensed(self, k: int = 512) -> Points:
        """Some `k` points: those whose middle ranks fall into one k-th of the rows become their mean.

        A point that stands for more than one k-th of the rows stays what it is.
        """
        if len(self.values) <= k:
            return self
        middle_rank = self.above - self.counts / 2
        group = np.floor(middle_rank * (k / self.total)).astype(np.int64)
        heavy = self.counts * k > self.total
        alone = heavy | np.append(False, heavy[:-1])
        starts = np.flatnonzero(alone | (np.diff(group, prepend=-1) > 0))
        ends = np.append(starts[1:], len(group)) - 1
        group = np.repeat(np.arange(len(starts)), ends - starts + 1)
        counts = np.add.reduceat(self.counts, starts)
        # bincount adds in the order of the array, on every CPU
        mean = np.bincount(group, self.values * (self.counts / counts[group])).astype(np.float64)
        mean = np.clip(mean, self.values[starts], self.values[ends])
        return Points(mean, counts, self.low[starts], self.high[ends])

    def thinned(self, k: int, tail: int = 512) -> Points:
        """The `tail` points at each end as they are, and some `k` between them."""
        if len(self.values) <= k + 2 * tail:
            return self
        low, high = self._part(slice(0, tail)), self._part(slice(-tail, None))
        parts = (low, self._part(slice(tail, -tail)).condensed(k), high)
        return Points(*(np.concatenate([getattr(one, name) for one in parts]) for name in _FIELDS))

    def _part(self, part: slice) -> Points:
        return Points(*(getattr(self, name)[part] for name in _FIELDS))


_FIELDS = ("values", "counts", "low", "high")


def _ends(histogram: Histogram, extremes: Extremes, *, whole: bool) -> tuple[Floats, Floats]:
    """The smallest and the largest value each bucket may hold."""
    if extremes.low is None or extremes.high is None or not len(histogram.keys):
        return np.empty(0), np.empty(0)
    lowest, highest = ordered(np.array([extremes.low, extremes.high]))
    width = np.int64((1 << histogram.level) - 1)
    first = histogram.keys << np.int64(histogram.level)
    last = first | width
    # zeros are no bucket's, so the buckets next to zero begin and end at the smallest numbers there are
    first, last = np.where(first == 0, 1, first), np.where(last == -1, -2, last)
    low, high = floats(np.maximum(first, lowest)), floats(np.minimum(last, highest))
    if whole and histogram.level:  # there it is 1 and -1
        low = np.where(low >= 0, np.maximum(np.ceil(low), 1.0), np.ceil(low))
        high = np.where(high <= 0, np.minimum(np.floor(high), -1.0), np.floor(high))
    return low, high
