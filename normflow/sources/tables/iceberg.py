"""An Iceberg table, at one of its snapshots."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SourceError
from normflow.lakes import asking, iceberg_catalog, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.table import Table

    from normflow.spec import TableSource


@contextmanager
def read(source: TableSource) -> Iterator[pl.LazyFrame]:
    """The rows, streamed, file by file in the order of the table's manifests.

    Raises:
        ConfigError: pyiceberg is not installed.
        SourceError: the catalog cannot be reached; there is no such table, or no such snapshot of it; it has
            equality deletes.
    """
    with _table(source) as table, warnings.catch_warnings():
        # Polars recommends a package of its own that plans faster
        warnings.simplefilter("ignore", pl.exceptions.PerformanceWarning)
        given = dict(table.io.properties) or None
        try:
            yield pl.scan_iceberg(table, snapshot_id=source.version, storage_options=given)
        except ValueError as error:
            if "equality deletes" not in str(error):
                raise
            what = "it has equality deletes, which neither Polars nor pyiceberg reads"
            raise SourceError(what, where=source.named, hint="compact it, so that they go") from None


def pinned(source: TableSource) -> TableSource:
    """The source at the snapshot that is its newest now; a table without one has no rows.

    Raises:
        SourceError: the catalog cannot be reached, or there is no such table.
    """
    with _table(source) as table:
        now = table.current_snapshot()
        return replace(source, version=now.snapshot_id) if now else source


@contextmanager
def _table(source: TableSource) -> Iterator[Table]:
    if is_missing(source.place):
        raise SourceError("there is no such catalog", where=str(source.place), hint="check the path")
    with iceberg_catalog(source.place, source.options) as catalog:
        from pyiceberg.exceptions import NoSuchTableError

        with asking(source.options):
            try:
                table = catalog.load_table(source.table or "")
            except NoSuchTableError:
                hint = "check namespace and name, and the catalog"
                raise SourceError("there is no Iceberg table", where=source.named, hint=hint) from None
        if source.version is not None and table.snapshot_by_id(source.version) is None:
            raise SourceError(f"there is no snapshot {source.version}", where=source.named)
        yield table
