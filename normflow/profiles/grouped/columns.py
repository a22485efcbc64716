"""What is known of one column in every group: arrays over the groups, and profiles made when asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles.column import ColumnProfile
from normflow.profiles.counts import Counts
from normflow.profiles.extremes import Extremes
from normflow.profiles.grouped.histograms import Histograms
from normflow.profiles.grouped.limbs import Limbs
from normflow.profiles.sums import Sums

if TYPE_CHECKING:
    from normflow.profiles.bits import Floats, Ints

KINDS = Counts.__match_args__
ROWS, NULLS, NANS, POS_INFS, NEG_INFS, ZEROS, NEGATIVES, WHOLES, OPAQUE = range(len(KINDS))


def no_counts(groups: int) -> Ints:
    """Counts of nothing, one row a kind."""
    return np.zeros((len(KINDS), groups), np.int64)


@dataclass(frozen=True, eq=False)
class GroupedColumn:
    """The parts of `ColumnProfile`, each for all groups; equal values are equal bits.

    `counts` has a row for each field of `Counts`. `low` is ∞ and `high` −∞ where a group has no finite value.
    `resolution` is 0 for a column that is no number.
    """

    resolution: int
    counts: Ints
    low: Floats
    high: Floats
    first: Limbs = field(default_factory=Limbs)
    second: Limbs = field(default_factory=Limbs)
    histograms: Histograms = field(default_factory=Histograms)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GroupedColumn):
            return NotImplemented
        return (
            (self.resolution, self.first, self.second, self.histograms)
            == (other.resolution, other.first, other.second, other.histograms)
            and np.array_equal(self.counts, other.counts)
            and np.array_equal(self.low, other.low)
            and np.array_equal(self.high, other.high)
        )

    def __hash__(self) -> int:
        return hash((self.resolution, self.counts.tobytes(), self.histograms))

    def profile(self, group: int) -> ColumnProfile:
        """What is known of one group; without registers."""
        counts = Counts(*self.counts[:, group].tolist())
        if not counts.rows:
            return ColumnProfile()
        if not self.resolution:
            return ColumnProfile(counts)
        low, high = float(self.low[group]), float(self.high[group])
        sums = Sums(counts.finite, self.first.number(group), self.second.number(group))
        histogram = self.histograms.histogram(group, self.resolution)
        return ColumnProfile(counts, Extremes(low, high) if counts.finite else Extremes(), sums, histogram)
