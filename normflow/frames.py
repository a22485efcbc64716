"""Frames from elsewhere: what streams Arrow becomes a Polars frame without a copy."""

from __future__ import annotations

from typing import Protocol

import polars as pl


class ArrowStream(Protocol):
    """Anything with the Arrow PyCapsule interface: a pyarrow table, a pandas frame, a DuckDB relation."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The stream of record batches."""


def as_lazy(data: pl.LazyFrame | pl.DataFrame | ArrowStream) -> pl.LazyFrame:
    """The data as a lazy frame."""
    if isinstance(data, pl.LazyFrame | pl.DataFrame):
        return data.lazy()
    return pl.DataFrame(data).lazy()
