"""Counting buckets of raw bits fast: a dense window of neighbouring buckets, and slots for scattered ones.

A bucket here is the set of values that share `bits >> shift`, sign bit included. Both counters take the bits
of a stride of values and give back those whose bucket is not theirs.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from normflow.profiles.bits import MAGNITUDE, SIGN, bits_of, value_of
from normflow.profiles.histogram import merged

if TYPE_CHECKING:
    from normflow.profiles.bits import Bits, Bools, Ints
    from normflow.profiles.workbench import Workbench

FIBONACCI = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)  # odd multipliers that scatter neighbouring buckets
ROOM = 8  # slots a bucket at most: few enough collisions, little enough memory


class Tally(NamedTuple):
    """Different buckets in ascending order of their raw bits, and how many values each holds."""

    buckets: Bits
    counts: Ints


def tallied(buckets: Bits) -> Tally:
    """Different buckets, and how often each occurs."""
    return Tally(*np.unique(buckets, return_counts=True))


def together(tallies: list[Tally]) -> Tally:
    """One tally of several."""
    if len(tallies) == 1:
        return tallies[0]
    buckets: Bits = np.concatenate([one.buckets for one in tallies])
    return Tally(*merged(buckets, np.concatenate([one.counts for one in tallies])))


class Window:
    """All buckets of magnitudes between two ends, the negative ones right behind the positive ones.

    Args:
        shift: bits that a bucket lacks.
        base: the bucket of the smallest magnitude.
        width: how many buckets of one sign.
        signs: 1 for positive values, −1 for negative ones, 0 for both.
    """

    def __init__(self, shift: int, base: int, width: int, signs: int) -> None:
        everything = 1 << (63 - shift)
        if not signs and 2 * width > everything:
            base, width = 0, everything  # else a positive bucket could be taken for a negative one
        self._shift, self._base, self._width, self._signs = shift, base, width, signs
        self._offset = np.uint64((base << shift) | (SIGN if signs < 0 else 0))
        self._fold = np.uint64(everything - width)
        self._least = value_of(base << shift)
        self._most = value_of(min(((base + width) << shift) - 1, bits_of(sys.float_info.max)))
        self._counts = np.zeros(width if signs else 2 * width, np.int64)

    def start(self, tally: Tally) -> Tally:
        """Take over what was counted so far; what is outside the window is given back."""
        sign_bit = np.uint64(SIGN >> self._shift)
        negative = tally.buckets >= sign_bit
        place = (tally.buckets & (sign_bit - np.uint64(1))) - np.uint64(self._base)
        inside = place < np.uint64(self._width)
        if self._signs:
            inside &= negative == (self._signs < 0)
        else:
            place[negative] += np.uint64(self._width)
        self._counts[place[inside].view(np.int64)] = tally.counts[inside]
        return Tally(tally.buckets[~inside], tally.counts[~inside])

    def count(self, bits: Bits, low: float, high: float, bench: Workbench) -> Bits:
        """Count values between `low` and `high`; the bits of those outside the window."""
        place, other = bench.first[: len(bits)], bench.second[: len(bits)]
        np.subtract(bits, self._offset, out=place)
        np.right_shift(place, np.uint64(self._shift), out=place)
        if not self._signs:
            np.subtract(place, self._fold, out=other)
            np.minimum(place, other, out=place)
        missed = bits[:0]
        if not self._holds(bits, low, high, bench):
            outside = np.flatnonzero(self._outside(bits, bench))
            missed = bits[outside]
            place[outside] = 0
            self._counts[0] -= len(outside)
        self._counts += np.bincount(place.view(np.int64), minlength=len(self._counts))
        return missed

    def _holds(self, bits: Bits, low: float, high: float, bench: Workbench) -> bool:
        """Whether no value between `low` and `high` is outside."""
        if low < 0 < high:
            if self._signs or max(-low, high) > self._most:
                return False
            sizes = np.abs(bits.view(np.float64), out=bench.second[: len(bits)].view(np.float64))
            return bool(sizes.min() >= self._least)
        sign, least, most = (1, low, high) if low > 0 else (-1, -high, -low)
        return self._signs in (0, sign) and self._least <= least and most <= self._most

    def _outside(self, bits: Bits, bench: Workbench) -> Bools:
        place = bench.second[: len(bits)]
        if self._signs:
            np.subtract(bits, self._offset, out=place)
        else:
            np.bitwise_and(bits, np.uint64(MAGNITUDE), out=place)
            np.subtract(place, self._offset, out=place)
        np.right_shift(place, np.uint64(self._shift), out=place)
        return np.greater_equal(place, np.uint64(self._width), out=bench.flags[: len(bits)])

    @property
    def taken(self) -> int:
        """How many buckets hold a value."""
        return int(np.count_nonzero(self._counts))

    def tally(self) -> Tally:
        """What was counted, and in which buckets."""
        place = np.flatnonzero(self._counts)
        negative = (place >= self._width) if not self._signs else np.full(len(place), self._signs < 0)
        bucket = np.where(place >= self._width, place - self._width, place) + self._base
        sign_bit = np.uint64(SIGN >> self._shift)
        buckets = np.where(negative, bucket.astype(np.uint64) | sign_bit, bucket.astype(np.uint64))
        return Tally(buckets, self._counts[place])


class Slots:
    """Chosen buckets, found by a multiplicative hash; where two meet, the one with more values has the slot.

    Args:
        shift: bits that a bucket lacks.
        known: the buckets to count, with what they hold so far.
        attempt: which multiplier to use.
        room: the most slots to use.
    """

    def __init__(self, shift: int, known: Tally, attempt: int, room: int) -> None:
        wanted = min(room, ROOM * len(known.buckets))
        width = max(1, wanted.bit_length() - 1)
        self._shift, self._factor, self._cut = shift, np.uint64(FIBONACCI[attempt]), np.uint64(64 - width)
        order = np.argsort(-known.counts, kind="stable")
        place, first = np.unique(self._place(known.buckets[order]), return_index=True)
        held = order[first]
        # an empty slot names a bucket that no other slot is right for: all ones
        self._buckets: Bits = np.full(1 << width, (1 << (64 - shift)) - 1, np.uint64)
        self._buckets[place] = known.buckets[held]
        self._counts: Ints = np.zeros((1 << width) + 1, np.int64)  # the last one is for what is not held
        self._counts[place] = known.counts[held]
        rest = np.ones(len(known.buckets), np.bool_)
        rest[held] = False
        self.left = Tally(known.buckets[rest], known.counts[rest])

    def _place(self, buckets: Bits) -> Ints:
        return ((buckets * self._factor) >> self._cut).view(np.int64)

    def count(self, bits: Bits, low: float, high: float, bench: Workbench) -> Bits:  # noqa: ARG002 (as Window)
        """Count values; the bits of those whose bucket has no slot."""
        n = len(bits)
        bucket = np.right_shift(bits, np.uint64(self._shift), out=bench.first[:n])
        place = np.multiply(bucket, self._factor, out=bench.second[:n])
        place = np.right_shift(place, self._cut, out=place).view(np.int64)
        other = np.not_equal(self._buckets.take(place), bucket, out=bench.flags[:n])
        missed = bits[:0]
        if other.any():
            outside = np.flatnonzero(other)
            missed = bits[outside]
            place[outside] = len(self._buckets)
        self._counts += np.bincount(place, minlength=len(self._counts))
        return missed

    @property
    def taken(self) -> int:
        """How many buckets hold a value."""
        return int(np.count_nonzero(self._counts[:-1]))

    def tally(self) -> Tally:
        """What was counted, and in which buckets."""
        place = np.flatnonzero(self._counts[:-1])
        return Tally(self._buckets[place], self._counts[place])
