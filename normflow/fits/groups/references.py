"""What a fit keeps of a column's values in every group, so that later ones can be compared."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from normflow.errors import FormatError
from normflow.profiles.grouped.ends import finite_of, upper_ends
from normflow.profiles.stored import from_planes, opened, planes, sealed

if TYPE_CHECKING:
    from normflow.profiles.bits import Floats, Ints
    from normflow.profiles.grouped.columns import GroupedColumn

BINS = 10
MAGIC = b"NFgr"
VERSION = 1
LARGEST = 1 << 32  # bytes of one column: 20 million groups
AT_ONCE = 1024  # groups whose buckets are looked at together


@dataclass(frozen=True, eq=False)
class GroupReferences:
    """The parts of `Reference` for all groups, with an edge at the end of each tenth of a group's values.

    `rows` and `n` are how many rows and finite values taught each group; `low` is ∞, `high` −∞ where it has
    none. `edges` has a row a group; where values repeat there are fewer, and −∞ stands in the place of the
    others. `upto` tells how many values lie up to each.
    """

    rows: Ints
    n: Ints
    low: Floats
    high: Floats
    edges: Floats
    upto: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of(cls, column: GroupedColumn, rows: Ints) -> GroupReferences:
        """The references of a column's state, where `rows` is how many rows each group has."""
        n = finite_of(column)
        edges, upto = np.full((len(n), BINS - 1), -np.inf), np.zeros((len(n), BINS - 1), np.int64)
        for first in range(0, len(n), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            edges[part], upto[part] = _tenths(column, first, min(first + AT_ONCE, len(n)), n[part])
        return cls(rows, n, column.low, column.high, edges, upto)

    def to_text(self) -> str:
        """All arrays as text: compressed byte planes in base64, bit for bit."""
        numbers = (self.rows, self.n, self.upto)
        values = (self.low, self.high, self.edges)
        blocks = [
            *(planes(one.reshape(-1).view(np.uint64)) for one in numbers),
            *(planes(np.ascontiguousarray(one).reshape(-1).view(np.uint64)) for one in values),
        ]
        return base64.b64encode(sealed(MAGIC, VERSION, blocks)).decode()

    @classmethod
    def from_text(cls, text: str, groups: int) -> GroupReferences:
        """Read what `to_text` wrote of so many groups.

        Raises:
            FormatError: it is damaged, or of another number of groups.
        """
        try:
            blocks = opened(MAGIC, VERSION, base64.b64decode(text, validate=True), LARGEST)
            sizes = (groups, groups, groups * (BINS - 1)) * 2
            whole = [from_planes(one, size) for one, size in zip(blocks, sizes, strict=True)]
        except (ValueError, TypeError, AttributeError) as error:
            raise _damaged() from error
        rows, n, upto, low, high, edges = whole
        found = cls(
            rows,
            n,
            low.view(np.float64),
            high.view(np.float64),
            edges.view(np.float64).reshape(groups, BINS - 1),
            upto.reshape(groups, BINS - 1),
        )
        if not found._consistent:
            raise _damaged()
        return found

    @property
    def _consistent(self) -> bool:
        has = self.n > 0
        return bool(
            ((self.n >= 0) & (self.n <= self.rows)).all()
            and (np.isfinite(self.low) == has).all()
            and (np.isfinite(self.high) == has).all()
            and (self.low <= self.high)[has].all()
            and (self.edges[:, 1:] >= self.edges[:, :-1]).all()
            and (self.edges < np.inf).all()
            and (self.upto[:, 1:] >= self.upto[:, :-1]).all()
            and ((self.upto >= 0) & (self.upto <= self.n[:, None])).all()
        )


def _tenths(column: GroupedColumn, first: int, last: int, n: Ints) -> tuple[Floats, Ints]:
    """Where each tenth of the values ends, and how many lie up to there, of some groups."""
    ends = upper_ends(column, first, last)
    if not len(ends.values):
        return np.full((last - first, BINS - 1), -np.inf), np.zeros((last - first, BINS - 1), np.int64)
    above = np.cumsum(ends.counts)
    before = np.cumsum(n) - n
    steps = -(-n[:, None] * np.arange(1, BINS) // BINS)  # so many values, rounded up
    places = np.minimum(np.searchsorted(above, before[:, None] + steps), len(above) - 1)
    upto = above[places] - before[:, None]
    inner = (upto < n[:, None]) & (n > 0)[:, None]  # the largest value is no edge
    edges = np.where(inner, ends.values[places], -np.inf)
    return np.sort(edges, axis=1), np.sort(np.where(inner, upto, 0), axis=1)


def _damaged() -> FormatError:
    return FormatError("what a stored fit keeps of its groups is damaged", hint="fit again")
