"""Frames from elsewhere: what streams Arrow becomes a Polars frame without a copy."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from normflow.errors import ConfigError


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
