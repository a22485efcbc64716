"""Standardize what a non-linear map made of a column."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from normflow.errors import FitError
from normflow.methods._method import known
from normflow.profiles import weighted
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile, Points

FLAT = 2.0**-40
"""A spread below this share of |mean| + std keeps fewer than 12 of the mapped values' 53 bits.

That is the limit where Polars, DuckDB and numpy compute y to equal bits, as they do ln x: standardizing
then magnifies one rounding, the same everywhere.
"""


STEADY = 2.0**-11
"""The same where y differs by up to 4·2^-53 of itself between two libraries.

Standardizing magnifies that by (|mean| + std)/std: from here on results agree to 1e-12·max(1, |z|), as
measured for (e^t − 1)/λ between Polars and DuckDB on 100 columns and their λ.
"""

LOST = 2.0**-28
"""Where a power map has lost 28 bits or more, its values are (nearly) one number.

Between this and STEADY a column such as air pressure, whose λ may be −1.4, keeps its map: two libraries then
agree to 1e-12·STEADY/share, which is 1e-7 at the worst, and refusing would end a nightly run for it.
"""


def standardized(
    profile: ColumnProfile,
    transform: Transform,
    *,
    ddof: int = 0,
    flat: float = FLAT,
    hint: str = "",
    points: Points | None = None,
) -> Transform:
    """The transform, followed by (y − mean)/std with the mean and std of the mapped points.

    The std's divisor is n − `ddof`. Both come from correctly rounded sums of values of the C library's
    functions, so that equal profiles give equal bits wherever the C library is the same. Subtracting the mean
    magnifies what y is off by |mean|/std; `flat` is the least share std/(|mean| + std) that is let through,
    and `hint` what to do then. `points` are others that stand for all of the profile's.

    Raises:
        FitError: the mapped values leave float64, or are (nearly) one value.
    """
    points = points or profile.points()
    try:
        y = transform.exact_points(points.values)
        ends = transform.exact_points(np.array([known(profile.min), known(profile.max)]))
    except OverflowError:
        y = ends = np.array([math.inf])
    top = float(np.max(np.abs(ends)))
    if not math.isfinite(top) or not np.isfinite(y).all():
        raise FitError(f"{_named(transform)} takes its values beyond float64")
    moments = weighted(y, points.counts)
    mean, std = (moments.mean, moments.std) if moments else (0.0, 0.0)
    if std * (1.0 - flat) <= flat * abs(mean):
        what = f"{_named(transform)} flattens its values to (nearly) one number, {mean}"
        raise FitError(what, hint=hint)
    if ddof:
        std *= math.sqrt(points.total / (points.total - ddof))
    return transform.then(Affine(shift=mean, scale=std))


def _named(transform: Transform) -> str:
    last = transform.maps[-1]
    options = ", ".join(f"{key} {value}" for key, value in last.to_json().items() if key != "kind")
    return f"{last.kind} with {options}" if options else last.kind
