"""Keys of groups: which types may be one, how they are stored, and how a row finds its group's key."""

from __future__ import annotations

import json
import math
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from normflow.errors import FormatError, Problem, SchemaError, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars._typing import PolarsDataType

SIMPLE: dict[str, type[pl.DataType]] = {
    str(one): one
    for one in (
        *(pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128),
        *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128),
        *(pl.Float32, pl.Float64, pl.Boolean, pl.String, pl.Binary),
        *(pl.Date, pl.Time, pl.Categorical, pl.Null),
    )
}
WORDS = (pl.Categorical, pl.Enum)


class Match(NamedTuple):
    """How a key is compared: the value a row has, and where that is no value of the groups' type."""

    value: pl.Expr
    other: pl.Expr | None


def require_keys(
    schema: Mapping[str, PolarsDataType], by: Sequence[str], key: str = "by", places: Sequence[str] = ()
) -> None:
    """See that columns can make groups; `key` is what names them, and `places` where each was written.

    Raises:
        SchemaError: some are missing, or hold lists, structs or other values of many parts.
    """
    wrong = [
        Problem(place, what, key)
        for name, place in zip_longest(by, places, fillvalue="")
        if (what := _no_key(schema, name))
    ]
    if wrong:
        raise SchemaError.of(wrong)


def _no_key(schema: Mapping[str, PolarsDataType], name: str) -> str:
    """Why a column makes no groups; empty where it does."""
    if name not in schema:
        return f"no column '{name}' in the source; {suggestion(name, schema)}"
    if not _is_plain(schema[name]):
        return f"column '{name}' is {schema[name]}, which makes no groups; name a column of plain values"
    return ""


def require_matches(schema: Mapping[str, PolarsDataType], keys: pl.Schema) -> None:
    """See that the rows of a frame can be told their groups.

    Raises:
        SchemaError: a column is missing, or its type cannot become that of the groups' keys.
    """
    for name, dtype in keys.items():
        if name not in schema:
            raise SchemaError(
                f"the fit has parameters by '{name}', and the frame lacks that column",
                hint=suggestion(name, schema) or "add it, as it was when the fit was learned",
            )
        if not _matches(schema[name], dtype):
            raise SchemaError(
                f"column '{name}' is {schema[name]}, and the fit's groups are of {dtype}",
                hint=f"cast it to {dtype}",
            )


def _matches(here: PolarsDataType, there: PolarsDataType) -> bool:
    if not _is_plain(here):
        return False
    try:
        pl.DataFrame(schema={"key": here}).select(matching(pl.col("key"), here, there).value)
    except pl.exceptions.PolarsError:
        return False
    return True


def matching(x: pl.Expr, here: PolarsDataType, there: PolarsDataType) -> Match:
    """A row's key as the groups' type `there` has it.

    A value of another type is the key it is equal to when cast there and back: 1 is 1.0, 1.5 is no Int64.
    Categories are compared as text.
    """
    if here.base_type() in WORDS:
        x, here = x.cast(pl.String), pl.String()
    to = pl.String() if there.base_type() in WORDS else there
    if here == to:
        return Match(x, None)
    value = x.cast(to, strict=False)
    return Match(value, value.cast(here, strict=False).ne_missing(x))


def compared(keys: pl.DataFrame) -> pl.DataFrame:
    """The keys of the groups, as `matching` gives those of rows."""
    return keys.with_columns(
        pl.col(name).cast(pl.String) for name, dtype in keys.schema.items() if dtype.base_type() in WORDS
    )


def keys_to_json(keys: pl.DataFrame) -> dict[str, Any]:
    """By column its type, and its values: numbers, words and booleans as they are.

    Times are whole numbers of their unit (dates of days) since 1970 or midnight, decimals and numbers that
    are not finite are text, and bytes are text in hexadecimal digits.
    """
    return {name: {"type": _named(one.dtype), "values": _values(one)} for name, one in _columns(keys)}


