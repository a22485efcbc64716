"""Exact sums of many groups at once: fixed-point numbers of 32-bit digits, a row of digits a group.

A float64 is m·2^(e − 1074) with a whole m below 2^53: shifted to the place of its digits it is a few whole
numbers below 2^32, which add up exactly in int64. Only the digits that some value touches are held. (The long
accumulator of Kulisch 1971, with digits that leave room for carries as in Collange, Defour, Graillat &
Iakymchuk 2015.)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles.bits import MAGNITUDE, Ints

if TYPE_CHECKING:
    from normflow.profiles.bits import Bits, Floats
    from normflow.profiles.grouped.ordering import Pairs

DIGIT = 32
LOWEST = np.uint64((1 << DIGIT) - 1)
FRACTION = 52  # bits of a float64 below its leading one
SPARE = 2  # digits above the largest: for carries and the sign
LOAD = 1 << 30  # values whose digits an int64 holds the sum of


@dataclass(frozen=True, slots=True, eq=False)
class Limbs:
    """A whole number a group: Σ digits[group, j]·2^(32·(base + j)).

    All digits but the highest are in [0, 2^32), the highest has the sign. There are no more columns than some
    group needs, so equal sums have equal digits.
    """

    base: int = 0
    digits: Ints = field(default_factory=lambda: np.zeros((0, 0), np.int64))

    def number(self, group: int) -> int:
        """The whole number of one group."""
        return sum(digit << DIGIT * (self.base + j) for j, digit in enumerate(self.digits[group].tolist()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Limbs):
            return NotImplemented
        return self.base == other.base and np.array_equal(self.digits, other.digits)

    def __hash__(self) -> int:
        return hash((self.base, self.digits.shape, self.digits.tobytes()))


class RunningLimbs:
    """Sums that values are added to."""

    def __init__(self) -> None:
        self._base = 0
        self._digits: Ints = np.zeros((0, 0), np.int64)
        self._load = 0  # values since the last carry

    def add(self, groups: Ints, place: Ints, digits: list[Ints], load: int) -> None:
        """Add numbers whose lowest digits are at `place`, and which are sums of `load` values altogether."""
        self._make_room(int(groups.max()) + 1, int(place.min()), int(place.max()) + len(digits))
        cell = groups * self._digits.shape[1] + (place - self._base)
        flat = self._digits.reshape(-1)
        for digit in digits:
            np.add.at(flat, cell, digit)
            cell += 1
        self._add_load(load)

    def add_limbs(self, places: Ints, limbs: Limbs) -> None:
        """Add sums, each to the group at its place."""
        width = limbs.digits.shape[1]
        if width and len(places):
            self._make_room(int(places.max()) + 1, limbs.base, limbs.base + width)
            start = limbs.base - self._base
            self._digits[places, start : start + width] += limbs.digits
            self._add_load(1)

    def _add_load(self, load: int) -> None:
        self._load += load
        if self._load > LOAD:
            _carry(self._digits)
            self._load = 1

    def _make_room(self, groups: int, low: int, high: int) -> None:
        rows, width = self._digits.shape
        high += SPARE
        if width:
            low, high = min(low, self._base), max(high, self._base + width)
        if groups > rows or (low, high) != (self._base, self._base + width):
            wider = np.zeros((rows if groups <= rows else max(groups, 2 * rows), high - low), np.int64)
            start = self._base - low if width else 0
            wider[:rows, start : start + width] = self._digits
            self._base, self._digits = low, wider

    def settled(self, order: Ints) -> Limbs:
        """The sums of the groups in this order."""
        rows, width = self._digits.shape
        digits = np.zeros((len(order), width), np.int64)
        known = order < rows
        digits[known] = self._digits[order[known]]
        _carry(digits)
        return _trimmed(self._base, digits)


def add_points(points: Pairs, values: Floats, first: RunningLimbs, second: RunningLimbs) -> None:
    """Add the values of ascending points to the sums of their groups, and their squares to the others."""
    bits = values.view(np.uint64) & np.uint64(MAGNITUDE)
    exponent = (bits >> np.uint64(FRACTION)).view(np.int64)
    lead = np.minimum(exponent, 1)  # numbers below the normal ones lack the leading one
    exponent -= lead
    whole = (bits & np.uint64((1 << FRACTION) - 1)) | (lead << np.int64(FRACTION)).view(np.uint64)
    half = exponent >> np.int64(4)  # the digit of the square; two of them make a digit of the value
    runs = _runs(points.groups, half)
    groups, half, load = points.groups[runs], half[runs], int(points.counts.sum())
    signed = np.where(values < 0, -points.counts, points.counts)
    low, high = whole & LOWEST, whole >> np.uint64(DIGIT)
    # first
    once = (exponent & np.int64(31)).view(np.uint64)
    digits = [np.add.reduceat(digit.view(np.int64) * signed, runs) for digit in _shifted([low, high], once)]
    first.add(groups, half >> np.int64(1), digits, load)
    # second: (high·2^32 + low)²
    twice = (exponent & np.int64(15)).view(np.uint64) << np.uint64(1)
    digits = [
        np.add.reduceat(digit.view(np.int64) * points.counts, runs)
        for digit in _shifted(_square(low, high), twice)
    ]
    second.add(groups, half, digits, load)


def _square(low: Bits, high: Bits) -> list[Bits]:
    """The four digits of (high·2^32 + low)², where `high` is below 2^21."""
    digit = np.uint64(DIGIT)
    lows, cross, highs = low * low, low * high, high * high
    cross <<= np.uint64(1)
    middle = (lows >> digit) + (cross & LOWEST)
    upper = highs + (cross >> digit) + (middle >> digit)
    return [lows & LOWEST, middle & LOWEST, upper & LOWEST, upper >> digit]


def _shifted(digits: list[Bits], shift: Bits) -> list[Bits]:
    """The digits of a number times 2^shift, one more than before; `shift` is below 32."""
    back = np.uint64(DIGIT) - shift
    carried = [digit >> back for digit in digits]
    moved = [(digit << shift) & LOWEST for digit in digits]
    middle = [one | other for one, other in zip(moved[1:], carried[:-1], strict=True)]
    return [moved[0], *middle, carried[-1]]


def _runs(groups: Ints, place: Ints) -> Ints:
    """Where neighbours differ in group or place."""
    change = (groups[1:] != groups[:-1]) | (place[1:] != place[:-1])
    return np.flatnonzero(np.concatenate([[True], change]))


def _carry(digits: Ints) -> None:
    """Bring all digits but the highest into [0, 2^32)."""
    for j in range(digits.shape[1] - 1):
        over = digits[:, j] >> np.int64(DIGIT)
        digits[:, j] &= np.int64(LOWEST)
        digits[:, j + 1] += over


def _trimmed(base: int, digits: Ints) -> Limbs:
    """Digits without columns of zeros at the low end, and without mere signs at the high end."""
    used = np.flatnonzero(digits.any(axis=0))
    if not len(used):
        return Limbs(0, np.zeros((len(digits), 0), np.int64))
    start, end = int(used[0]), digits.shape[1]
    highest = digits[:, -1].copy()
    while end - start > 1 and bool(((highest == 0) | (highest == -1)).all()):
        end -= 1
        highest = digits[:, end - 1] + (highest << np.int64(DIGIT))
    trimmed = digits[:, start:end].copy()
    trimmed[:, -1] = highest
    return Limbs(base + start, trimmed)
