"""Which name somebody meant who typed another."""

from __future__ import annotations

import difflib
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST_NAME = 100  # beyond it nobody mistyped a name, and comparing takes long


def nearest(name: str, names: Collection[str]) -> str:
    """The known name that is the fewest slips of the hand away, else one that looks alike, else nothing.

    To leave off the end is one slip: `int` is `integer`.
    """
    return _nearest(name, tuple(names)) if 0 < len(name) <= LONGEST_NAME else ""


@lru_cache(maxsize=1_000)  # one mistake is often made many times in a file
def _nearest(name: str, names: tuple[str, ...]) -> str:
    most, typed = max(1, len(name) // 4), name.casefold()
    letters = Counter(typed)
    near = {one: 1 for one in names if len(name) > 1 and one.startswith(name)}
    for one in names:
        told = one.casefold()
        if abs(len(one) - len(name)) <= most and (Counter(told) - letters).total() <= most:
            slips = _slips(typed, told)
            if slips <= most and slips < max(len(one), len(name)):  # else they share no letter
                near[one] = slips
    if near:
        return max(near, key=lambda one: (-near[one], *_likeness(name, one)))
    return next(iter(difflib.get_close_matches(name, names, n=1, cutoff=0.6)), "")


def _slips(a: str, b: str) -> int:
    """The letters to insert, delete, replace or swap with their neighbour to make one text of the other.

    The restricted Damerau-Levenshtein distance: no letter is touched twice.
    """
    before, row = list[int](), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        earlier, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _likeness(a: str, b: str) -> tuple[int, float]:
    """For names as many slips away: how long they begin alike counts, then how much of them is alike."""
    begins = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return begins, difflib.SequenceMatcher(None, a, b).ratio()
