"""How far the values of each group have moved from those that taught it, counted while rows stream by.

Only counts are held, as many for a group of ten rows as for one of ten million.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from normflow.fits.drift import FEW_ROWS, FLOOR, Drift
from normflow.fits.groups.references import BINS

if TYPE_CHECKING:
    from normflow.fits.groups.references import GroupReferences
    from normflow.profiles.bits import Bools, Floats, Ints

CHANCE = 50.0  # of χ² with ten degrees of freedom: chance passes it in one of four million groups
INNER = BINS + 2  # the bins, and what lies below and above the fitted range
WIDTH = 16  # ends of bins a group: a power of two, the last ones infinite
QUARTERS = (0.25, 0.5, 0.75)  # beyond the first and the last tenth a line says little
CHUNK = 1 << 16  # values counted at a time


@dataclass(frozen=True, eq=False)
class GroupDrift:
    """A column's distance from what taught it, in every group; arrays over the fit's groups.

    They are those of `Drift`, with tenths of a group's values where that has fortieths: `ks` is at most 1/10
    too small, and `shift` is that of the quartiles, read off a line between the edges. Where no row came, all
    are 0; `shift` is NaN where `Drift` has None. `chi2` is the χ² statistic of both samples' counts in the
    bins of `psi`, Σ (t·A − r·E)² / (t·r·(A + E)) with t rows that taught and r that came: what tells a move
    from chance, which has an index of its own in groups of few rows.
    """

    rows: Ints
    taught: Ints
    psi: Floats
    chi2: Floats
    ks: Floats
    outside: Floats
    missing: Floats
    shift: Floats

    @property
    def few(self) -> Bools:
        """Whether a group has so few rows, then or now, that it is nothing to act on."""
        return np.minimum(self.rows, self.taught) < FEW_ROWS

    def above(self, limit: float | None) -> Bools:
        """Which groups have moved further than the limit, and further than by chance."""
        if limit is None:
            return np.zeros(len(self.rows), np.bool_)
        return (self.psi > limit) & (self.chi2 > CHANCE)

    def group(self, place: int) -> Drift:
        """The distance of one group."""
        shift = float(self.shift[place])
        return Drift(
            rows=int(self.rows[place]),
            taught=int(self.taught[place]),
            psi=float(self.psi[place]),
            ks=float(self.ks[place]),
            outside=float(self.outside[place]),
            missing=float(self.missing[place]),
            shift=None if np.isnan(shift) else shift,
        )


class RunningGroupDrift:
    """One column's values counted between the edges of their groups."""

    def __init__(self, references: GroupReferences) -> None:
        self._references = references
        groups, has = len(references), references.n > 0
        self._ends = np.full((groups, WIDTH), np.inf)
        self._ends[:, 0] = np.where(has, np.nextafter(references.low, -np.inf), -np.inf)
        self._ends[:, 1:BINS] = np.maximum(references.edges, self._ends[:, :1])
        self._ends[:, BINS] = np.where(has, references.high, np.inf)
        self._bins = np.zeros(groups * INNER, np.int64)
        self._low, self._high = np.full(groups, np.inf), np.full(groups, -np.inf)

    def add(self, groups: Ints, values: Floats) -> None:
        """Count values of groups; those that are not finite are none."""
        for start in range(0, len(values), CHUNK):
            part = slice(start, start + CHUNK)
            finite = np.isfinite(values[part])
            self._add(groups[part][finite], values[part][finite])

    def _add(self, groups: Ints, values: Floats) -> None:
        ends, base, place = self._ends.reshape(-1), groups * WIDTH, np.zeros(len(values), np.int64)
        for step in (8, 4, 2, 1):  # the number of ends below each value, by halves
            place += step * (values > ends[base + place + (step - 1)])
        np.add.at(self._bins, groups * INNER + place, 1)
        np.minimum.at(self._low, groups, values)
        np.maximum.at(self._high, groups, values)

    def settled(self, rows: Ints) -> GroupDrift:
        """How far the values that were added are, where `rows` is how many rows came of each group."""
        known, bins = self._references, self._bins.reshape(-1, INNER)
        n = bins.sum(axis=1)
        upto = np.where(known.upto > 0, np.cumsum(bins, axis=1)[:, 1:BINS], 0)
        came, has = rows > 0, (n > 0) & (known.n > 0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            expected = _counts(known.upto, known.n, known.rows)
            actual = _counts(upto, n, rows)
            psi = _psi(expected / known.rows[:, None], actual / rows[:, None])
            chi2 = _chi2(expected, actual)
            apart = np.abs(known.upto / known.n[:, None] - upto / n[:, None]).max(axis=1)
            beyond = bins[:, [0, -1]] / n[:, None]
            missing = (rows - n) / rows - (known.rows - known.n) / known.rows
            shift = self._shift(upto, n)
        return GroupDrift(
            rows=rows,
            taught=known.rows,
            psi=np.where(came & (known.rows > 0), psi, 0.0),
            chi2=np.where(came & (known.rows > 0), chi2, 0.0),
            ks=np.where(has, np.maximum(apart, beyond.max(axis=1)), 0.0),
            outside=np.where(n > 0, np.where(known.n > 0, beyond.sum(axis=1), 1.0), 0.0),
            missing=np.where(came, missing, 0.0),
            shift=np.where(has & np.isfinite(shift), shift, np.where(came, np.nan, 0.0)),
        )

    def _shift(self, upto: Ints, n: Ints) -> Floats:
        known = self._references
        then = _quantiles(known.edges, known.upto, known.n, known.low, known.high)
        now = _quantiles(known.edges, upto, n, self._low, self._high)
        middle = then[:, 2] - then[:, 0]
        unit = np.where(middle > 0, middle, known.high - known.low)
        moved = np.abs(now - then).max(axis=1)
        return np.where(unit > 0, moved / unit, np.where(moved > 0, np.inf, 0.0))


def _counts(upto: Ints, n: Ints, rows: Ints) -> Ints:
    """A group's rows in each bin, and the missing ones."""
    return np.diff(np.column_stack([np.zeros_like(n), upto, n, rows]), axis=1)


def _psi(then: Floats, now: Floats) -> Floats:
    then, now = np.maximum(then, FLOOR), np.maximum(now, FLOOR)
    found: Floats = ((now - then) * np.log(now / then)).sum(axis=1)
    return found


def _chi2(expected: Ints, actual: Ints) -> Floats:
    taught, came = (one.sum(axis=1, keepdims=True).astype(np.float64) for one in (expected, actual))
    both = expected + actual
    terms = (np.sqrt(taught / came) * actual - np.sqrt(came / taught) * expected) ** 2 / both
    found: Floats = np.where(both > 0, terms, 0.0).sum(axis=1)
    return found


def _quantiles(edges: Floats, upto: Ints, n: Ints, low: Floats, high: Floats) -> Floats:
    """The quartiles on the line through the edges, from the smallest value to the largest."""
    x = np.column_stack([low, np.clip(edges, low[:, None], high[:, None]), high])
    y = np.column_stack([np.zeros(len(n)), upto / n[:, None], np.ones(len(n))])
    found = []
    for share in QUARTERS:
        right = np.clip((y < share).sum(axis=1), 1, BINS)[:, None]
        (x0, x1), (y0, y1) = (
            (np.take_along_axis(one, right - 1, 1)[:, 0], np.take_along_axis(one, right, 1)[:, 0])
            for one in (x, y)
        )
        part = np.where(y1 > y0, (share - y0) / (y1 - y0), 0.0)
        found.append(x0 * (1 - part) + x1 * part)
    return np.column_stack(found)
