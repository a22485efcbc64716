"""The stored form of the state of groups: the keys, then each column's arrays as byte planes.

The keys are an Arrow file of their own; what Polars numbers as it goes (categories) is stored as text.
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

MAGIC = b"NFgp"
VERSION = 1
LARGEST = 1 << 36  # bytes that one state may unfold to: 100,000 groups of 512 buckets, in 80 columns
BLOCKS = 10  # a column
SHAPE = struct.Struct("<I4I")  # resolution; lowest digit and digits of the sums, and of the sums of squares
HIGHEST_LEVEL = 63


def packed(keys: pl.DataFrame, rows: Ints, columns: Mapping[str, GroupedColumn]) -> bytes:
    """The state of groups as bytes."""
    names = json.dumps([*columns]).encode()
    states = [block for column in columns.values() for block in _packed_column(column)]
    return sealed(MAGIC, VERSION, [*_packed_keys(keys), planes(rows.view(np.uint64)), names, *states])


def unpacked(data: bytes) -> State:
    """The state that `packed` made bytes of.

    Raises:
        FormatError: where the bytes are damaged or of another version.
    """
    blocks = opened(MAGIC, VERSION, data, LARGEST)
    try:
        types, values, rows_, names, *rest = blocks
        keys = pl.read_ipc(values).cast(pl.read_ipc(types).schema)
        rows = from_planes(rows_, keys.height)
        columns = [_unpacked_column(rest[i : i + BLOCKS], rows) for i in range(0, len(rest), BLOCKS)]
        return keys, rows, dict(zip(json.loads(names), columns, strict=True))
    except (ValueError, TypeError, OSError, struct.error, pl.exceptions.PolarsError) as error:
        raise damaged() from error


def _packed_keys(keys: pl.DataFrame) -> list[bytes]:
    texts = keys.cast({pl.Categorical: pl.String}).rechunk()
    types, values = io.BytesIO(), io.BytesIO()
    keys.clear().write_ipc(types)
    texts.write_ipc(values)
    return [types.getvalue(), values.getvalue()]


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
    if bool((sizes < 0).any()) or buckets > len(many):  # each count takes a byte or more
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
