"""An Iceberg table, its rows replaced in one transaction; readers of earlier snapshots keep theirs."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING

from normflow.errors import SinkError
from normflow.extras import required
from normflow.lakes import RUN, asking, iceberg_catalog, is_missing
from normflow.sinks.tables.lake_types import lake_types
from normflow.sinks.tables.refused import refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl
    from pyarrow import Schema
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table, Transaction

    from normflow.spec import TableSink

ANOTHER = "write to another table"


def check(sink: TableSink) -> None:
    """See that the catalog can be reached.

    Raises:
        ConfigError: pyiceberg or pyarrow is not installed.
        SinkError: the catalog cannot be reached; the table is partitioned.
    """
    required("pyiceberg", "iceberg", "Iceberg tables are written")
    required("pyarrow", "iceberg", "Iceberg tables are written")
    if isinstance(sink.place, Path) and not sink.place.parent.is_dir():
        raise SinkError("its folder is missing", where=str(sink.place), hint=f"make {sink.place.parent}")
    if is_missing(sink.place):
        return
    with _catalog(sink) as catalog:
        table = _table(sink, catalog)
        if table and not table.spec().is_unpartitioned():
            what = "the table is partitioned, and such Iceberg tables are only read"
            raise SinkError(what, where=sink.named, hint=ANOTHER)


def suits(sink: TableSink, columns: Mapping[str, pl.DataType]) -> None:
    """See that the table can take these columns.

    Raises:
        SchemaError: a column of a type that Iceberg has nothing for.
        SinkError: a column of the table has a type that does not become the new one.
    """
    import polars as pl

    types = lake_types(sink.kind, columns, where=sink.named)
    if is_missing(sink.place):
        return
    with _catalog(sink) as catalog:
        table = _table(sink, catalog)
        if table:
            _evolve(table.transaction(), pl.DataFrame(schema=types).to_arrow().schema)


def publish(staged: Path, sink: TableSink, run_id: str) -> None:
    """Put the staged file in the place of all files of the table, which takes its columns.

    A table that is missing is made, empty, beforehand, and its namespace too.

    Raises:
        SinkError: the catalog refuses, such as where another process committed meanwhile.
    """
    from pyarrow import parquet
    from pyiceberg.expressions import AlwaysTrue

    schema, kept = parquet.read_schema(staged), {RUN: run_id}
    with _catalog(sink) as catalog:
        table = _table(sink, catalog) or _made(sink, catalog, schema)
        if any(one.summary and one.summary[RUN] == run_id for one in table.snapshots()):
            return
        place = f"{table.location()}/data/normflow-{run_id}.parquet"
        with staged.open("rb") as file, table.io.new_output(place).create(overwrite=True) as out:
            copyfileobj(file, out)
        with table.transaction() as change:
            _evolve(change, schema)
            if table.current_snapshot():
                change.delete(AlwaysTrue(), snapshot_properties=kept)
            change.add_files([place], snapshot_properties=kept, check_duplicate_files=False)


def _made(sink: TableSink, catalog: Catalog, schema: Schema) -> Table:
    catalog.create_namespace_if_not_exists((sink.table or "").rpartition(".")[0])
    return catalog.create_table(sink.table or "", schema)


def _evolve(change: Transaction, schema: Schema) -> None:
    """Give the table these columns, in their order; those that it has no more rows of go."""
    before = {one.name for one in change.table_metadata.schema().fields}
    with change.update_schema() as columns:
        columns.union_by_name(schema)
        for gone in before.difference(schema.names):
            columns.delete_column(gone)
        columns.move_first(schema.names[0])
        for name, one_before in zip(schema.names[1:], schema.names, strict=False):
            columns.move_after(name, one_before)


def _table(sink: TableSink, catalog: Catalog) -> Table | None:
    from pyiceberg.exceptions import NoSuchTableError

    try:
        return catalog.load_table(sink.table or "")
    except NoSuchTableError:
        return None


@contextmanager
def _catalog(sink: TableSink) -> Iterator[Catalog]:
    try:
        with (
            iceberg_catalog(sink.place, sink.options) as catalog,
            asking(sink.options),
            warnings.catch_warnings(),
        ):
            warnings.filterwarnings("ignore", "Delete operation did not match any records", UserWarning)
            yield catalog
    except OSError as error:
        raise refused(sink, OSError(error.strerror)) from None
