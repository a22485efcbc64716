"""How stable a choice is: what would be chosen without one part of the rows, for each part."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING

from normflow.select.choice import Stability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from normflow.profiles import ColumnProfile

MOST_PARTS = 32


def stability(
    parts: Sequence[ColumnProfile], chosen: str, again: Callable[[ColumnProfile], str]
) -> Stability | None:
    """Whether `again` gives the `chosen` method on the sum of all parts but one, for each part.

    None for a single part, and for more than 32, where one hardly counts. The others are merged again: what
    is taken away is never subtracted.
    """
    if not 1 < len(parts) <= MOST_PARTS:
        return None
    found = Counter(map(again, _without_one(parts)))
    agree = found.pop(chosen, 0)
    return Stability(partitions=len(parts), agree=agree, others=dict(sorted(found.items())))


def _without_one(parts: Sequence[ColumnProfile]) -> Iterator[ColumnProfile]:
    """The sums of all parts but one, with three merges a part."""
    before = list(accumulate(parts, add))
    after = list(accumulate(reversed(parts), add))[::-1]
    for place in range(len(parts)):
        sides = [before[place - 1]] if place else []
        sides += [after[place + 1]] if place + 1 < len(parts) else []
        yield sides[0] + sides[1] if len(sides) > 1 else sides[0]
