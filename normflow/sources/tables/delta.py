"""A Delta table, at one of its versions."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SourceError
from normflow.lakes import asking, delta_options, delta_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltalake import DeltaTable

    from normflow.spec import TableSource


@contextmanager
def read(source: TableSource) -> Iterator[pl.LazyFrame]:
    """The rows, streamed, file by file in the order of the table's log.

    Raises:
        ConfigError: deltalake is not installed.
        SourceError: there is no Delta table, or no such version of it.
    """
    yield pl.scan_delta(_table(source), storage_options=delta_options(source.options))


def pinned(source: TableSource) -> TableSource:
    """The source at the version that is its newest now.

    Raises:
        SourceError: there is no Delta table.
    """
    return replace(source, version=_table(source).version())


def _table(source: TableSource) -> DeltaTable:
    found = delta_table(source.place, source.options)
    if found is None:
        raise SourceError("there is no Delta table", where=source.named, hint="check the path")
    if source.version is not None:
        if source.version > found.version():
            what = f"there is no version {source.version}; the newest is {found.version()}"
            raise SourceError(what, where=source.named)
        with asking(source.options):
            found.load_as_version(source.version)
    return found
