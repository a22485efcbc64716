"""A fit on a frame: forward, and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from normflow.dtypes import as_float, is_measurable, is_vector
from normflow.errors import FitError, SchemaError, suggestion
from normflow.fits.layout import Lane, laid_out
from normflow.naming import column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.fits.column import ColumnFit
    from normflow.fits.table import Fit

MISSING, OUTSIDE = "_missing", "_outside"


class Place(NamedTuple):
    """Where a number of a row stands: an output, and the dimension where it is an array."""

    output: str
    dimension: int | None = None


def transformed(lf: pl.LazyFrame, fit: Fit, *, raising: bool = True) -> pl.LazyFrame:
    """The frame with the fit applied; `raising` false leaves policies of `error` to who judges the rows.

    Raises:
        SchemaError: a fitted column is missing or cannot be a number.
    """
    schema = lf.collect_schema()
    require(fit, schema)
    order = {name: place for place, name in enumerate(schema)}
    active = sorted((one for one in fit.columns if not one.passes_through), key=lambda one: order[one.column])
    idle = [one for one in fit.columns if one.passes_through and one.column != one.output]
    lanes = {
        Place(one.output, one.index): Lane(_entry(one, schema, raising=raising), one.chain.stages)
        for one in active
    }
    result = laid_out(lf, lanes, partial(_outputs, active, idle, schema)) if active or idle else lf
    for rows in fit.row_wise:
        result = rows.applied(result)
    return result


def restored(
    lf: pl.LazyFrame, fit: Fit, columns: Iterable[str] | Mapping[str, str] | None = None
) -> pl.LazyFrame:
    """The frame with outputs brought back to the units of their columns.

    Raises:
        SchemaError: a named column is missing from the frame or from the fit, or cannot be undone.
    """
    schema = lf.collect_schema()
    wanted = undone(fit, schema, columns)
    lanes = {
        place: Lane(_number(place, schema), one.transform.inverse_stages) for place, one in wanted.items()
    }
    return laid_out(lf, lanes, partial(_gathered, schema)) if lanes else lf


def lost(
    fit: Fit, schema: pl.Schema, columns: Iterable[str] | Mapping[str, str] | None = None
) -> list[pl.Expr]:
    """By column: how many values are there whose inverse is null, because they lie outside the image."""
    counts: dict[str, pl.Expr] = {}
    for place, one in undone(fit, schema, columns).items():
        y = _number(place, schema)
        gone = (y.is_not_null() & y.is_not_nan() & one.transform.inverse(y).is_null()).sum()
        counts[place.output] = counts[place.output] + gone if place.output in counts else gone
    return [count.alias(name) for name, count in counts.items()]


def require(fit: Fit, schema: pl.Schema) -> None:
    """See that a frame has what the fit reads.

    Raises:
        SchemaError: a fitted column is missing, cannot be a number, or is an array of another width.
    """
    for name in dict.fromkeys([*(one.column for one in fit.columns), *_row_columns(fit)]):
        if name not in schema:
            raise SchemaError(f"the fit needs column '{name}'", hint=suggestion(name, schema.names()))
        if not (is_measurable(schema[name]) or is_vector(schema[name])):
            raise SchemaError(
                f"column '{name}' is {schema[name]}, which has no numeric value",
                hint="cast it to a number, or fit again without it",
            )
    for name, width in _widths(fit).items():
        dtype = schema[name]
        if width != (dtype.shape[0] if is_vector(dtype) else 0):
            known = f"an array of {width} numbers" if width else "a number"
            raise SchemaError(
                f"column '{name}' is {dtype}, and the fit knows it as {known}", hint="fit again"
            )


def _widths(fit: Fit) -> dict[str, int]:
    """By column: how many places its array has, 0 for a number."""
    found: dict[str, int] = {}
    for one in fit.columns:
        found[one.column] = max(found.get(one.column, 0), 0 if one.index is None else one.index + 1)
    return found


def _row_columns(fit: Fit) -> list[str]:
    return [name for rows in fit.row_wise for name in rows.columns]


def source_number(fit: ColumnFit, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """The Float64 that a column's fit reads."""
    return _read(fit.column, fit.index, schema[fit.column])


