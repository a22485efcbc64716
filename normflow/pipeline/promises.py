"""What a fit promises of its outputs: the contract that follows from the maps, not from the rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from normflow.contract import DerivedColumn, bounds_in, widened
from normflow.dtypes import as_float, is_vector
from normflow.fits import source_number
from normflow.naming import column, member
from normflow.transforms import Nothing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.fits import ColumnFit, RowFit
    from normflow.pipeline.learn import Learned
    from normflow.pipeline.prepare import Prepared
    from normflow.spec import ColumnChecks

EVERYWHERE = (-math.inf, math.inf)
STD_HELD = (1e-140, 1e140)  # beyond it the squares of a float64 sum are lost
FLOAT32 = 2.0**-23  # what a Float32 may be off, as a share


def promises(prepared: Prepared, learned: Learned) -> list[DerivedColumn]:
    """What the fit promises of each output, an array's places one by one."""
    fit = learned.fit
    columns = [_promise(one, prepared) for one in fit.columns if not one.passes_through]
    return [*columns, *(one for rows in fit.row_wise for one in _rows(rows, prepared))]


def _promise(fit: ColumnFit, prepared: Prepared) -> DerivedColumn:
    # The bounds are the image of what may come in, not of what came: tomorrow's new maximum must not fail a
    # reused fit.
    around, transform = fit.treatment, fit.transform
    domain = transform.domain()
    number = source_number(fit, prepared.schema)
    guarded = around.guards.expr(around.entered(number))
    nothing = any(isinstance(one, Nothing) for one in transform.maps)
    kept = around.nonfinite == "keep"
    lo, hi = EVERYWHERE if kept or nothing else _image(fit, *_allowed(fit, prepared))
    if around.dtype == "Float32":
        lo, hi = lo - abs(lo) * FLOAT32, hi + abs(hi) * FLOAT32
    std = fit.after.std
    judged = std is not None and STD_HELD[0] < std < STD_HELD[1] and not kept
    return DerivedColumn(
        name=fit.label,
        lo=lo,
        hi=hi,
        finite=not kept,
        missing=guarded.is_null() | guarded.is_not_null() if nothing else guarded.is_null(),
        total=domain == EVERYWHERE or nothing,
        mean=fit.after.mean if judged else None,
        std=std if judged else None,
        mean_error=fit.after.mean_error,
        std_error=fit.after.std_error,
    )


def _rows(rows: RowFit, prepared: Prepared) -> Iterable[DerivedColumn]:
    schema = prepared.schema
    dtype = schema[rows.columns[0]]
    if is_vector(dtype):
        places = range(dtype.shape[0])
        names = [member(rows.outputs[0], place) for place in places]
        members = [as_float(column(rows.columns[0]).arr.get(place), dtype.inner) for place in places]
    else:
        names = list(rows.outputs)
        members = [as_float(column(name), schema[name]) for name in rows.columns]
    missing = ~pl.all_horizontal(x.is_finite().fill_null(value=False) for x in members)
    end = 1.0 + FLOAT32 if rows.method == "unit" else math.inf
    for name in names:
        yield DerivedColumn(name=name, lo=-end, hi=end, missing=missing)


def _image(fit: ColumnFit, lo: float, hi: float) -> tuple[float, float]:
    # Widened at every map: what one map rounds, the next may magnify.
    for one in fit.chain.maps:
        lo, hi = widened(*one.image(lo, hi))
    return lo, hi


def _allowed(fit: ColumnFit, prepared: Prepared) -> tuple[float, float]:
    """The values that may arrive: the declared range where no row may break it, within the domain."""
    domain, dtype = fit.chain.domain(), prepared.schema[fit.column]
    checks = prepared.pipeline.contract.get(fit.column)
    if checks is None or checks.range is None or not _forbids(checks):
        return domain
    bounds = bounds_in(checks.range, dtype)
    if bounds is None:
        return domain
    inside = max(domain[0], float(bounds[0])), min(domain[1], float(bounds[1]))
    return inside if inside[0] <= inside[1] else domain


def _forbids(checks: ColumnChecks) -> bool:
    """Whether no row outside the range is ever published."""
    return checks.on_fail == "quarantine" or (checks.severity == "error" and checks.max_failed is None)
