"""What a contract may call a column's type: a family such as `integer`, or a Polars type such as `Int64`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from polars._typing import PolarsDataType

FAMILIES: Mapping[str, Callable[[PolarsDataType], bool]] = {
    "string": lambda dtype: dtype in (pl.String, pl.Categorical, pl.Enum),
    "number": lambda dtype: dtype.is_numeric(),
    "integer": lambda dtype: dtype.is_integer(),
    "float": lambda dtype: dtype.is_float(),
    "decimal": lambda dtype: dtype.is_decimal(),
    "boolean": lambda dtype: dtype == pl.Boolean,
    "date": lambda dtype: dtype == pl.Date,
    "datetime": lambda dtype: dtype == pl.Datetime,
    "time": lambda dtype: dtype == pl.Time,
    "duration": lambda dtype: dtype == pl.Duration,
    "binary": lambda dtype: dtype == pl.Binary,
}
POLARS: Mapping[str, type[pl.DataType]] = {
    kind.__name__: kind
    for kind in (
        *(pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128),
        *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128),
        *(pl.Float16, pl.Float32, pl.Float64, pl.Decimal),
        *(pl.Boolean, pl.String, pl.Categorical, pl.Enum, pl.Binary),
        *(pl.Date, pl.Datetime, pl.Time, pl.Duration),
        *(pl.List, pl.Array, pl.Struct),
    )
}
TYPE_NAMES: tuple[str, ...] = (*FAMILIES, *POLARS)


def is_type(dtype: PolarsDataType, name: str) -> bool:
    """Whether a column type is what a contract's `dtype` names, one of `TYPE_NAMES`.

    A Polars name stands for the type whatever its parameters: `Datetime` in any unit and zone.
    """
    return FAMILIES[name](dtype) if name in FAMILIES else dtype == POLARS[name]
