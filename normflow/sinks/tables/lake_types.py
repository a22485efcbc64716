"""The types that the tables of a lake have, and into which of them other columns go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SchemaError
from normflow.naming import column
from normflow.spec.tables import ICEBERG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

WIDER: Mapping[PolarsDataType, pl.DataType] = {
    pl.UInt8: pl.Int16(),
    pl.UInt16: pl.Int32(),
    pl.UInt32: pl.Int64(),
    pl.UInt64: pl.Decimal(20, 0),
    pl.Float16: pl.Float32(),
    pl.Categorical: pl.String(),
    pl.Enum: pl.String(),
    pl.Null: pl.String(),
}
SMALLER_THAN_ICEBERG = (pl.Int8, pl.Int16, pl.UInt8)
NEITHER = (pl.Time, pl.Duration, pl.Int128, pl.UInt128, pl.Object)


def in_types_of(lake: str, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows in the types of a lake.

    Raises:
        SchemaError: a column of a type that the lake has nothing for.
    """
    before = rows.collect_schema()
    after = lake_types(lake, before)
    return rows.with_columns(
        column(name).cast(dtype) for name, dtype in after.items() if dtype != before[name]
    )


def lake_types(
    lake: str, columns: Mapping[str, PolarsDataType], where: str = ""
) -> dict[str, PolarsDataType]:
    """The type of each column in a lake.

    Unsigned numbers become the next wider signed ones, arrays lists, categories text, times of day in some
    zone the same moment in UTC, and moments count microseconds.

    Raises:
        SchemaError: a column of a type that the lake has nothing for.
    """
    found: dict[str, PolarsDataType] = {}
    for name, dtype in columns.items():
        held = _held(lake, dtype)
        if held is None:
            what = f"column '{name}' has the type {dtype}, which {lake} cannot hold"
            raise SchemaError(what, where=where, hint="write it as text or a number, or drop it")
        found[name] = held
    return found


def _held(lake: str, dtype: PolarsDataType) -> PolarsDataType | None:
    kind = dtype.base_type()
    if isinstance(dtype, pl.List | pl.Array):
        inner = _held(lake, dtype.inner)
        return pl.List(inner) if inner else None
    if isinstance(dtype, pl.Struct):
        fields = {field.name: _held(lake, field.dtype) for field in dtype.fields}
        whole = {name: held for name, held in fields.items() if held}
        return pl.Struct(whole) if len(whole) == len(fields) > 0 else None
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", "UTC" if dtype.time_zone else None)
    if kind in NEITHER:
        return None
    if lake == ICEBERG and kind in SMALLER_THAN_ICEBERG:
        return pl.Int32()
    return WIDER.get(kind, dtype)
