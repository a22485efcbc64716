"""The state of one column in every group while rows stream by: arrays over the groups, grown as they come."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles.bits import MAGNITUDE, Floats, Ints, floats
from normflow.profiles.grouped.columns import (
    NANS,
    NEG_INFS,
    NEGATIVES,
    NULLS,
    OPAQUE,
    POS_INFS,
    ROWS,
    WHOLES,
    ZEROS,
    GroupedColumn,
    no_counts,
)
from normflow.profiles.grouped.histograms import Histograms, together
from normflow.profiles.grouped.limbs import RunningLimbs, add_points
from normflow.profiles.grouped.ordering import Pairs, counted, firsts, folded

if TYPE_CHECKING:
    import polars as pl

CHUNK = 1 << 15  # values added at a time
MOST_WAITING = 32  # histograms, each with arrays over all groups


class RunningGroups:
    """Counts, extremes, sums and histograms; what they end in is a function of each group's values alone.

    The histograms of later rows wait, until there are enough of them to be worth a walk over all buckets.
    """

    def __init__(self, resolution: int) -> None:
        self._resolution = resolution
        self._counts = no_counts(0)
        self._low: Floats = np.empty(0)
        self._high: Floats = np.empty(0)
        self._first, self._second = RunningLimbs(), RunningLimbs()
        self._histograms = Histograms()
        self._waiting: list[Histograms] = []

    def add(self, numbers: Ints, series: pl.Series, groups: int) -> None:
        """Add Float64 values of numbered groups, whose numbers ascend.

        Where the column is no number: whether each is null.
        """
        self._make_room(groups)
        self._counts[ROWS] += np.bincount(numbers, minlength=groups)
        if not self._resolution:
            absent = series.to_numpy()
            self._count(NULLS, numbers[absent])
            self._count(OPAQUE, numbers[~absent])
            return
        if series.null_count():
            absent = series.is_null().to_numpy()
            self._count(NULLS, numbers[absent])
            numbers, series = numbers[~absent], series.drop_nulls()
        values: Floats = series.rechunk().to_numpy()
        buckets = [self._add_chunk(numbers[part], values[part]) for part in _chunks(numbers)]
        self._wait(Histograms.of(_in_one(buckets), self._histograms.levels))

    def _add_chunk(self, numbers: Ints, values: Floats) -> Pairs:
        """Add all but the histograms of so few values that most steps stay in the cache of a core.

        The buckets of the histograms are given back.
        """
        finite = np.isfinite(values)
        if not finite.all():
            self._count(NANS, numbers[np.isnan(values)])
            self._count(POS_INFS, numbers[values == np.inf])
            self._count(NEG_INFS, numbers[values == -np.inf])
            numbers, values = numbers[finite], values[finite]
        if not len(values):
            return Pairs(numbers, numbers, numbers)
        points, values = _points(numbers, values)
        self._add_points(points, values)
        for start in range(0, len(values), CHUNK):  # a chunk of one large group is long
            part = slice(start, start + CHUNK)
            add_points(Pairs(*(one[part] for one in points)), values[part], self._first, self._second)
        buckets = Pairs(*(one[values != 0] for one in points))
        rise = self._histograms.levels[buckets.groups]
        return folded(buckets._replace(keys=buckets.keys >> rise)) if rise.any() else buckets

    def _add_points(self, points: Pairs, values: Floats) -> None:
        """Add the extremes and kinds of different values of groups in ascending order."""
        starts = firsts(points.groups)
        present = points.groups[starts]
        self._low[present] = np.minimum(self._low[present], values[starts])
        ends = np.append(starts[1:], len(values)) - 1
        self._high[present] = np.maximum(self._high[present], values[ends])
        for kind, members in (
            (ZEROS, values == 0),
            (NEGATIVES, values < 0),
            (WHOLES, values == np.rint(values)),
        ):
            if members.any():
                self._counts[kind, present] += np.add.reduceat(points.counts * members, starts)

    def add_column(self, places: Ints, column: GroupedColumn, groups: int) -> None:
        """Add what is known of groups that have these places among so many."""
        self._make_room(groups)
        self._resolution = self._resolution or column.resolution
        self._counts[:, places] += column.counts
        self._low[places] = np.minimum(self._low[places], column.low)
        self._high[places] = np.maximum(self._high[places], column.high)
        self._first.add_limbs(places, column.first)
        self._second.add_limbs(places, column.second)
        if column.resolution:
            self._wait(column.histograms.placed(places, groups))

    def settled(self, order: Ints) -> GroupedColumn:
        """What is known of the groups in this order."""
        groups = len(order)
        self._make_room(groups)
        self._merge()
        places = np.empty(groups, np.int64)
        places[order] = np.arange(groups)
        return GroupedColumn(
            self._resolution,
            self._counts[:, order],
            self._low[order],
            self._high[order],
            self._first.settled(order),
            self._second.settled(order),
            self._histograms.placed(places, groups),
        )

    def _count(self, kind: int, numbers: Ints) -> None:
        np.add.at(self._counts[kind], numbers, 1)

    def _make_room(self, groups: int) -> None:
        more = groups - len(self._low)
        if more > 0:
            self._counts = np.concatenate([self._counts, no_counts(more)], axis=1)
            self._low = np.concatenate([self._low, np.full(more, np.inf)])
            self._high = np.concatenate([self._high, np.full(more, -np.inf)])
            self._histograms = self._histograms.among(groups)

    def _wait(self, histograms: Histograms) -> None:
        self._waiting.append(histograms)
        waiting = sum(len(one.keys) for one in self._waiting)
        if waiting > len(self._histograms.keys) or len(self._waiting) > MOST_WAITING:
            self._merge()

    def _merge(self) -> None:
        if self._waiting:
            groups = len(self._low)
            parts = [self._histograms, *(one.among(groups) for one in self._waiting)]
            self._histograms, self._waiting = together(parts, self._resolution), []


def _chunks(numbers: Ints) -> list[slice]:
    """Parts of ascending numbers that have all of each number, as short as they can be above a chunk."""
    starts = firsts(numbers)
    cuts = np.searchsorted(starts, np.arange(CHUNK, len(numbers), CHUNK))
    ends = np.append(starts, len(numbers))[np.unique(cuts)].tolist()
    return [slice(*ends) for ends in pairwise([0, *ends, len(numbers)])]


def _points(numbers: Ints, values: Floats) -> tuple[Pairs, Floats]:
    """Different values of each group with their counts, ascending by group and value, and the values again.

    They are sorted as whole numbers of sign and magnitude: −0.0 is 0.0 there, and whole numbers of either
    sign end in many zero bits.
    """
    bits = values.view(np.int64)
    sign = bits >> np.int64(63)
    sizes = bits & np.int64(MAGNITUDE)
    found = counted(numbers, (sizes ^ sign) - sign)
    keys = found.keys + (found.keys >> np.int64(63))  # as `ordered` has them
    return found._replace(keys=keys), floats(keys)


def _in_one(pairs: list[Pairs]) -> Pairs:
    return Pairs(*map(np.concatenate, zip(*pairs, strict=True)))
