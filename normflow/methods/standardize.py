"""Standardize what a non-linear map made of a column."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from normflow.errors import FitError
from normflow.methods._method import known
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile

FLAT = 2.0**-40
"""A spread below this share of |mean| + std keeps fewer than 12 of the mapped values' 53 bits.

That is the limit where Polars, DuckDB and numpy compute y to equal bits, as they do ln x: standardizing
then magnifies one rounding, the same everywhere.
"""


def standardized(
    profile: ColumnProfile, transform: Transform, *, flat: float = FLAT, hint: str = ""
) -> Transform:
    """The transform, followed by (y − mean)/std with the mean and std (ddof 0) of the mapped points.

    They are summed exactly (`math.fsum`) from values of the C library's functions, so that equal profiles
    give equal bits wherever the C library is the same. Subtracting the mean magnifies what y is off by
    |mean|/std; `flat` is the least share std/(|mean| + std) that is let through, and `hint` what to do then.

    Raises:
        FitError: the mapped values leave float64, or are (nearly) one value.
    """
    points = profile.points()
    try:
        y = transform.exact_points(points.values)
        ends = transform.exact_points(np.array([known(profile.min), known(profile.max)]))
    except OverflowError:
        y = ends = np.array([math.inf])
    top = float(np.max(np.abs(ends)))
    if not math.isfinite(top) or not np.isfinite(y).all():
        raise FitError(f"{_named(transform)} takes its values beyond float64")
    # in units of the power of two at or below the largest, so that no square leaves float64
    unit = math.ldexp(1.0, math.frexp(top)[1] - 1)
    scaled, counts = y / unit, points.counts.astype(np.float64)
    mean = math.fsum((scaled * counts).tolist()) / points.total
    away = scaled - mean
    std = math.sqrt(math.fsum((away * away * counts).tolist()) / points.total)
    if std <= flat * (abs(mean) + std):
        what = f"{_named(transform)} flattens its values to (nearly) one number, {mean * unit}"
        raise FitError(what, hint=hint)
    return transform.then(Affine(shift=mean * unit, scale=std * unit))


def _named(transform: Transform) -> str:
    last = transform.maps[-1]
    options = ", ".join(f"{key} {value}" for key, value in last.to_json().items() if key != "kind")
    return f"{last.kind} with {options}" if options else last.kind
