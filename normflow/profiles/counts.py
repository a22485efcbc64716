"""How many rows, and of which kind."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import add, attrgetter


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by kind; merging adds.

    `zeros`, `negatives` and `wholes` count finite values, and a zero is whole; `opaque` are values that are
    no numbers (text, say), of which nothing else is known.
    """

    rows: int = 0
    nulls: int = 0
    nans: int = 0
    pos_infs: int = 0
    neg_infs: int = 0
    zeros: int = 0
    negatives: int = 0
    wholes: int = 0
    opaque: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(add, numbers(self), numbers(other)))

    @property
    def finite(self) -> int:
        """How many values are finite numbers."""
        return self.rows - self.nulls - self.nans - self.pos_infs - self.neg_infs - self.opaque


numbers = attrgetter(*(field.name for field in fields(Counts)))
