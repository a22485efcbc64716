"""Counts per bucket of the ordered bits: the shape of a column in a bounded number of buckets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from normflow.errors import FormatError
from normflow.profiles.bits import Bits, Floats, Ints, bit_lengths, ordered

RESOLUTION = 16_384

Keys = TypeVar("Keys", Ints, Bits)


def _nothing() -> Ints:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many of the non-zero finite values fall into each bucket of neighbouring floats.

    A bucket is the set of floats that share `key = ordered bits >> level`; `level` is the smallest at which
    at most `resolution` buckets are taken, which is a property of the values alone. At level 0 a bucket is
    one value. The key of a negative value is −1 − (magnitude bits >> level), so mirrored data have mirrored
    buckets. Resolution 0 is that of nothing, and gives way to any other.
    """

    level: int = 0
    keys: Ints = field(default_factory=_nothing)
    counts: Ints = field(default_factory=_nothing)
    resolution: int = 0

    @classmethod
    def of(cls, values: Floats, resolution: int = RESOLUTION) -> Histogram:
        """The histogram of non-zero finite values."""
        keys, counts = np.unique(ordered(values), return_counts=True)
        return cls.settled(0, keys, counts, resolution)

    @classmethod
    def settled(cls, level: int, keys: Ints, counts: Ints, resolution: int) -> Histogram:
        """The histogram of sorted keys at a level that is low enough, raised as far as it must be."""
        rise = smallest_rise(keys.view(np.uint64), resolution)
        if rise:
            level += rise
            keys, counts = folded(keys >> np.int64(rise), counts)
        return cls(level, keys, counts, resolution)

    def __add__(self, other: Histogram) -> Histogram:
        if not self.resolution:
            return other
        if not other.resolution:
            return self
        if self.resolution != other.resolution:
            raise FormatError(
                f"profiles of {self.resolution} and of {other.resolution} buckets do not merge",
                hint="profile the data again with one resolution",
            )
        level = max(self.level, other.level)
        both = [one.keys >> np.int64(level - one.level) for one in (self, other)]
        keys, counts = merged(np.concatenate(both), np.concatenate([self.counts, other.counts]))
        return Histogram.settled(level, keys, counts, self.resolution)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return (
            (self.level, self.resolution) == (other.level, other.resolution)
            and np.array_equal(self.keys, other.keys)
            and np.array_equal(self.counts, other.counts)
        )

    def __hash__(self) -> int:
        return hash((self.level, self.resolution, self.keys.tobytes(), self.counts.tobytes()))

    @property
    def exact(self) -> bool:
        """Whether each bucket is one value."""
        return self.level == 0


def merged(keys: Keys, counts: Ints) -> tuple[Keys, Ints]:
    """Different keys in ascending order, with all counts of each."""
    order = np.argsort(keys, kind="stable")  # which is quick where runs are in order already
    return folded(keys[order], counts[order])


def folded(keys: Keys, counts: Ints) -> tuple[Keys, Ints]:
    """Different keys of ascending ones, with all counts of each."""
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    return keys[starts], np.add.reduceat(counts, starts) if len(starts) else counts


def smallest_rise(buckets: Bits, resolution: int) -> int:
    """How many more bits sorted different buckets must lose for at most `resolution` of them to differ.

    Two neighbours stay apart at a shift below the bit length of their exclusive or, and for ever where the
    sign differs.
    """
    if len(buckets) <= resolution:
        return 0
    lengths = bit_lengths(buckets[1:] ^ buckets[:-1])
    return int(np.partition(lengths, len(lengths) - resolution)[len(lengths) - resolution])
