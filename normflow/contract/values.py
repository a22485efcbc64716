"""Declared numbers in the column's own type: no comparison widens the column or rounds a row."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from normflow.spec import Interval

Number = int | float
NARROW = {"Float16": ("<e", 65504.0), "Float32": ("<f", float.fromhex("0x1.fffffep+127"))}


def bounds_in(interval: Interval, dtype: pl.DataType) -> tuple[Number, Number] | None:
    """The smallest and largest value of a number type within a closed interval; None when no value is.

    Integers: ⌈lo⌉ and ⌊hi⌋ within the type. Narrow floats: the ends rounded to the type, so that 0.1 as it is
    stored lies in [0, 0.1], while an end beyond the type never admits an infinity. An open end is infinite.
    """
    lo = -math.inf if interval[0] is None else interval[0]
    hi = math.inf if interval[1] is None else interval[1]
    if dtype.is_integer():
        return _whole_bounds(lo, hi, dtype)
    first, last = _inward(lo, -math.inf, dtype), _inward(hi, math.inf, dtype)
    return (first, last) if first <= last else None


def listed_in(values: Iterable[str | Number], dtype: pl.DataType) -> list[str | Number]:
    """The listed values that a type can hold, in that type: 2.0 is an integer, 2.5 is none."""
    if dtype.is_integer():
        lo, hi = limits(dtype)
        return [int(v) for v in values if not isinstance(v, str) and lo <= v <= hi and v == math.floor(v)]
    if dtype.is_float():
        return [rounded(float(v), dtype) for v in values]
    return list(values)


def limits(dtype: pl.DataType) -> tuple[int, int]:
    """The smallest and the largest value of an integer type."""
    bits = int(str(dtype).strip("UInt"))
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if dtype.is_signed_integer() else (0, 2**bits - 1)


def rounded(value: Number, dtype: pl.DataType) -> float:
    """The nearest value of a float type; infinite beyond its largest."""
    code, _ = NARROW.get(str(dtype), ("<d", math.inf))
    try:
        return float(struct.unpack(code, struct.pack(code, value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _inward(end: Number, outermost: float, dtype: pl.DataType) -> float:
    """An end in its type; one beyond the type becomes the largest finite value there, not the infinity."""
    nearest = rounded(end, dtype)
    if nearest == outermost != end:
        return math.copysign(NARROW[str(dtype)][1], outermost)
    return nearest


def _whole_bounds(lo: Number, hi: Number, dtype: pl.DataType) -> tuple[int, int] | None:
    smallest, largest = limits(dtype)
    first = smallest if lo <= smallest else math.ceil(min(lo, largest + 1))
    last = largest if hi >= largest else math.floor(max(hi, smallest - 1))
    return (first, last) if first <= last else None
