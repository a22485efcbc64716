"""Sources and sinks that are no local files: tables and queries of a database, tables of a lake, a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from normflow.naming import without_secrets
from normflow.spec.secrets import SECRET, masked, revealed

if TYPE_CHECKING:
    from normflow.spec.words import Options

OBJECT, STREAM = "object", "stream"
DELTA, ICEBERG = "delta", "iceberg"
PLUGIN = "plugin"
KINDS = ("duckdb", "database", DELTA, ICEBERG, PLUGIN)
"""The keys that name the kind of a table."""
DASH = "-"
REMOTE = "://"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSource:
    """Rows that are in no file: a table, or what a query gives.

    `kind` is one of `KINDS`, or `stream` (standard input); `place` the file, folder or address, and of an
    Iceberg table its catalog, and of a plugin its name. `options` are those of the driver and may hold
    references to secrets. `version` is one of those that the table of a lake has; without it the newest is
    read.
    """

    kind: str
    place: str | Path = ""
    table: str | None = None
    query: str | None = None
    options: Options = field(default_factory=dict)
    version: int | None = None

    @property
    def is_unseen(self) -> bool:
        """Whether its columns are not known before it is read, by a plugin or from standard input."""
        return self.kind in (PLUGIN, STREAM)

    @property
    def named(self) -> str:
        """How messages and records call it: `duckdb:warehouse.duckdb/weather`; without secrets."""
        return "standard input" if self.kind == STREAM else _named(self.kind, self.place, self.table)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSink:
    """A place that takes rows all at once: a table, an object of a store, or standard output.

    `kind` is as for `TableSource`, or `object`: then `place` is its address. What a run staged is put there
    in one step, and replaces what was there.
    """

    kind: str
    place: str | Path = ""
    table: str | None = None
    options: Options = field(default_factory=dict)

    @property
    def named(self) -> str:
        """How messages and records call it; without secrets."""
        if self.kind == STREAM:
            return "standard output"
        if self.kind == OBJECT:
            return without_secrets(str(self.place))
        return _named(self.kind, self.place, self.table)


def is_remote(path: str) -> bool:
    """Whether a path is an address such as `s3://bucket/key`."""
    return REMOTE in path


def opened(options: Options) -> dict[str, object]:
    """Options with their secrets, for the driver that needs them; to be kept no longer than that."""
    return {name: revealed(value) for name, value in options.items()}


def without_values(text: str, options: Options) -> str:
    """A text in which no secret of the options stands: what libraries say may quote them."""
    for value in options.values():
        for name in SECRET.findall(value) if isinstance(value, str) else ():
            text = text.replace(str(revealed(f"${{secret:{name}}}")), "***")
    return text


def _named(kind: str, place: str | Path, table: str | None) -> str:
    shown = str(place.absolute()) if isinstance(place, Path) else masked(without_secrets(place))
    return f"{kind}:{'/'.join(filter(None, (shown, table)))}"
