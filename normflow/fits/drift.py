"""How far values have moved from those that taught a fit."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from normflow.fits.reference import SHARES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.fits.reference import Reference
    from normflow.profiles import ColumnProfile
    from normflow.profiles.bits import Floats

FEW_ROWS = 200  # with fewer the index says more about chance than about the values
BINS = 10
FLOOR = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A column's distance from what taught the fit.

    Args:
        rows: how many rows were compared with the fit's.
        taught: how many rows taught the fit.
        psi: the population stability index Σ (a − e)·ln(a/e) over ten bins of equal mass of the fit's values
            and one for missing values; shares of rows, none below 1e-4.
        ks: the largest difference of the two distribution functions at the ends of the fit's values and of
            each fortieth of them: at most 1/40 below the Kolmogorov-Smirnov statistic.
        outside: the share of the finite values that lie outside the fitted range.
        missing: the missing share less that of the fit.
        shift: how far the 5, 25, 50, 75 or 95 % quantile moved at most, in interquartile ranges of the fit
            (in its whole range where that is 0); None without values on a side, or where the range is 0.
    """

    rows: int
    taught: int
    psi: float
    ks: float
    outside: float
    missing: float
    shift: float | None

    @property
    def few(self) -> bool:
        """Whether so few rows, then or now, are compared that it is nothing to act on."""
        return min(self.rows, self.taught) < FEW_ROWS

    def to_json(self) -> dict[str, float | int | None]:
        """The fields as plain JSON values."""
        return asdict(self)


def drift_of(reference: Reference, profile: ColumnProfile) -> Drift:
    """How far a profile is from a reference; all 0 for the profile that the reference is of.

    Counts are those of the histogram's buckets, each by the value that stands for it.

    Raises:
        FitError: the shape of the profile's values was not observed.
    """
    upto = _upto(profile, reference.edges)
    below, within = _ends(profile, reference)
    outside = (profile.n - within) / profile.n if profile.n else 0.0
    return Drift(
        rows=profile.rows,
        taught=reference.rows,
        psi=_psi(reference, profile, upto),
        ks=_ks(reference, profile, upto, (below, profile.n - within - below)),
        outside=outside,
        missing=_missing(profile.rows, profile.n) - _missing(reference.rows, reference.n),
        shift=_shift(reference, profile),
    )


def _upto(profile: ColumnProfile, edges: Sequence[float]) -> np.ndarray:
    """How many values lie up to each edge, the edge among them."""
    points = profile.points()
    return np.append(0, points.above)[np.searchsorted(points.values, edges, "right")]


def _ends(profile: ColumnProfile, reference: Reference) -> tuple[int, int]:
    """How many values lie below the fitted range, and how many in it."""
    if reference.low is None or reference.high is None or not profile.n:
        return 0, 0
    upto = _upto(profile, (math.nextafter(reference.low, -math.inf), reference.high))
    return int(upto[0]), int(upto[1] - upto[0])


def _psi(reference: Reference, profile: ColumnProfile, upto: np.ndarray) -> float:
    if not (reference.rows and profile.rows):
        return 0.0
    before = np.array(reference.upto, np.int64)
    tenths = -(-reference.n * np.arange(1, BINS) // BINS)
    cuts = np.unique(np.searchsorted(before, tenths))
    cuts = cuts[cuts < len(before)]
    expected = _shares(before[cuts], reference.n, reference.rows)
    actual = _shares(upto[cuts], profile.n, profile.rows)
    return float(((actual - expected) * np.log(actual / expected)).sum())


def _shares(upto: np.ndarray, n: int, rows: int) -> Floats:
    """The share of the rows in each bin, and of the missing ones."""
    counts = np.diff(np.concatenate([[0], upto, [n, rows]]))
    return np.maximum(counts / rows, FLOOR)


def _ks(reference: Reference, profile: ColumnProfile, upto: np.ndarray, beyond: tuple[int, int]) -> float:
    if not (reference.n and profile.n):
        return 0.0
    apart = np.abs(np.array(reference.upto, np.int64) / reference.n - upto / profile.n)
    return float(max(*(one / profile.n for one in beyond), apart.max(initial=0.0)))


def _missing(rows: int, n: int) -> float:
    return (rows - n) / rows if rows else 0.0


def _shift(reference: Reference, profile: ColumnProfile) -> float | None:
    if reference.low is None or reference.high is None or not profile.n:
        return None
    _, lower, _, upper, _ = reference.quantiles
    unit = upper - lower or reference.high - reference.low
    moved = max(
        abs(now - then) for now, then in zip(profile.quantile(SHARES), reference.quantiles, strict=True)
    )
    found = moved / unit if unit else math.inf if moved else 0.0
    return found if math.isfinite(found) else None
