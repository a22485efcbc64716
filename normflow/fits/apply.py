"""A fit on a frame: forward, and back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from normflow.dtypes import is_vector
from normflow.errors import FitError, SchemaError
from normflow.fits.frame import Place, float_of, require, require_undoable, undone
from normflow.fits.groups import rows_of
from normflow.fits.layout import Lane, laid_out
from normflow.fits.refusals import refusing, stopping
from normflow.naming import column
from normflow.spec import MISSING, OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from normflow.fits.column import ColumnFit
    from normflow.fits.groups import Reading, Rows
    from normflow.fits.table import Fit


def transformed(lf: pl.LazyFrame, fit: Fit) -> pl.LazyFrame:
    """The frame with the fit applied; what a policy of `error` forbids is raised when it is collected.

    Raises:
        SchemaError: a fitted column is missing or cannot be a number.
    """
    return transformed_rows(entering(lf, fit), fit)


def entering(lf: pl.LazyFrame, fit: Fit, *, ranges: bool = False) -> Rows:
    """The rows with all that the fit reads on them; `ranges` brings the groups' fitted ranges in any case.

    Raises:
        SchemaError: a fitted column is missing or cannot be a number.
    """
    require(fit, lf.collect_schema())
    return rows_of(lf, fit, ranges=ranges)


def transformed_rows(rows: Rows, fit: Fit, *, raising: bool = True) -> pl.LazyFrame:
    """The rows with the fit applied; `raising` false leaves policies of `error` to who judges the rows."""
    schema, result = rows.schema, rows.lf
    order = {name: place for place, name in enumerate(schema)}
    active = [rows.readings[one.label] for one in fit.columns if not one.passes_through]
    active.sort(key=lambda one: order[one.fit.column])
    idle = [one for one in fit.columns if one.passes_through and one.column != one.output]
    ways = {(_place(one.fit), number): (one, way) for one in active for number, way in enumerate(one.ways)}
    lanes = {
        key: Lane(_entry(one, rows, raising=raising), one.treatment.guards.then(way).stages)
        for key, (one, way) in ways.items()
    }
    if active or idle:
        result = laid_out(result, lanes, partial(_outputs, active, idle, schema))
    result = result.drop(rows.scratch)
    for row_wise in fit.row_wise:
        result = row_wise.applied(result)
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
    require_undoable(fit, schema, wanted)
    if not wanted:
        return lf
    rows = _undoing(lf, fit, wanted)
    readings = {place: rows.readings[one.label] for place, one in wanted.items()}
    lanes = {
        (place, number): Lane(_unseen(rows, one, _number(place, schema)), way.inverse_stages)
        for place, one in readings.items()
        for number, way in enumerate(one.ways)
    }

    def outputs(results: Mapping[tuple[Place, int], pl.Expr]) -> dict[str, pl.Expr]:
        return _gathered(schema, _picked(readings, results))

    return laid_out(rows.lf, lanes, outputs).drop(rows.scratch)


def lost(
    lf: pl.LazyFrame, fit: Fit, columns: Iterable[str] | Mapping[str, str] | None = None
) -> pl.LazyFrame:
    """One row, by column: how many values there are whose inverse is null, as outside the image."""
    schema, counts = lf.collect_schema(), dict[str, pl.Expr]()
    wanted = undone(fit, schema, columns)
    require_undoable(fit, schema, wanted)
    rows = _undoing(lf, fit, wanted)
    for place, one in wanted.items():
        y, reading = _number(place, schema), rows.readings[one.label]
        back = reading.picked([way.inverse(y) for way in reading.ways])
        gone = (y.is_not_null() & y.is_not_nan() & back.is_null()).sum()
        counts[place.output] = counts[place.output] + gone if place.output in counts else gone
    return rows.lf.select(count.alias(name) for name, count in counts.items())


def _undoing(lf: pl.LazyFrame, fit: Fit, wanted: Mapping[Place, ColumnFit]) -> Rows:
    """The rows with the numbers of their groups, where a column that is undone has any.

    Raises:
        SchemaError: a key was itself transformed in place, so that a row's group is not known any more.
    """
    groups = fit.groups
    if groups is None or not any(one.label in groups.columns for one in wanted.values()):
        return rows_of(lf, replace(fit, groups=None))
    for one in fit.columns:
        if one.output in groups.by and not one.passes_through:
            raise SchemaError(
                f"column '{one.output}' makes the groups, and was transformed itself: no group is known",
                hint="fit again with a suffix for it, so that the column stays what it is",
            )
    return rows_of(lf, fit)


def source_number(fit: ColumnFit, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """The Float64 that a column's fit reads."""
    return float_of(fit.column, schema[fit.column], fit.index)


