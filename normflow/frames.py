"""Frames from elsewhere: what streams Arrow becomes a Polars frame without a copy."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from normflow.dtypes import is_vector
from normflow.errors import ConfigError, SchemaError
from normflow.naming import column, member


class ArrowStream(Protocol):
    """Anything with the Arrow PyCapsule interface: a pyarrow table, a pandas frame, a DuckDB relation."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The stream of record batches."""


def as_lazy(data: pl.LazyFrame | pl.DataFrame | ArrowStream) -> pl.LazyFrame:
    """The data as a lazy frame.

    Raises:
        ConfigError: it is no frame.
    """
    if isinstance(data, pl.LazyFrame | pl.DataFrame):
        return data.lazy()
    if not hasattr(data, "__arrow_c_stream__"):
        raise ConfigError(
            f"a frame is asked for, not {type(data).__name__}", hint="scan it: pl.scan_parquet(path)"
        )
    return pl.DataFrame(data).lazy()


def flattened(lf: pl.LazyFrame, *, keep: bool = False) -> pl.LazyFrame:
    """The frame with each place of its arrays of numbers as a column of its own: `embedding[0]` and on.

    `keep` leaves the arrays where they are, and adds the places at the end.

    Raises:
        SchemaError: a column has the name of a place already.
    """
    schema = lf.collect_schema()
    places = {
        name: [column(name).arr.get(i).alias(member(name, i)) for i in range(dtype.shape[0])]
        for name, dtype in schema.items()
        if is_vector(dtype)
    }
    if not places:
        return lf
    for name in places:
        if member(name, 0) in schema:
            raise SchemaError(f"column '{member(name, 0)}' is there, and is the first place of '{name}' too")
    if keep:
        return lf.with_columns(expr for exprs in places.values() for expr in exprs)
    exprs = [expr for name in schema for expr in places.get(name, [column(name)])]
    return lf.select(exprs)
