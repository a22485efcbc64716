"""Columns that the folders hold: `month=3/part.parquet` has month 3 in every row."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

Keys = tuple[tuple[str, str | None], ...]
NULL = "__HIVE_DEFAULT_PARTITION__"


def keys_below(folder: PurePath, file: PurePath) -> Keys:
    """The `key=value` folders on the way from a folder down to a file; Hive's default partition is null."""
    steps = (step.partition("=") for step in file.relative_to(folder).parts[:-1])
    return tuple((unquote(key), _value(value)) for key, equals, value in steps if key and equals)


def key_type(texts: Iterable[str | None]) -> pl.DataType:
    """The type of one key's values: whole numbers, else dates, else text."""
    series = pl.Series(texts, dtype=pl.String)
    for dtype in (pl.Int64(), pl.Date()):
        if key_values(series, dtype).null_count() == series.null_count() < len(series):
            return dtype
    return pl.String()


def key_values(texts: Iterable[str | None], dtype: pl.DataType) -> pl.Series:
    """The values of one key in its type."""
    series = pl.Series(texts, dtype=pl.String)
    return (
        series.str.to_date("%Y-%m-%d", strict=False) if dtype == pl.Date else series.cast(dtype, strict=False)
    )


def _value(text: str) -> str | None:
    return None if text == NULL else unquote(text)
