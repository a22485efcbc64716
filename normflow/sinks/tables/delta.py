"""A Delta table, its rows replaced by one commit; readers of the version before keep theirs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from normflow.errors import SchemaError, SinkError
from normflow.extras import required
from normflow.lakes import RUN, asking, delta_options, delta_table
from normflow.sinks.tables.batches import batches
from normflow.sinks.tables.lake_types import lake_types
from normflow.sinks.tables.refused import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from deltalake import DeltaTable

    from normflow.spec import TableSink

LATEST = 50  # commits among which one of this run is looked for
WHOLE = "name a folder of its own"


def check(sink: TableSink) -> None:
    """See that a table is there or can be made.

    Raises:
        ConfigError: deltalake or pyarrow is not installed.
        SinkError: the place cannot be reached, or holds other files; the table is only appended to.
    """
    required("pyarrow", "delta", "Delta tables are written")
    _require_free(sink)
    table = _table(sink)
    if table and table.metadata().configuration.get("delta.appendOnly") == "true":
        what = "the table takes only more rows (delta.appendOnly), and all would be replaced"
        raise SinkError(what, where=sink.named, hint="write to another table")


def suits(sink: TableSink, columns: Mapping[str, pl.DataType]) -> None:
    """See that the table can take these columns.

    Raises:
        SchemaError: a column of a type that Delta has nothing for; two that differ in case only.
        SinkError: the table has a partition for each value of a column that is none of these.
    """
    lake_types(sink.kind, columns, where=sink.named)
    small = [name.lower() for name in columns]
    twice = next((name for name in columns if small.count(name.lower()) > 1), None)
    if twice is not None:
        what = f"two columns are called '{twice}', as Delta compares names, without case"
        raise SchemaError(what, where=sink.named, hint="rename one in the source")
    table = _table(sink)
    for name in table.metadata().partition_columns if table else ():
        if name not in columns:
            what = f"the table is partitioned by '{name}', and no such column leaves"
            raise SinkError(what, where=sink.named, hint="write to another table")


def publish(staged: Path, sink: TableSink, run_id: str) -> None:
    """Commit the rows of the staged file in the place of all that is there, with its columns.

    Raises:
        SinkError: the commit was refused, such as where another process committed meanwhile.
    """
    from deltalake import CommitProperties, write_deltalake

    table = _table(sink)
    try:
        with asking(sink.options):
            if table and any(one.get(RUN) == run_id for one in table.history(LATEST)):
                return
            with batches(staged) as rows:
                write_deltalake(
                    str(sink.place),
                    rows,
                    mode="overwrite",
                    schema_mode="overwrite",
                    storage_options=delta_options(sink.options),
                    commit_properties=CommitProperties(custom_metadata={RUN: run_id}),
                )
    except OSError as error:
        raise refused(sink, OSError(error.strerror)) from None


def _table(sink: TableSink) -> DeltaTable | None:
    try:
        return delta_table(sink.place, sink.options)
    except OSError as error:
        raise refused(sink, OSError(error.strerror)) from None


def _require_free(sink: TableSink) -> None:
    """Refuse a local place that is something else: a table would be made among its files."""
    place = sink.place
    if not isinstance(place, Path) or not place.exists():
        return
    if not place.is_dir():
        raise SinkError("is a file, not the folder of a Delta table", where=sink.named, hint=WHOLE)
    if any(place.iterdir()) and not (place / "_delta_log").is_dir():
        raise SinkError("holds files, and is no Delta table", where=sink.named, hint=WHOLE)
