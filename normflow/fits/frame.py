"""What a fit asks of a frame: its columns and their types, forward and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from normflow.dtypes import as_float, is_measurable, is_vector
from normflow.errors import SchemaError, suggestion
from normflow.naming import column

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl
    from polars._typing import PolarsDataType

    from normflow.fits.column import ColumnFit
    from normflow.fits.table import Fit


class Place(NamedTuple):
    """Where a number of a row stands: an output, and the dimension where it is an array."""

    output: str
    dimension: int | None = None


def float_of(name: str, dtype: PolarsDataType, dimension: int | None = None) -> pl.Expr:
    """A column as Float64, or one dimension of it where it holds arrays."""
    if dimension is not None and is_vector(dtype):
        return as_float(column(name).arr.get(dimension), dtype.inner)
    return as_float(column(name), dtype)


def require(fit: Fit, schema: pl.Schema) -> None:
    """See that a frame has what the fit reads.

    Raises:
        SchemaError: a fitted column is missing, is no number, or an array of another width.
    """
    for name in dict.fromkeys([*(one.column for one in fit.columns), *_row_columns(fit)]):
        if name not in schema:
            raise SchemaError(f"the fit needs column '{name}'", hint=suggestion(name, schema.names()))
        if not (is_measurable(schema[name]) or is_vector(schema[name])):
            raise SchemaError(
                f"column '{name}' is {schema[name]}, which has no numeric value",
                hint="cast it to a number, or fit again without it",
            )
    for name, width in _widths(fit.columns).items():
        _require_width(name, schema[name], width, "fit again")
    for rows in fit.row_wise:
        for name in rows.columns:
            if is_vector(schema[name]) != rows.of_array:
                known = "an array of numbers" if rows.of_array else "a number"
                raise SchemaError(
                    f"column '{name}' is {schema[name]}, and the fit knows it as {known}", hint="fit again"
                )


def require_undoable(fit: Fit, schema: pl.Schema, wanted: Mapping[Place, ColumnFit]) -> None:
    """See that what goes back has the types that came out.

    Raises:
        SchemaError: a column is no number, or no array of as many numbers as came out.
    """
    for place, one in wanted.items():
        same = [other for other in fit.columns if other.output == one.output]
        (width,) = _widths(same).values()
        _require_width(place.output, schema[place.output], width, "give it as it came out")


def _require_width(name: str, dtype: pl.DataType, width: int, hint: str) -> None:
    found = dtype.shape[0] if is_vector(dtype) else 0
    if width != found or not (found or is_measurable(dtype)):
        known = f"an array of {width} numbers" if width else "a number"
        raise SchemaError(f"column '{name}' is {dtype}, and the fit knows it as {known}", hint=hint)


def _widths(columns: Iterable[ColumnFit]) -> dict[str, int]:
    """By column: how many places its array has, 0 for a number."""
    found: dict[str, int] = {}
    for one in columns:
        found[one.column] = max(found.get(one.column, 0), 0 if one.index is None else one.index + 1)
    return found


def _row_columns(fit: Fit) -> list[str]:
    return [name for rows in fit.row_wise for name in rows.columns]


def undone(
    fit: Fit, schema: pl.Schema, columns: Iterable[str] | Mapping[str, str] | None
) -> dict[Place, ColumnFit]:
    """Which place of the frame goes back by which column's fit; `columns` None is all outputs that are there.

    Raises:
        SchemaError: a column is not in the frame or not in the fit, or comes from a row-wise method.
    """
    by_output: dict[str, list[ColumnFit]] = {}
    for one in fit.columns:
        by_output.setdefault(one.output, []).append(one)
    by_row = {output: rows.method for rows in fit.row_wise for output in rows.outputs}
    if columns is None:
        gone = [name for rows in fit.row_wise if rows.outputs == rows.columns for name in rows.outputs]
        pairs = {name: name for name in (*by_output, *gone) if name in schema}
    else:
        named = (columns,) if isinstance(columns, str) else columns
        pairs = dict(named) if isinstance(named, Mapping) else {name: name for name in named}
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
