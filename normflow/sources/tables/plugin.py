"""Rows that a plugin reads."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from normflow.foreign_tables import reader
from normflow.frames import as_lazy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from normflow.spec import TableSource


@contextmanager
def read(source: TableSource) -> Iterator[pl.LazyFrame]:
    """What the plugin's `read` gives: any frame that `normflow.profile` takes, lazy or a stream of batches.

    Raises:
        ConfigError: it is not installed, takes other options, or gives no frame.
        PluginError: its code failed.
    """
    yield as_lazy(reader(source)())
