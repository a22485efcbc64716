"""Whether a registry is sound: each block whole, each document what its key says, no dangling reference."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.errors import NormflowError
from normflow.fits import Fit
from normflow.profiles import ColumnProfile, GroupedProfile
from normflow.registry.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from normflow.registry.connection import Connection
    from normflow.registry.handle import Handle

AT_ONCE = 64  # rows of documents or states that are held at a time
REFERENCES = (
    ("fit_uses", "run_id", "runs"),
    ("fit_uses", "fit_id", "fits"),
    ("runs", "fit_id", "fits"),
    ("parameters", "fit_id", "fits"),
    ("choices", "fit_id", "fits"),
    ("check_results", "run_id", "runs"),
    ("drift", "run_id", "runs"),
    ("outputs", "run_id", "runs"),
)
DOCUMENTS = (
    ("runs", "run_id", ("inputs", "versions", "document", "config")),
    ("parameters", "fit_id", ("options", "transform")),
    ("choices", "fit_id", ("evidence", "candidates")),
    ("check_results", "run_id", ("examples",)),
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong: in which table, at which key, and what."""

    table: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a registry holds, what is wrong in it, and which runs in it never ended."""

    format: int
    rows: Mapping[str, int]
    flaws: tuple[Flaw, ...]
    unfinished: tuple[str, ...]


def health(registry: Handle) -> Health:
    """Read a whole registry and judge it; changes nothing.

    Raises:
        RegistryError: there is none, or it is too damaged to be read.
        FormatError: a newer version wrote it.
    """
    with registry.reading() as con:
        rows = read_through(con)
        never_ended = "SELECT run_id FROM runs WHERE status IN ('running', 'publishing') ORDER BY started"
        return Health(
            format=_format(con),
            rows=rows,
            flaws=(*_dangling(con), *_no_json(con), *_fits(con), *_states(con)),
            unfinished=tuple(run_id for (run_id,) in con.execute(never_ended).fetchall()),
        )


def _format(con: Connection) -> int:
    (found,) = con.execute("SELECT value FROM meta WHERE key = 'format'").fetchone() or (0,)
    return int(found)


def read_through(con: Connection) -> dict[str, int]:
    """The number of rows of each table, of which every value was read."""
    return {table.name: _read_table(con, table.name) for table in TABLES}


def _read_table(con: Connection, table: str) -> int:
    (rows, _) = con.execute(f"SELECT count(*), {con.whole} FROM {table} AS one").fetchone() or (0, 0)  # noqa: S608  (names of our own)
    return int(rows)


def _dangling(con: Connection) -> Iterator[Flaw]:
    for table, column, other in REFERENCES:
        query = f"""SELECT DISTINCT {column} FROM {table}
            WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {column} FROM {other}) ORDER BY 1"""  # noqa: S608
        for (key,) in con.execute(query).fetchall():
            yield Flaw(table, key, f"there is no such {column} in {other}")


def _no_json(con: Connection) -> Iterator[Flaw]:
    for table, key, columns in DOCUMENTS:
        for column in columns:
            query = f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
            for found, text in con.stream(query, AT_ONCE):
                if not _is_json(text):
                    yield Flaw(table, found, f"'{column}' is no JSON")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _fits(con: Connection) -> Iterator[Flaw]:
    for table, key in (("fits", "fit_id"), ("fit_uses", "run_id")):
        query = f"SELECT {key}, fit_id, document FROM {table} WHERE document != ''"  # noqa: S608
        for found, fit_id, document in con.stream(query, AT_ONCE):
            try:
                actual = Fit.from_json(document).id
            except NormflowError as error:
                yield Flaw(table, found, error.message)
                continue
            if actual != fit_id:
                yield Flaw(table, found, f"the fit in it is {actual}, not {fit_id}")


def _states(con: Connection) -> Iterator[Flaw]:
    query = 'SELECT fingerprint, "group", "column", state FROM profiles'
    for fingerprint, group, column, state in con.stream(query, AT_ONCE):
        try:
            (GroupedProfile if group else ColumnProfile).from_bytes(state)
        except NormflowError as error:
            yield Flaw("profiles", f"{fingerprint} {column}", error.message)
