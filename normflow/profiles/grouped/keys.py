"""The keys of groups: rows of any types, numbered as they come and sorted at the end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from normflow.frames import places_in
from normflow.naming import column

if TYPE_CHECKING:
    from normflow.profiles.bits import Ints

NUMBER = "number"


class RunningKeys:
    """Different keys in the order of their first appearance; a null is a key like any other."""

    def __init__(self, schema: pl.Schema) -> None:
        self._names = schema.names()
        self._known = _plain(pl.DataFrame(schema=schema))

    def __len__(self) -> int:
        return self._known.height

    def numbers(self, keys: pl.DataFrame) -> Ints:
        """The number of each row's key, from 0 on; keys that are new are learned."""
        keys = _plain(keys)
        found = self._found(keys)
        if found.has_nulls():
            fresh = keys.filter(found.is_null()).unique(maintain_order=True)
            self._known = pl.concat([self._known, fresh], rechunk=True)
            found = self._found(keys)
        return found.cast(pl.Int64).to_numpy()

    def _found(self, keys: pl.DataFrame) -> pl.Series:
        if not len(self) or not keys.height:
            return pl.Series([None] * keys.height, dtype=pl.UInt32)
        return places_in(self._known, keys)

    def settled(self) -> tuple[pl.DataFrame, Ints]:
        """The keys in ascending order, null first and NaN last, and the number of each."""
        ordered = self._known.with_row_index(NUMBER).sort(self._known.columns)
        keys = ordered.drop(NUMBER)
        keys.columns = self._names
        return keys, ordered[NUMBER].cast(pl.Int64).to_numpy()


def _plain(keys: pl.DataFrame) -> pl.DataFrame:
    """The keys under names that mean nothing, with one zero and one NaN."""
    return keys.select(
        _canonical(column(name), dtype).alias(str(i)) for i, (name, dtype) in enumerate(keys.schema.items())
    )


def _canonical(key: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if not dtype.is_float():
        return key
    # not key + 0.0, which Polars takes for key
    zero, nan = pl.lit(0.0, dtype), pl.lit(math.nan, dtype)
    return pl.when(key == 0).then(zero).when(key.is_nan()).then(nan).otherwise(key)
