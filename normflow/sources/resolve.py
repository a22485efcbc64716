"""From what a pipeline says of its source to files with one schema; reads no more than their first rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import ConfigError, SchemaError, SourceError
from normflow.sources import tables
from normflow.sources.agree import agreed
from normflow.sources.hive import key_type
from normflow.sources.infer import ROWS, Types, file_types
from normflow.sources.layout import Dialect, Layout
from normflow.sources.listing import listed, require_filled
from normflow.sources.reading import reading
from normflow.sources.source import Partition, Source
from normflow.spec import TEXT_FORMATS, format_of, read_option_error, revealed
from normflow.spec.tables import is_remote

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from normflow.sources.listing import Found
    from normflow.spec import FileFormat, SourceSpec, TableSource
    from normflow.stores import Place


MOVED = "undo the change of the link, or of the folders, that led there"


def resolve(spec: SourceSpec, *, only: Collection[str] | None = None) -> Source:
    """The files of a source, in a fixed order, each known to be readable, and all with the same columns.

    `only` leaves out the files that are not among these resolved paths. Of a table only the columns are
    known, until a run has brought its rows into a file.

    Raises:
        ConfigError: an option the format does not have; files of several formats.
        SchemaError: the files, or their `key=value` folders, have different columns.
        SourceError: nothing is there, or a file cannot be read.
    """
    if spec.table:
        return _of_table(spec.table)
    found = listed(spec.paths, spec.format, spec.storage)
    if only is not None:
        found = _only(found, only)
    require_filled(found)
    file_format = spec.format or _one_format(found)
    options = {name: revealed(value) for name, value in spec.options.items()}
    dialect, rows = _dialect(file_format, options)
    types = agreed(
        [(one.path, _types(one.path, file_format, dialect, rows)) for one in found],
        text=file_format in TEXT_FORMATS,
    )
    layout = Layout(
        format=file_format,
        columns=_settled(types) if file_format in ("csv", "tsv") else types.columns,
        keys=_keys(found),
        dialect=dialect,
        tokens=types.tokens,
        without=spec.without,
        storage=spec.storage,
    )
    return Source(
        partitions=tuple(Partition(path=one.path, keys=one.keys, layout=layout) for one in found),
        layout=layout,
    )


def _of_table(table: TableSource) -> Source:
    columns = dict(tables.schema(table))
    return Source(partitions=(), layout=Layout(format="parquet", columns=columns), table=table)


def _only(found: Sequence[Found], wanted: Collection[str]) -> list[Found]:
    kept = [one for one in found if str(one.path.resolve()) in wanted]
    gone = set(wanted) - {str(one.path.resolve()) for one in kept}
    if gone:
        path = min(gone)
        if not is_remote(path) and Path(path).exists():
            raise SourceError("it is there, but the source no longer leads to it", where=path, hint=MOVED)
        raise SourceError("it is not there any more", where=path, hint="bring it back")
    return kept


def _types(path: Place, file_format: FileFormat, dialect: Dialect, rows: int | None) -> Types:
    with reading(path):
        return file_types(path, file_format, dialect, rows)


def _settled(types: Types) -> dict[str, pl.DataType]:
    """A column of text files in which no value was seen is read as text."""
    return {name: pl.String() if dtype == pl.Null() else dtype for name, dtype in types.columns.items()}


def _one_format(found: Sequence[Found]) -> FileFormat:
    formats = {format_of(one.path.name): one.path for one in found}
    if None in formats:
        raise SourceError(
            "its name tells no format", where=str(formats[None]), hint="write format under source"
        )
    if len(formats) > 1:
        names = " and ".join(sorted(str(one) for one in formats))
        raise ConfigError(
            f"one source has one format, and here are {names}", hint="narrow the path or write format"
        )
    return next(one for one in formats if one)


def _dialect(file_format: FileFormat, options: dict[str, Any]) -> tuple[Dialect, int | None]:
    for name, value in options.items():
        if wrong := read_option_error(file_format, name, value):
            raise ConfigError(wrong, where=f"source.options.{name}")
    rows = options.get("infer_schema_length", ROWS)
    nulls = options.get("null_values", ())
    return Dialect(
        separator=options.get("separator", "\t" if file_format == "tsv" else ","),
        has_header=options.get("has_header", True),
        null_values=(nulls,) if isinstance(nulls, str) else tuple(nulls),
    ), rows


def _keys(found: Sequence[Found]) -> dict[str, pl.DataType]:
    first = found[0]
    names = [key for key, _ in first.keys]
    for one in found:
        if [key for key, _ in one.keys] != names:
            what = f"its folders hold {_named(one)}, and those of {first.path} {_named(first)}"
            raise SchemaError(what, where=str(one.path), hint="keep one scheme of key=value folders")
    return {name: key_type(dict(one.keys)[name] for one in found) for name in names}


def _named(found: Found) -> str:
    return " and ".join(key for key, _ in found.keys) or "no keys"