def keys_from_json(document: Mapping[str, Any]) -> pl.DataFrame:
    """Read what `keys_to_json` wrote.

    Raises:
        FormatError: an unknown type, or values that are not of it.
    """
    try:
        series = [_series(name, one) for name, one in document.items()]
        return pl.DataFrame(series)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
        raise FormatError(f"the stored keys of groups are damaged: {error}") from error


def texts_of(keys: pl.DataFrame) -> list[str]:
    """Each group as JSON text, no two alike: `{"carrier":"UA","origin":"EWR"}`; times as ISO has them."""
    columns = [_told(one) for _, one in _columns(keys)]
    return [
        json.dumps(dict(zip(keys.columns, key, strict=True)), ensure_ascii=False, separators=(",", ":"))
        for key in zip(*columns, strict=True)
    ]


def _told(keys: pl.Series) -> list[Any]:
    return keys.dt.to_string("iso").to_list() if keys.dtype.is_temporal() else _values(keys)


def shown(values: Mapping[str, object]) -> str:
    """A group for people: `origin=EWR, carrier=UA`."""
    return ", ".join(f"{name}={'null' if one is None else one}" for name, one in values.items())


def _columns(keys: pl.DataFrame) -> list[tuple[str, pl.Series]]:
    return [(one.name, one) for one in keys.get_columns()]


def _is_plain(dtype: PolarsDataType) -> bool:
    return str(dtype.base_type()) in SIMPLE or dtype.base_type() in (
        pl.Datetime,
        pl.Duration,
        pl.Decimal,
        pl.Enum,
    )


def _named(dtype: PolarsDataType) -> dict[str, Any]:
    match dtype:
        case pl.Datetime():
            return {"name": "Datetime", "unit": dtype.time_unit, "zone": dtype.time_zone}
        case pl.Duration():
            return {"name": "Duration", "unit": dtype.time_unit}
        case pl.Decimal():
            return {"name": "Decimal", "precision": dtype.precision, "scale": dtype.scale}
        case pl.Enum():
            return {"name": "Enum", "words": dtype.categories.to_list()}
    return {"name": str(dtype.base_type())}


def _typed(stored: Mapping[str, Any]) -> pl.DataType:
    match stored["name"]:
        case "Datetime":
            return pl.Datetime(stored["unit"], stored["zone"])
        case "Duration":
            return pl.Duration(stored["unit"])
        case "Decimal":
            return pl.Decimal(stored["precision"], stored["scale"])
        case "Enum":
            return pl.Enum(stored["words"])
    if stored["name"] not in SIMPLE:
        raise FormatError(f"groups have no keys of type '{stored['name']}'")
    return SIMPLE[stored["name"]]()


def _values(keys: pl.Series) -> list[Any]:
    dtype = keys.dtype
    if dtype.base_type() in WORDS or dtype.is_decimal():
        return keys.cast(pl.String).to_list()
    if dtype == pl.Binary:
        return keys.bin.encode("hex").to_list()
    if dtype.is_temporal():
        return keys.to_physical().to_list()
    if dtype.is_float():
        return [one if one is None or math.isfinite(one) else str(one) for one in keys.to_list()]
    return keys.to_list()


def _series(name: str, stored: Mapping[str, Any]) -> pl.Series:
    dtype, values = _typed(stored["type"]), stored["values"]
    if dtype == pl.Binary:
        return pl.Series(name, values, dtype=pl.String).str.decode("hex")
    if dtype.base_type() in WORDS or dtype.is_decimal():
        return pl.Series(name, values, dtype=pl.String).cast(dtype)
    if dtype.is_temporal():
        physical = pl.Int32 if dtype == pl.Date else pl.Int64
        return pl.Series(name, values, dtype=physical).cast(dtype)
    if dtype.is_float():
        return pl.Series(name, [None if one is None else float(one) for one in values], dtype=dtype)
    return pl.Series(name, values, dtype=dtype)
