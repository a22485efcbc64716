"""What all files of a source share, and how Polars scans them by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from glob import escape
from typing import TYPE_CHECKING

import polars as pl

from normflow.stores import polars_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from normflow.spec import FileFormat, Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a text table is written; empty fields are null besides `null_values`."""

    separator: str = ","
    has_header: bool = True
    null_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of all files and of their folders, and how the files are read.

    `columns` are in the files, with the types they are read as; `keys` are the columns that `key=value`
    folders hold. `tokens` are texts such as NA that mean null in one column only. `without` are columns that
    stand in the files and are left out. `storage` is how the store of remote files is reached.
    """

    format: FileFormat
    columns: Mapping[str, pl.DataType]
    keys: Mapping[str, pl.DataType] = field(default_factory=dict)
    dialect: Dialect = Dialect()
    tokens: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    storage: Options = field(default_factory=dict)


def schema_of(layout: Layout) -> pl.Schema:
    """The columns of the files, then those of the folders."""
    own = {name: dtype for name, dtype in layout.columns.items() if name not in layout.without}
    return pl.Schema({**own, **layout.keys})


def scanned(layout: Layout, paths: Sequence[str], *, origin: str | None = None) -> pl.LazyFrame:
    """The rows of these files one after another; `origin` names a column for the path each row came from."""
    files = list(paths)
    storage = polars_options(layout.storage) or None
    match layout.format:
        case "parquet":
            return pl.scan_parquet(
                files,
                glob=False,
                hive_partitioning=False,
                include_file_paths=origin,
                storage_options=storage,
            )
        case "ipc":
            return pl.scan_ipc(
                files,
                glob=False,
                hive_partitioning=False,
                include_file_paths=origin,
                storage_options=storage,
            )
        case "ndjson":
            escaped = [escape(file) for file in files]  # scan_ndjson has no `glob=False`
            return pl.scan_ndjson(
                escaped, schema=layout.columns, include_file_paths=origin, storage_options=storage
            )
        case "csv" | "tsv":
            return pl.scan_csv(
                files,
                glob=False,
                schema=dict(layout.columns),
                separator=layout.dialect.separator,
                has_header=layout.dialect.has_header,
                null_values=dict(layout.tokens) or list(layout.dialect.null_values) or None,
                include_file_paths=origin,
                storage_options=storage,
            )
