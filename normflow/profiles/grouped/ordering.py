"""Pairs of a group and a key in ascending order: what is counted per group is sorted first.

Group and key share 64 bits where both fit. Where they do not, the lowest bits of the key are left out, and
the few pairs that only those tell apart are put in order afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from normflow.profiles.bits import Bits, Ints

WORD = 64
FEW = 64
Kind = Literal["stable", "quicksort"]


class Pairs(NamedTuple):
    """Different pairs in ascending order, and how many values stand behind each."""

    groups: Ints
    keys: Ints
    counts: Ints


def counted(groups: Ints, keys: Ints) -> Pairs:
    """Different pairs of group and key, where groups ascend already, and how often each occurs."""
    packing = _Packing(groups, keys)
    # few keys a group: nearly in order, which the stable sort makes use of
    kind: Kind = "stable" if len(keys) < FEW * packing.groups else "quicksort"
    if packing.whole:
        packed = packing.packed(groups, keys)
        packed.sort(kind=kind)
        starts = _starts(packed[1:] != packed[:-1])
        groups, keys = packing.unpacked(packed[starts])
        return Pairs(groups, keys, np.diff(starts, append=len(packed)))
    keys = keys[packing.order(groups, keys, kind)]
    starts = _starts((keys[1:] != keys[:-1]) | (groups[1:] != groups[:-1]))
    return Pairs(groups[starts], keys[starts], np.diff(starts, append=len(keys)))


def added(pairs: Pairs) -> Pairs:
    """Different pairs in ascending order of some in any order, with all counts of each."""
    # stable: quick where runs are in order already
    order = _Packing(pairs.groups, pairs.keys).order(pairs.groups, pairs.keys, "stable")
    return folded(Pairs(*(one[order] for one in pairs)))


def folded(pairs: Pairs) -> Pairs:
    """Different pairs of ascending ones, with all counts of each."""
    groups, keys, counts = pairs
    starts = _starts((keys[1:] != keys[:-1]) | (groups[1:] != groups[:-1]))
    return Pairs(groups[starts], keys[starts], np.add.reduceat(counts, starts))


def firsts(numbers: Ints) -> Ints:
    """Where the runs of equal numbers begin."""
    return _starts(numbers[1:] != numbers[:-1]) if len(numbers) else np.empty(0, np.int64)


def _starts(changes: np.ndarray) -> Ints:
    return np.flatnonzero(np.concatenate([[True], changes]))


class _Packing:
    """Group and key in one unsigned word, in the order of the pairs."""

    def __init__(self, groups: Ints, keys: Ints) -> None:
        self._low, self._first = keys.min(), groups.min()
        self.groups = int(groups.max() - self._first) + 1
        steps = int(np.bitwise_or.reduce(keys - self._low))  # may wrap around, as the words below do
        span = int(keys.max()) - int(self._low)
        self._ending = (steps & -steps).bit_length() - 1 if steps else 0
        room = WORD - self.groups.bit_length()
        self._drop = max(self._ending, span.bit_length() - room)
        self._shift = room
        self.whole = self._drop == self._ending

    def packed(self, groups: Ints, keys: Ints) -> Bits:
        """The words of pairs."""
        words: Bits = (keys - self._low).view(np.uint64)
        words >>= np.uint64(self._drop)
        words |= (groups - self._first).view(np.uint64) << np.uint64(self._shift)
        return words

    def unpacked(self, packed: Bits) -> tuple[Ints, Ints]:
        """The pairs behind words, where they are whole."""
        groups = packed >> np.uint64(self._shift)
        steps = (packed ^ (groups << np.uint64(self._shift))) << np.uint64(self._drop)
        return groups.view(np.int64) + self._first, steps.view(np.int64) + self._low

    def order(self, groups: Ints, keys: Ints, kind: Kind) -> Ints:
        """The places of pairs in ascending order."""
        packed = self.packed(groups, keys)
        order: Ints = np.argsort(packed, kind=kind)
        return order if self.whole else _mended(order, packed[order], keys)


def _mended(order: Ints, packed: Bits, keys: Ints) -> Ints:
    """The order of words made that of the keys, where equal words hide different keys."""
    keys = keys[order]
    same = packed[1:] == packed[:-1]
    if not (same & (keys[1:] < keys[:-1])).any():
        return order
    hidden = np.flatnonzero(np.append(same, False) | np.append(False, same))
    order[hidden] = order[hidden][np.lexsort((keys[hidden], packed[hidden]))]
    return order
