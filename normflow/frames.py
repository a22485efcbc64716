"""Frames as normflow reads them: lazy, with the places of arrays as columns of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import polars as pl

from normflow.dtypes import is_vector
from normflow.errors import SchemaError
from normflow.guests import as_polars
from normflow.naming import column, member

if TYPE_CHECKING:
    from collections.abc import Collection


PLACE = "\0place"


class ArrowStream(Protocol):
    """Anything with the Arrow PyCapsule interface: a pyarrow table, a pandas frame, a DuckDB relation."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The stream of record batches."""


def as_lazy(data: pl.LazyFrame | pl.DataFrame | ArrowStream) -> pl.LazyFrame:
    """The data as a lazy frame.

    Raises:
        ConfigError: it is no frame, or has a column that has no type in Arrow.
    """
    if isinstance(data, pl.LazyFrame | pl.DataFrame):
        return data.lazy()
    return as_polars(data).lazy()


def collected_here(lf: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a plan over a batch, for whoever is shown the batches of another query.

    The streaming engine would wait for threads of its own, and these may all be waiting for the like: then
    both queries stand still for ever. The engine in memory has other threads.
    """
    return lf.collect(engine="in-memory")


def places_in(known: pl.DataFrame, wanted: pl.DataFrame) -> pl.Series:
    """Which row of `known`, no two of them alike, each wanted row is, from 0 on; null where it is none.

    Both have the same columns; null is equal to null and NaN to NaN.
    """
    # a column of one NaN is marked as sorted, and sorted NaN do not meet in a join of Polars 2.1
    floats = [name for name, dtype in known.schema.items() if dtype.is_float()]
    marks = [column(name).is_nan().alias(f"{PLACE} {name}") for name in floats]
    numbers = [column(name).fill_nan(None) for name in floats]
    numbered, asked = (
        one.lazy().with_columns(*marks, *numbers) for one in (known.with_row_index(PLACE), wanted)
    )
    found = asked.join(
        numbered,
        on=[*known.columns, *(f"{PLACE} {name}" for name in floats)],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return collected_here(found)[PLACE]


def flattened(lf: pl.LazyFrame, *, keep: bool = False, wanted: Collection[str] | None = None) -> pl.LazyFrame:
    """The frame with each place of its arrays of numbers as a column of its own: `embedding[0]` and on.

    `keep` leaves the arrays where they are, and adds the places at the end. `wanted` names the columns that
    are asked for: an array of which no place is among them stays whole, and so does one whose place is the
    name of another column, which then is what is meant.

    Raises:
        SchemaError: without `wanted`, a column that has the name of a place.
    """
    schema = lf.collect_schema()
    places: dict[str, list[pl.Expr]] = {}
    for name, dtype in schema.items():
        if not is_vector(dtype):
            continue
        names = [member(name, i) for i in range(dtype.shape[0])]
        taken = next((place for place in names if place in schema), None)
        if wanted is None and taken:
            raise SchemaError(f"column '{taken}' is there, and is a place of '{name}' too", hint="rename it")
        if wanted is None or not (taken or {*names}.isdisjoint(wanted)):
            places[name] = [column(name).arr.get(i).alias(place) for i, place in enumerate(names)]
    if not places:
        return lf
    if keep:
        return lf.with_columns(expr for exprs in places.values() for expr in exprs)
    exprs = [expr for name in schema for expr in places.get(name, [column(name)])]
    return lf.select(exprs)