def _number(place: Place, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    return _read(place.output, place.dimension, schema[place.output])


def _read(name: str, index: int | None, dtype: pl.DataType) -> pl.Expr:
    if index is not None and is_vector(dtype):
        return as_float(column(name).arr.get(index), dtype.inner)
    return as_float(column(name), dtype)


def _entry(fit: ColumnFit, schema: Mapping[str, pl.DataType], *, raising: bool) -> pl.Expr:
    x = source_number(fit, schema)
    entered = fit.treatment.entered(x)
    if raising:
        for policy, bad in fit.treatment.refused(x).items():
            entered = entered + bad.map_batches(
                partial(_complain, fit.column, policy), return_dtype=pl.Float64, is_elementwise=True
            )
    return entered


def _complain(name: str, policy: str, bad: pl.Series) -> pl.Series:
    """Zeros, unless a value breaks the policy."""
    count = int(bad.sum())
    if count:
        what = "NaN or ±inf" if policy == "nonfinite" else "values outside the fitted range"
        raise FitError(
            f"column '{name}' holds {what}, and `{policy}: error` forbids them",
            hint="mend the rows, or choose another policy",
        )
    return pl.zeros(len(bad), dtype=pl.Float64, eager=True)


def _outputs(
    active: list[ColumnFit],
    idle: list[ColumnFit],
    schema: Mapping[str, pl.DataType],
    results: Mapping[Place, pl.Expr],
) -> dict[str, pl.Expr]:
    """What is written: the transformed columns, copies of untouched ones, then the columns that tell."""
    cast = {
        Place(one.output, one.index): results[Place(one.output, one.index)].cast(pl.Float32)
        for one in active
        if one.treatment.dtype == "Float32"
    }
    written = _gathered({one.output: schema[one.column] for one in active}, {**results, **cast})
    written |= {one.output: column(one.column) for one in idle}
    told: dict[str, list[pl.Expr]] = {}
    for one in active:
        entered = one.treatment.entered(source_number(one, schema))
        if one.treatment.outside == "flag":
            told.setdefault(one.column + OUTSIDE, []).append(one.treatment.beyond(entered))
        if one.treatment.indicator:
            told.setdefault(one.column + MISSING, []).append(entered.is_null())
    return written | {name: pl.any_horizontal(marks) for name, marks in told.items()}


def _gathered(schema: Mapping[str, pl.DataType], results: Mapping[Place, pl.Expr]) -> dict[str, pl.Expr]:
    """One expression an output: a number, or the array of its places, null where none has a value."""
    members: dict[str, list[pl.Expr]] = {}
    for place in sorted(results, key=lambda place: place.dimension or 0):
        members.setdefault(place.output, []).append(results[place])
    return {name: _array(found) if is_vector(schema[name]) else found[0] for name, found in members.items()}


def _array(members: list[pl.Expr]) -> pl.Expr:
    return pl.when(pl.any_horizontal(one.is_not_null() for one in members)).then(pl.concat_arr(members))


def undone(
    fit: Fit, schema: pl.Schema, columns: Iterable[str] | Mapping[str, str] | None
) -> dict[Place, ColumnFit]:
    """Which place of the frame goes back by which column's fit."""
    by_output: dict[str, list[ColumnFit]] = {}
    for one in fit.columns:
        by_output.setdefault(one.output, []).append(one)
    by_row = {output: rows.method for rows in fit.row_wise for output in rows.outputs}
    if columns is None:
        gone = [name for rows in fit.row_wise if rows.outputs == rows.columns for name in rows.outputs]
        pairs = {name: name for name in (*by_output, *gone) if name in schema}
    else:
        pairs = dict(columns) if isinstance(columns, Mapping) else {name: name for name in columns}
    for name, source in pairs.items():
        if name not in schema:
            raise SchemaError(f"there is no column '{name}' to undo", hint=suggestion(name, schema.names()))
        if source in by_row:
            raise SchemaError(
                f"column '{source}' cannot be undone: {by_row[source]} keeps nothing of a row's size",
                hint="name the columns to undo, or keep the originals with a suffix",
            )
        if source not in by_output:
            raise SchemaError(f"the fit has no column '{source}'", hint=suggestion(source, by_output))
    return {
        Place(name, one.index): one
        for name, source in pairs.items()
        for one in by_output[source]
        if one.transform.maps
    }
