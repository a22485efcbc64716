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
    from collections.abc import Iterator, Sequence

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
        many, starts = self.sizes[order], self.ends[order] - self.sizes[order]
        keys, counts = np.empty_like(self.keys), np.empty_like(self.counts)
        done = 0
        for first, last in _cuts(many):
            length = many[first:last]
            here = np.repeat(starts[first:last] - (np.cumsum(length) - length), length)
            here += np.arange(len(here))
            end = done + len(here)
            keys[done:end], counts[done:end] = self.keys[here], self.counts[here]
            done = end
        return Histograms(levels, sizes, keys, counts)


def together(parts: Sequence[Histograms], resolution: int) -> Histograms:
    """The histograms of all values of all parts, which name the same groups."""
    held = [part for part in parts if len(part.keys)]
    if not held:
        return parts[0]
    levels, sizes = np.zeros_like(held[0].levels), np.zeros_like(held[0].sizes)
    keys, counts = (np.empty(sum(len(part.keys) for part in held), np.int64) for _ in range(2))
    done = 0
    for first, last in _cuts(np.add.reduce([part.sizes for part in held])):
        found = _together([part.between(first, last) for part in held], resolution)
        end = done + len(found.keys)
        levels[first:last], sizes[first:last] = found.levels, found.sizes
        keys[done:end], counts[done:end] = found.keys, found.counts
        done = end
    if 2 * done < len(keys):  # room that was never written to is no memory, but half of it might be
        keys, counts = keys[:done].copy(), counts[:done].copy()
    return Histograms(levels, sizes, keys[:done], counts[:done])


def _cuts(sizes: Ints) -> Iterator[tuple[int, int]]:
    """Neighbouring groups, together as many buckets as stay in the cache of a core, or a single one."""
    ends = np.cumsum(sizes)
    cuts = np.unique(np.searchsorted(ends, np.arange(CHUNK, int(ends[-1]), CHUNK)) + 1)
    return pairwise([0, *cuts[cuts < len(sizes)].tolist(), len(sizes)])


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
