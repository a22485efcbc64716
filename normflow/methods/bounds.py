"""The interval that a bounded method works on: fitted, declared, or given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

from normflow.errors import FitError
from normflow.methods._method import known

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile

Bounds: TypeAlias = Literal["fitted", "declared"] | tuple[float, float]


def interval(bounds: Bounds, profile: ColumnProfile) -> tuple[float, float]:
    """The two ends; `fitted` is the column's smallest and largest value.

    Raises:
        FitError: their difference is beyond float64, or they are declared and nobody put the contract's
            range in their place.
    """
    if bounds == "declared":
        raise FitError(
            "bounds: declared takes the contract's range, and none is declared for this column",
            hint="write its range in the contract, or bounds: [lo, hi]",
        )
    lo, hi = (known(profile.min), known(profile.max)) if isinstance(bounds, str) else bounds
    if not math.isfinite(hi - lo):
        raise FitError(f"the largest less the smallest value, {hi} − {lo}, is beyond float64")
    return lo, hi
