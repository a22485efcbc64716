"""One schema for all files of a source, or the first file and column that does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SchemaError
from normflow.sources.infer import Types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.stores import Place

SAME = "give all files the same columns, or read them by pipelines of their own"


def agreed(files: Sequence[tuple[Place, Types]], *, text: bool) -> Types:
    """The columns of all files, in the order of the first.

    Types that were told by `text` meet: whole numbers and decimals in decimals, a column without values in
    whatever the other file shows. Stored types must be equal.

    Raises:
        SchemaError: a file lacks a column of the first, has another one, or another type.
    """
    first, whole = files[0]
    for path, types in files[1:]:
        _same_names(first, whole, path, types)
        whole = Types(
            {name: _met(name, dtype, first, path, types, text=text) for name, dtype in whole.columns.items()},
            _tokens(whole, first, path, types),
        )
    return whole


def _same_names(first: Place, whole: Types, path: Place, types: Types) -> None:
    for name in whole.columns:
        if name not in types.columns:
            raise SchemaError(f"column '{name}' of {first} is missing", where=str(path), hint=SAME)
    for name in types.columns:
        if name not in whole.columns:
            raise SchemaError(f"column '{name}' is not in {first}", where=str(path), hint=SAME)


def _met(
    name: str, dtype: pl.DataType, first: Place, path: Place, types: Types, *, text: bool
) -> pl.DataType:
    other = types.columns[name]
    if dtype == other:
        return dtype
    if text and pl.Null() in (dtype, other):
        return other if dtype == pl.Null() else dtype
    if text and dtype.is_numeric() and other.is_numeric():
        return pl.Float64()
    raise SchemaError(f"column '{name}' is {other}, and in {first} it is {dtype}", where=str(path), hint=SAME)


def _tokens(whole: Types, first: Place, path: Place, types: Types) -> dict[str, str]:
    for name, token in types.tokens.items():
        if whole.tokens.get(name, token) != token:
            raise SchemaError(
                f"column '{name}' writes null as '{token}', and in {first} as '{whole.tokens[name]}'",
                where=str(path),
                hint="name both under source.options.null_values",
            )
    return {**whole.tokens, **types.tokens}
