"""Where the buckets of many groups end: all that a count of values up to a number needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from normflow.profiles.bits import Floats, Ints, floats, ordered
from normflow.profiles.grouped.columns import NANS, NEG_INFS, NULLS, OPAQUE, POS_INFS, ROWS, WHOLES, ZEROS

if TYPE_CHECKING:
    from normflow.profiles.grouped.columns import GroupedColumn


class Ends(NamedTuple):
    """The largest value that each bucket may hold, ascending in a group, the groups one after the other.

    `counts` tells how many values stand in each bucket, `sizes` how many buckets each group has; zeros are
    a bucket of their own.
    """

    values: Floats
    counts: Ints
    sizes: Ints


def finite_of(column: GroupedColumn) -> Ints:
    """How many finite values each group has."""
    counts = column.counts
    beside = counts[[NULLS, NANS, POS_INFS, NEG_INFS, OPAQUE]].sum(axis=0)
    found: Ints = counts[ROWS] - beside
    return found


def upper_ends(column: GroupedColumn, first: int, last: int) -> Ends:
    """The ends of the groups from `first` to before `last`, as `ColumnProfile.points` has them."""
    groups = slice(first, last)
    held = column.histograms.between(first, last)
    n, zeros = finite_of(column)[groups], column.counts[ZEROS, groups]
    owner = np.repeat(np.arange(len(held.sizes)), held.sizes)
    level = held.levels[owner]
    end = (held.keys << level) | ((np.int64(1) << level) - 1)
    end = np.where(end == -1, -2, end)  # zeros are no bucket's
    values = floats(np.minimum(end, ordered(column.high[groups])[owner]))
    rounded = ((column.counts[WHOLES, groups] == n)[owner]) & (level > 0)
    if rounded.any():
        floor = np.floor(values)
        values = np.where(rounded, np.where(values <= 0, np.minimum(floor, -1.0), floor), values)
    has_zeros = zeros > 0
    below = np.bincount(owner[held.keys < 0], minlength=len(held.sizes))
    places = (np.cumsum(held.sizes) - held.sizes + below)[has_zeros]
    return Ends(
        np.insert(values, places, 0.0),
        np.insert(held.counts, places, zeros[has_zeros]),
        held.sizes + has_zeros,
    )
