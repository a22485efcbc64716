"""The stored form of the state of groups: the keys, then each column's arrays as byte planes.

Each column of the keys is an Arrow file; what Polars numbers as it goes (categories) is stored as text.
"""

from __future__ import annotations

import io
import json
import struct
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from normflow.profiles.bits import Ints
from normflow.profiles.grouped.columns import (
    KINDS,
    NANS,
    NEG_INFS,
    NULLS,
    OPAQUE,
    POS_INFS,
    ROWS,
    ZEROS,
    GroupedColumn,
)
from normflow.profiles.grouped.histograms import Histograms
from normflow.profiles.grouped.limbs import Limbs
from normflow.profiles.stored import damaged, from_planes, opened, planes, sealed

if TYPE_CHECKING:
    from collections.abc import Mapping

State = tuple[pl.DataFrame, Ints, dict[str, GroupedColumn]]

STORED_AS: dict[type[pl.DataType], type[pl.DataType]] = {pl.Categorical: pl.String, pl.Boolean: pl.UInt8}
MAGIC = b"NFgp"
VERSION = 1
LARGEST = 1 << 36  # bytes that one state may unfold to: 100,000 groups of 512 buckets, in 80 columns
BLOCKS = 10  # a column
SHAPE = struct.Struct("<I4I")  # resolution; lowest digit and digits of the sums, and of the sums of squares
HIGHEST_LEVEL = 63
DIGITS = 160  # of 32 bits, more than any sum of squares has


def packed(keys: pl.DataFrame, rows: Ints, columns: Mapping[str, GroupedColumn]) -> bytes:
    """The state of groups as bytes, the columns in the order of their names."""
    names = sorted(columns)
    named = json.dumps([keys.columns, names]).encode()
    states = [block for name in names for block in _packed_column(columns[name])]
    return sealed(MAGIC, VERSION, [named, planes(rows.view(np.uint64)), *_packed_keys(keys), *states])


def unpacked(data: bytes) -> State:
    """The state that `packed` made bytes of.

    Raises:
        FormatError: where the bytes are damaged or of another version.
    """
    blocks = opened(MAGIC, VERSION, data, LARGEST)
    try:
        named, rows_, types, *rest = blocks
        key_names, names = json.loads(named)
        dtypes, many = pl.read_ipc(types).schema.values(), 2 * len(key_names)
        columns = zip(key_names, dtypes, rest[:many:2], rest[1:many:2], strict=True)
        keys = pl.DataFrame(
            {name: _unpacked_key(dtype, is_null, values) for name, dtype, is_null, values in columns}
        )
        rows = from_planes(rows_, keys.height)
        states = [_unpacked_column(rest[i : i + BLOCKS], rows) for i in range(many, len(rest), BLOCKS)]
        return keys, rows, dict(zip(names, states, strict=True))
    except (ValueError, TypeError, OSError, struct.error, pl.exceptions.PolarsError) as error:
        raise damaged() from error


def _packed_keys(keys: pl.DataFrame) -> list[bytes]:
    """The types; then for each column which keys are null, a byte each, and those that are not.

    Arrow leaves open what stands in the place of a null, in the last bits of a bitmap and behind views of
    text: nothing of that is left in the bytes.
    """
    plain = keys.rename({name: str(i) for i, name in enumerate(keys.columns)})
    blocks = [_arrow(plain.clear())]
    for key in plain:
        present = key.drop_nulls()
        stored = present.cast(STORED_AS.get(key.dtype.base_type(), key.dtype)).rechunk()
        blocks += [key.is_null().cast(pl.UInt8).to_numpy().tobytes(), _arrow(stored.to_frame())]
    return blocks


def _unpacked_key(dtype: pl.DataType, is_null: bytes, values: bytes) -> pl.Series:
    absent = np.frombuffer(is_null, np.bool_)
    places = pl.Series(np.cumsum(~absent) - 1).set(pl.Series(absent), None)
    return pl.read_ipc(values).to_series().cast(dtype).gather(places)


def _arrow(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_ipc(file, compat_level=pl.CompatLevel.oldest())
    return file.getvalue()


def _packed_column(column: GroupedColumn) -> list[bytes]:
    first, second, histograms = column.first, column.second, column.histograms
    shape = SHAPE.pack(
        column.resolution, first.base, first.digits.shape[1], second.base, second.digits.shape[1]
    )
    arrays = (
        column.counts,
        column.low.view(np.int64),
        column.high.view(np.int64),
        first.digits,
        second.digits,
        histograms.levels,
        histograms.sizes,
        np.diff(histograms.keys, prepend=0),  # a step may wrap around, and wraps back
        histograms.counts,
    )
    return [shape, *(planes(one.reshape(-1).view(np.uint64)) for one in arrays)]


def _unpacked_column(blocks: list[bytes], rows: Ints) -> GroupedColumn:
    shape, counts, low, high, first, second, levels, sizes_, steps, many = blocks
    groups = len(rows)
    resolution, base, width, second_base, second_width = SHAPE.unpack(shape)
    sizes = from_planes(sizes_, groups)
    buckets = int(sizes.sum())
    # each count takes a byte or more
    if bool((sizes < 0).any()) or buckets > len(many) or max(width, second_width) > DIGITS:
        raise damaged()
    column = GroupedColumn(
        resolution,
        from_planes(counts, len(KINDS) * groups).reshape(len(KINDS), groups),
        from_planes(low, groups).view(np.float64),
        from_planes(high, groups).view(np.float64),
        Limbs(base, from_planes(first, width * groups).reshape(groups, width)),
        Limbs(second_base, from_planes(second, second_width * groups).reshape(groups, second_width)),
        Histograms(
            from_planes(levels, groups),
            sizes,
            np.cumsum(from_planes(steps, buckets)),
            from_planes(many, buckets),
        ),
    )
    if not _consistent(column, rows):
        raise damaged()
    return column


def _consistent(column: GroupedColumn, rows: Ints) -> bool:
    counts, histograms = column.counts, column.histograms
    finite = (
        counts[ROWS] - counts[NULLS] - counts[NANS] - counts[POS_INFS] - counts[NEG_INFS] - counts[OPAQUE]
    )
    buckets = np.repeat(np.arange(len(rows)), histograms.sizes)
    neighbours = buckets[1:] == buckets[:-1]
    in_buckets = np.zeros(len(rows), np.int64)
    np.add.at(in_buckets, buckets, histograms.counts)
    return bool(
        (counts >= 0).all()
        and ((counts[ROWS] == rows) | (counts[ROWS] == 0)).all()
        and (in_buckets + counts[ZEROS] == np.where(column.resolution, finite, 0)).all()
        and (np.isfinite(column.low) == (finite > 0)).all()
        and (np.isfinite(column.high) == (finite > 0)).all()
        and (histograms.sizes <= column.resolution).all()
        and ((histograms.levels >= 0) & (histograms.levels <= HIGHEST_LEVEL)).all()
        and (histograms.counts > 0).all()
        and (histograms.keys[1:] > histograms.keys[:-1])[neighbours].all()
    )
