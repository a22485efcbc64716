"""The types of a file's columns: stored in Parquet and IPC, told by the first rows of text."""

from __future__ import annotations

from dataclasses import dataclass, field
from glob import escape
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SourceError
from normflow.naming import column
from normflow.sources.layout import Layout, scanned
from normflow.stores import Stored, polars_options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from normflow.sources.layout import Dialect
    from normflow.spec import FileFormat, Options
    from normflow.stores import Place

ROWS = 10_000
TOKENS = ("NA", "N/A", "n/a", "#N/A", "NULL", "null", "None")
PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # gzip, zstd


@dataclass(frozen=True, slots=True)
class Types:
    """The columns of a file with their types, Null where nothing tells, and the texts that mean null."""

    columns: Mapping[str, pl.DataType]
    tokens: Mapping[str, str] = field(default_factory=dict)


def file_types(path: Place, file_format: FileFormat, dialect: Dialect, rows: int | None = ROWS) -> Types:
    """The types a file is read with.

    Text is judged by its first `rows` rows, or all of them where None: numbers, true and false, and text, as
    Polars tells them apart. Beyond that, a CSV column of numbers and words such as `nan` or `Infinity` is
    Float64; and where the dialect names no null values, a column of numbers and one of the `TOKENS`, such as
    NA, is numbers with that word as null. In columns of text such words stay text, and so do dates.
    """
    storage = path.options if isinstance(path, Stored) else {}
    if file_format in ("parquet", "ipc"):
        return Types(
            scanned(Layout(format=file_format, columns={}, storage=storage), [str(path)]).collect_schema()
        )
    _refuse_binary(path)
    if file_format == "ndjson":
        told = pl.scan_ndjson(
            escape(str(path)), infer_schema_length=rows, storage_options=polars_options(storage) or None
        )
        return Types(told.collect_schema())
    return _csv_types(path, dialect, rows, storage)


def _csv_types(path: Place, dialect: Dialect, rows: int | None, storage: Options) -> Types:
    nulls = list(dialect.null_values) or None
    plain = pl.scan_csv(
        [str(path)],
        glob=False,
        separator=dialect.separator,
        has_header=dialect.has_header,
        null_values=nulls,
        infer_schema_length=rows,
        storage_options=polars_options(storage) or None,
    ).collect_schema()
    _check_header(path, list(plain))
    texts = [name for name, dtype in plain.items() if dtype == pl.String]
    if not texts:
        return Types(plain)
    columns = dict.fromkeys(plain, pl.String())
    layout = Layout(format="csv", columns=columns, dialect=dialect, storage=storage)
    seen = scanned(layout, [str(path)])
    judged = _judged(seen if rows is None else seen.head(rows), texts, tokens=() if nulls else TOKENS)
    return Types(
        {**plain, **{name: dtype for name, (dtype, _) in judged.items()}},
        {name: token for name, (_, token) in judged.items() if token},
    )


def _check_header(path: Place, names: list[str]) -> None:
    for name in names:
        if "\ufffd" in name:
            raise SourceError("its header is not UTF-8 text", where=str(path), hint="save it as UTF-8")
        original, repeated, _ = name.rpartition("_duplicated_")  # what Polars makes of a second column `a`
        if repeated and original in names:
            raise SourceError(
                f"its header names column '{original}' twice", where=str(path), hint="rename one of them"
            )


def _judged(
    rows: pl.LazyFrame, texts: list[str], tokens: tuple[str, ...]
) -> dict[str, tuple[pl.DataType, str | None]]:
    """What columns that came out as text hold after all, and the word that means null there."""
    found = rows.select(
        pl.struct(
            words.len().alias("words"),
            words.min().alias("first"),
            words.max().alias("last"),
            numbers.count().alias("numbers"),
            x.cast(pl.Int64, strict=False).count().alias("whole"),
        ).alias(str(place))
        for place, name in enumerate(texts)
        for x in [column(name)]
        for numbers in [x.cast(pl.Float64, strict=False)]
        for words in [x.filter(x.is_not_null() & numbers.is_null())]
    ).collect()
    return {
        name: judgement
        for name, seen in zip(texts, found.row(0), strict=True)
        if (judgement := _judgement(seen, tokens))
    }


def _judgement(seen: Mapping[str, object], tokens: tuple[str, ...]) -> tuple[pl.DataType, str | None] | None:
    if not seen["numbers"]:
        return None if seen["words"] else (pl.Null(), None)
    if seen["words"] and not (seen["first"] == seen["last"] and seen["first"] in tokens):
        return None
    dtype = pl.Int64() if seen["whole"] == seen["numbers"] else pl.Float64()
    return dtype, str(seen["first"]) if seen["words"] else None


def _refuse_binary(path: Place) -> None:
    """A zero byte near the start is no text; UTF-16, as spreadsheets save it, is full of them."""
    head = path.head(4096) if isinstance(path, Stored) else _head(path)
    if b"\0" in head and not head.startswith(PACKED):
        raise SourceError("it is no UTF-8 text", where=str(path), hint="save it as UTF-8, or name its format")


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(4096)
