"""What a fit promises of its outputs: the contract that follows from the maps, not from the rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from normflow.contract import ULPS, DerivedColumn, bounds_in, widened
from normflow.dtypes import is_vector
from normflow.fits import hull, source_number
from normflow.naming import member
from normflow.transforms import Nothing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.fits import ColumnFit, Reading, RowFit, Rows
    from normflow.fits.groups.columns import ColumnGroups
    from normflow.fits.treatment import Treatment
    from normflow.pipeline.learn import Learned
    from normflow.pipeline.prepare import Prepared
    from normflow.transforms import Map

EVERYWHERE = (-math.inf, math.inf)
STD_HELD = (1e-140, 1e140)  # beyond it the squares of a float64 sum are lost
FLOAT32 = 2.0**-23  # what a Float32 may be off, as a share


def promises(prepared: Prepared, learned: Learned, rows: Rows) -> list[DerivedColumn]:
    """What the fit promises of each output, an array's places one by one; `rows` are those that enter."""
    fit = learned.fit
    grouped = fit.groups.columns if fit.groups else {}
    columns = [
        _grouped_promise(rows.readings[one.label], prepared, grouped[one.label])
        if one.label in grouped
        else _promise(one, prepared)
        for one in fit.columns
        if not one.passes_through
    ]
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
    lo, hi = EVERYWHERE if kept or nothing else image(fit, *_allowed(fit, prepared))
    lo, hi = rounded(around, lo, hi)
    std = fit.after.std
    judged = std is not None and STD_HELD[0] < std < STD_HELD[1] and not kept
    return DerivedColumn(
        name=fit.label,
        lo=lo,
        hi=hi,
        finite=not kept,
        missing=_absent(guarded, nothing=nothing),
        total=domain == EVERYWHERE or nothing,
        mean=fit.after.mean if judged else None,
        std=std if judged else None,
        mean_error=fit.after.mean_error,
        std_error=fit.after.std_error,
    )


def _grouped_promise(one: Reading, prepared: Prepared, groups: ColumnGroups) -> DerivedColumn:
    # The bounds are those of all groups together; of the mean over all groups nothing is known beforehand.
    around = one.treatment
    kept = around.nonfinite == "keep"
    lo, hi = EVERYWHERE if kept else hull(one.fit, groups, *_declared(one.fit, prepared), ULPS)
    lo, hi = rounded(around, lo, hi)
    empty = [any(isinstance(map_, Nothing) for map_ in way.maps) for way in one.ways]
    guarded = around.guards.expr(around.entered(source_number(one.fit, prepared.schema)))
    missing = one.picked([_absent(guarded, nothing=nothing) for nothing in empty])
    everywhere = [all(_is_total(map_) for map_ in way.maps) for way in one.ways]
    return DerivedColumn(
        name=one.fit.label,
        lo=lo,
        hi=hi,
        finite=not kept,
        missing=missing.fill_null(value=True),
        total=all(total or nothing for total, nothing in zip(everywhere, empty, strict=True)),
    )


def _absent(guarded: pl.Expr, *, nothing: bool) -> pl.Expr:
    """Whether a row has no output: all of them where the map gives nothing, one truth a row to be summed."""
    return guarded.is_null() | guarded.is_not_null() if nothing else guarded.is_null()


def rounded(around: Treatment, lo: float, hi: float) -> tuple[float, float]:
    """The bounds in the type that is written."""
    if around.dtype != "Float32":
        return lo, hi
    return lo - abs(lo) * FLOAT32, hi + abs(hi) * FLOAT32


def _is_total(one: Map) -> bool:
    return all(isinstance(end, float) and math.isinf(end) for end in one.domain())


def _rows(rows: RowFit, prepared: Prepared) -> Iterable[DerivedColumn]:
    members, (first, *_) = rows.members(prepared.schema), rows.outputs
    arrays = is_vector(prepared.schema[rows.columns[0]])
    names = [member(first, place) for place in range(len(members))] if arrays else rows.outputs
    missing = ~pl.all_horizontal(x.is_finite().fill_null(value=False) for x in members)
    end = 1.0 + FLOAT32 if rows.method == "unit" else math.inf
    for name in names:
        yield DerivedColumn(name=name, lo=-end, hi=end, missing=missing)


def image(fit: ColumnFit, lo: float, hi: float) -> tuple[float, float]:
    """Where an interval of a column goes."""
    # Widened at every map: what one map rounds, the next may magnify.
    for one in fit.chain.maps:
        lo, hi = widened(*one.image(lo, hi))
    return lo, hi


def _allowed(fit: ColumnFit, prepared: Prepared) -> tuple[float, float]:
    """The values that may arrive: the declared range where no row may break it, within the domain."""
    domain, declared = fit.chain.domain(), _declared(fit, prepared)
    inside = max(domain[0], declared[0]), min(domain[1], declared[1])
    return inside if inside[0] <= inside[1] else domain


def _declared(fit: ColumnFit, prepared: Prepared) -> tuple[float, float]:
    """The contract's range, where no row may break it."""
    checks = prepared.pipeline.contract.get(fit.column)
    if checks is None or checks.range is None or not checks.stops:
        return EVERYWHERE
    bounds = bounds_in(checks.range, prepared.schema[fit.column])
    return EVERYWHERE if bounds is None else (float(bounds[0]), float(bounds[1]))
