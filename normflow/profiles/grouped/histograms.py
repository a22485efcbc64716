"""The histograms of many groups, end to end in one array."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles.bits import Ints, bit_lengths
from normflow.profiles.grouped.ordering import Pairs, added, firsts, folded
from normflow.profiles.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Sequence

CHUNK = 1 << 16  # buckets merged at a time
LENGTHS = 65  # bits that two keys may differ in: 0 to 64


def _nothing() -> Ints:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Histograms:
    """A level a group, and how many buckets it has; the keys and counts of one group follow on another's.

    Each group's part is what `Histogram` holds of its values.
    """

    levels: Ints = field(default_factory=_nothing)
    sizes: Ints = field(default_factory=_nothing)
    keys: Ints = field(default_factory=_nothing)
    counts: Ints = field(default_factory=_nothing)

    @classmethod
    def of(cls, pairs: Pairs, levels: Ints) -> Histograms:
        """The histograms of ascending pairs of group and key, which are at these levels."""
        return cls(levels, np.bincount(pairs.groups, minlength=len(levels)), pairs.keys, pairs.counts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histograms):
            return NotImplemented
        mine, its = self.parts, other.parts
        return all(np.array_equal(one, another) for one, another in zip(mine, its, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(one.tobytes() for one in self.parts))

    @property
    def parts(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Levels, sizes, keys and counts."""
        return self.levels, self.sizes, self.keys, self.counts

    @cached_property
    def ends(self) -> Ints:
        """Where the buckets of each group end."""
        return np.cumsum(self.sizes)

    def histogram(self, group: int, resolution: int) -> Histogram:
        """The histogram of one group."""
        end = int(self.ends[group])
        buckets = slice(end - int(self.sizes[group]), end)
        return Histogram(int(self.levels[group]), self.keys[buckets], self.counts[buckets], resolution)

    def between(self, first: int, last: int) -> Histograms:
        """The histograms of the groups from `first` to before `last`."""
        groups = slice(first, last)
        start, end = (int(self.ends[group - 1]) if group else 0 for group in (first, last))
        return Histograms(
            self.levels[groups], self.sizes[groups], self.keys[start:end], self.counts[start:end]
        )

    def pairs(self, levels: Ints) -> Pairs:
        """Group and key of each bucket at these levels, which are not below its own."""
        groups = np.repeat(np.arange(len(levels)), self.sizes)
        rise = levels - self.levels
        return Pairs(groups, self.keys >> rise[groups] if rise.any() else self.keys, self.counts)

    def among(self, groups: int) -> Histograms:
        """The same histograms, with empty ones behind them so that there are so many."""
        more = groups - len(self.sizes)
        if not more:
            return self
        empty = np.zeros(more, np.int64)
        levels, sizes = (np.concatenate([one, empty]) for one in (self.levels, self.sizes))
        return Histograms(levels, sizes, self.keys, self.counts)

    def placed(self, places: Ints, groups: int) -> Histograms:
        """The same histograms, each as that of the group at its place among so many."""
        levels, sizes = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
        levels[places], sizes[places] = self.levels, self.sizes
        if bool((places[1:] > places[:-1]).all()):
            return Histograms(levels, sizes, self.keys, self.counts)
        order = np.argsort(places)
        many = self.sizes[order]
        moves = (self.ends[order] - many) - (np.cumsum(many) - many)
        old = np.repeat(moves, many)
        old += np.arange(len(self.keys))
        return Histograms(levels, sizes, self.keys[old], self.counts[old])


def together(parts: Sequence[Histograms], resolution: int) -> Histograms:
    """The histograms of all values of all parts, which name the same groups."""
    held = [part for part in parts if len(part.keys)]
    if not held:
        return parts[0]
    many = np.cumsum(np.add.reduce([part.sizes for part in held]))
    cuts = np.searchsorted(many, np.arange(CHUNK, int(many[-1]), CHUNK)) + 1
    ends = [*np.unique(cuts).tolist(), len(many)]
    chunks = [
        _together([part.between(first, last) for part in held], resolution)
        for first, last in pairwise([0, *ends])
    ]
    return Histograms(*map(np.concatenate, zip(*(chunk.parts for chunk in chunks), strict=True)))


def _together(parts: list[Histograms], resolution: int) -> Histograms:
    """The same for groups so few that all steps stay in the cache of a core."""
    levels = np.maximum.reduce([part.levels for part in parts])
    pairs = Pairs(*map(np.concatenate, zip(*(part.pairs(levels) for part in parts), strict=True)))
    return settled(pairs if len(parts) == 1 else added(pairs), levels, resolution)


def settled(pairs: Pairs, levels: Ints, resolution: int) -> Histograms:
    """The histograms of ascending pairs at levels that are low enough, raised as far as they must be."""
    sizes = np.bincount(pairs.groups, minlength=len(levels))
    full = np.flatnonzero(sizes > resolution)
    if len(full):
        rises = np.zeros(len(levels), np.int64)
        rises[full] = _rises(pairs, sizes > resolution, resolution)
        levels = levels + rises
        pairs = folded(pairs._replace(keys=pairs.keys >> rises[pairs.groups]))
    return Histograms.of(pairs, levels)


def _rises(pairs: Pairs, full: np.ndarray, resolution: int) -> Ints:
    """How many more bits the keys of each full group must lose: `smallest_rise`, for all groups at once."""
    inside = full[pairs.groups]
    groups, keys = pairs.groups[inside], pairs.keys[inside]
    lengths = bit_lengths((keys[1:] ^ keys[:-1]).view(np.uint64))
    starts = firsts(groups)
    ranks = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(groups)))
    neighbours = ranks[1:] == ranks[:-1]
    cells = (ranks[1:] * LENGTHS + lengths)[neighbours]
    table = np.bincount(cells, minlength=len(starts) * LENGTHS).reshape(-1, LENGTHS)
    apart = table.sum(axis=1, keepdims=True) - np.cumsum(table, axis=1)  # neighbours that stay apart
    rises: Ints = np.argmax(apart < resolution, axis=1)
    return rises
