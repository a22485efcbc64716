"""A resolved source: its files, their one schema, and how to scan them, whole or one by one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from normflow.naming import column
from normflow.sources.fingerprints import fingerprint
from normflow.sources.hive import key_values
from normflow.sources.layout import scanned, schema_of
from normflow.sources.reading import reading
from normflow.spec import TEXT_FORMATS
from normflow.stores import Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from normflow.sources.hive import Keys
    from normflow.sources.layout import Layout
    from normflow.spec import TableSource
    from normflow.stores import Place


class Run(NamedTuple):
    """Row groups that follow each other: the identity of their rows, the first row, how many there are."""

    fingerprint: str
    offset: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One file of a source; `keys` are its `key=value` folders."""

    path: Place
    keys: Keys
    layout: Layout

    def scan(self, run: Run | None = None) -> pl.LazyFrame:
        """The rows of this file, or of a run of its row groups, with the columns and types of the source."""
        columns = [column(name) for name in schema_of(self.layout)]
        return _scan(self.layout, [self], run).select(columns)

    def runs(self) -> tuple[Run, ...]:
        """Runs of row groups that are known again in another version of the file; none where it is small.

        Raises:
            SourceError: the file cannot be read.
        """
        from normflow.sources.row_groups import runs_of  # which loads DuckDB

        meaning = json.dumps(self.keys) if self.keys else ""
        if isinstance(self.path, Stored) or self.layout.format != "parquet":
            return ()
        return runs_of(self.path, meaning)

    def rows(self) -> int | None:
        """How many rows the file holds, as its footer says; None for text, which has none.

        Raises:
            SourceError: the file cannot be read.
        """
        if self.layout.format in TEXT_FORMATS:
            return None
        with reading(self.path):
            return int(self.scan().select(pl.len()).collect().item())

    def counted(self) -> int:
        """How many rows the file holds; text is read through for it.

        Raises:
            SourceError: the file cannot be read.
        """
        known = self.rows()
        if known is not None:
            return known
        first = next(iter(self.layout.columns))
        with reading(self.path):
            # Of a column, since Polars counts lines where nobody asks for a value.
            return int(self.scan().select(column(first).is_null().len()).collect(engine="streaming").item())

    def fingerprint(self) -> str:
        """The identity of the rows: the file's content, its `key=value` folders, and how its text is read.

        Raises:
            SourceError: the file cannot be read.
        """
        content = fingerprint(self.path)
        text = [asdict(self.layout.dialect), dict(self.layout.tokens)]
        meaning = [self.keys, text if self.layout.format in TEXT_FORMATS else []]
        if meaning == [(), []]:
            return content
        kind = content.partition(":")[0]
        whole = json.dumps([content, meaning], sort_keys=True).encode()
        return f"{kind}:{hashlib.blake2b(whole, digest_size=32).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Files with one schema, in a fixed order; where their rows are those of a table, `table` is that one."""

    partitions: tuple[Partition, ...]
    layout: Layout
    table: TableSource | None = None

    @property
    def paths(self) -> tuple[Place, ...]:
        """The files, in the order they are read."""
        return tuple(partition.path for partition in self.partitions)

    def last(self, count: int | None) -> Source:
        """The source of its last `count` files only; the whole of it where there are no more, or no count."""
        return self if count is None else replace(self, partitions=self.partitions[-count:])


def fingerprints_of(source: Source) -> dict[Place, str]:
    """The identity of each file's rows, in the order of the files.

    Raises:
        SourceError: a file cannot be read.
    """
    return {one.path: one.fingerprint() for one in source.partitions}


def stamp(path: Place) -> tuple[int, int, int]:
    """Size, time of the last change and inode of a file, or what a store tells of an object.

    Raises:
        OSError: it is not there any more.
    """
    if isinstance(path, Stored):
        now = path.now()
        return now.size, now.changed, int.from_bytes(hashlib.sha256(now.tag.encode()).digest()[:8], "little")
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def scan(source: Source) -> pl.LazyFrame:
    """All rows: file after file, each in its own order."""
    return _scan(source.layout, source.partitions)


def schema(source: Source) -> pl.Schema:
    """The names and types of the columns, those of the folders last; reads nothing."""
    return schema_of(source.layout)


def _scan(layout: Layout, partitions: Sequence[Partition], run: Run | None = None) -> pl.LazyFrame:
    paths = [str(partition.path) for partition in partitions]
    if not layout.keys:
        return _cut(scanned(layout, paths), run).drop(layout.without)
    origin = _fresh("origin", layout.columns)
    place = column(origin).cast(pl.Enum(paths)).to_physical()
    values = [
        pl.lit(key_values((dict(one.keys)[key] for one in partitions), dtype)).gather(place).alias(key)
        for key, dtype in layout.keys.items()
    ]
    rows = _cut(scanned(layout, paths, origin=origin), run)
    return rows.with_columns(values).drop(origin, *layout.without)


def _cut(rows: pl.LazyFrame, run: Run | None) -> pl.LazyFrame:
    return rows.slice(run.offset, run.rows) if run else rows


def _fresh(name: str, taken: Iterable[str]) -> str:
    """The name, with as many underscores before it as make it new."""
    while name in taken:
        name = f"_{name}"
    return name