def _number(place: Place, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    return float_of(place.output, schema[place.output], place.dimension)


def _place(fit: ColumnFit) -> Place:
    return Place(fit.output, fit.index)


def _entry(one: Reading, rows: Rows, *, raising: bool) -> pl.Expr:
    x = source_number(one.fit, rows.schema)
    entered = one.treatment.entered(x)
    if raising:
        entered = refusing(_unseen(rows, one, entered), one.fit.column, one.treatment.refused(x))
    return entered


def _unseen(rows: Rows, one: Reading, entered: pl.Expr) -> pl.Expr:
    """What entered; an error where the row's group is to have been there, and was not."""
    if one.known is None or rows.groups is None or rows.groups.spec.unseen != "error":
        return entered
    by = ", ".join(rows.groups.by)
    what = f"a row's group by {by} was not there when the fit was learned, and `unseen: error` forbids it"
    return stopping(entered, ~one.known, what)


def collected(lf: pl.LazyFrame) -> pl.DataFrame:
    """The frame, with an error of a policy in its own words alone: Polars adds the whole expression to it.

    Raises:
        FitError: a value breaks a policy of `error`.
    """
    try:
        return lf.collect()
    except FitError as error:
        raise FitError(str(error).partition("\n\n")[0]) from None


def _outputs(
    active: list[Reading],
    idle: list[ColumnFit],
    schema: Mapping[str, pl.DataType],
    results: Mapping[tuple[Place, int], pl.Expr],
) -> dict[str, pl.Expr]:
    """What is written: the transformed columns, copies of untouched ones, then the columns that tell."""
    picked = _picked({_place(one.fit): one for one in active}, results)
    cast = {
        _place(one.fit): picked[_place(one.fit)].cast(pl.Float32)
        for one in active
        if one.treatment.dtype == "Float32"
    }
    written = _gathered({one.fit.output: schema[one.fit.column] for one in active}, {**picked, **cast})
    written |= {one.output: column(one.column) for one in idle}
    told: dict[str, list[pl.Expr]] = {}
    for one in active:
        entered = one.treatment.entered(source_number(one.fit, schema))
        if one.treatment.outside == "flag":
            told.setdefault(one.fit.column + OUTSIDE, []).append(one.treatment.beyond(entered))
        if one.treatment.indicator:
            told.setdefault(one.fit.column + MISSING, []).append(one.treatment.absent(entered))
    return written | {name: pl.any_horizontal(marks) for name, marks in told.items()}


def _picked(
    readings: Mapping[Place, Reading], results: Mapping[tuple[Place, int], pl.Expr]
) -> dict[Place, pl.Expr]:
    """The result of each place by the way its row takes."""
    return {
        place: one.picked([results[place, number] for number, _ in enumerate(one.ways)])
        for place, one in readings.items()
    }


def _gathered(schema: Mapping[str, pl.DataType], results: Mapping[Place, pl.Expr]) -> dict[str, pl.Expr]:
    """One expression an output: a number, or the array of its places, null where none has a value."""
    members: dict[str, list[pl.Expr]] = {}
    for place in sorted(results, key=lambda place: place.dimension or 0):
        members.setdefault(place.output, []).append(results[place])
    return {name: _array(found) if is_vector(schema[name]) else found[0] for name, found in members.items()}


def _array(members: list[pl.Expr]) -> pl.Expr:
    return pl.when(pl.any_horizontal(one.is_not_null() for one in members)).then(pl.concat_arr(members))
