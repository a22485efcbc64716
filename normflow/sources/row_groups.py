"""Runs of row groups of a large Parquet file, known again by their bytes in another version of the file.

Where a run ends is told by the row groups themselves: a row group ends one if the first bytes of its digest,
as a share of all there are, are below its rows' share of `TARGET`; or if the run would be longer than `MOST`.
So rows that are appended, put before or removed elsewhere move the ends of the runs beside them only.
"""

from __future__ import annotations

import hashlib
import json
from glob import escape
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import duckdb
import polars as pl

from normflow.sources.reading import reading
from normflow.sources.source import Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TARGET = 500_000
"""Rows of a run, on the average."""
MOST = 1_000_000
"""Rows of a run of more than one row group, at most; a file with no more than that is one partition."""
AT_ONCE = 1 << 22

CHUNKS = """
    SELECT row_group_id, row_group_num_rows, path_in_schema, num_values, compression,
        CASE WHEN dictionary_page_offset > 0 THEN least(dictionary_page_offset, data_page_offset)
            ELSE data_page_offset END, total_compressed_size
    FROM parquet_metadata(?) ORDER BY row_group_id, column_id"""
SCHEMA = """
    SELECT name, type, type_length, repetition_type, num_children, converted_type, logical_type
    FROM parquet_schema(?)"""
GROUPS = "SELECT sum(num_rows)::BIGINT, sum(num_row_groups)::BIGINT FROM parquet_file_metadata(?)"


def runs_of(path: Path, meaning: str = "") -> tuple[Run, ...]:
    """The runs of a Parquet file, in order; none where it is one partition, or its footer cannot be read.

    A run's fingerprint, `sha256-rows:<hex>`, covers the types of the file's columns, `meaning`, and of each
    row group the rows, and each column chunk's codec and bytes. Where in the file they lie is not in it. All
    bytes of the file are read.

    Raises:
        SourceError: the file cannot be read.
    """
    footer = _footer(path)
    if footer is None:
        return ()
    with reading(path), path.open("rb") as stream:
        types = {name: str(dtype) for name, dtype in _schema(path).items()}
        facts = json.dumps([footer.schema, types, meaning], sort_keys=True, default=str).encode()
        groups = [(rows, _digest(stream, chunks)) for rows, chunks in _grouped(footer.chunks)]
    return tuple(_runs(facts, groups))


def _schema(path: Path) -> pl.Schema:
    return pl.scan_parquet(path, glob=False, hive_partitioning=False).collect_schema()


class _Footer(NamedTuple):
    schema: list[tuple[Any, ...]]
    chunks: list[tuple[Any, ...]]


def _footer(path: Path) -> _Footer | None:
    """What DuckDB reads of a footer; None where it cannot, and where there are too few rows or row groups."""
    name = [escape(str(path))]
    try:
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")  # it would print into the data on stdout
            rows, groups = con.execute(GROUPS, name).fetchone() or (0, 0)
            if rows <= MOST or groups < 2:  # noqa: PLR2004
                return None
            return _Footer(con.execute(SCHEMA, name).fetchall(), con.execute(CHUNKS, name).fetchall())
    except duckdb.Error:
        return None  # Polars may well read it; as one partition


def _grouped(chunks: list[tuple[Any, ...]]) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """The rows and the column chunks of each row group."""
    found: dict[int, tuple[int, list[tuple[Any, ...]]]] = {}
    for group, rows, *chunk in chunks:
        found.setdefault(group, (rows, []))[1].append(tuple(chunk))
    yield from found.values()


def _digest(stream: BinaryIO, chunks: list[tuple[Any, ...]]) -> bytes:
    digest = hashlib.sha256()
    for name, values, codec, offset, size in chunks:
        digest.update(json.dumps([name, values, codec, size]).encode())
        stream.seek(offset)
        while size > 0 and (part := stream.read(min(size, AT_ONCE))):
            digest.update(part)
            size -= len(part)  # noqa: PLW2901
    return digest.digest()


def _runs(facts: bytes, groups: list[tuple[int, bytes]]) -> Iterator[Run]:
    offset = rows = 0
    digest = hashlib.sha256(facts)
    for (count, own), (later, _) in zip_longest(groups, groups[1:], fillvalue=(MOST, b"")):
        rows += count
        digest.update(count.to_bytes(8, "little") + own)
        drawn = int.from_bytes(own[:8], "little") / 2**64 < count / TARGET
        if (drawn or rows + later > MOST) and rows:
            yield Run(f"sha256-rows:{digest.hexdigest()}", offset, rows)
            offset, rows, digest = offset + rows, 0, hashlib.sha256(facts)
