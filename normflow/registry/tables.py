"""The tables and views of format 3, and how records become rows and come back.

Numbers are DOUBLE, bit for bit; text in JSON is for documents only. Times are UTC without a zone, because
reading a zoned time from DuckDB asks for one more package. Rows are inserted as lists, one a column: a
thousand times faster than row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from normflow.registry.records import (
    CheckRow,
    ChoiceRow,
    DriftRow,
    FitRow,
    FitUseRow,
    OutputRow,
    ParameterRow,
    ProfileRow,
    RunRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from normflow.registry.connection import Connection

FORMAT = 3

TEXT, INT, DOUBLE, TIME = "VARCHAR", "BIGINT", "DOUBLE", "TIMESTAMP"
TEXTS, BYTES, NUMBERS = "VARCHAR[]", "BLOB", "MAP(VARCHAR, DOUBLE)"

Row = TypeVar("Row")


@dataclass(frozen=True)
class Table(Generic[Row]):
    """One table: its name, its record, its key, and the type of each column in order."""

    name: str
    row: type[Row]
    key: tuple[str, ...]
    types: Mapping[str, str]

    @property
    def ddl(self) -> str:
        """The statement that makes the table."""
        columns = ", ".join(f'"{name}" {kind}' for name, kind in self.types.items())
        return f"CREATE TABLE {self.name} ({columns}, PRIMARY KEY ({_names(self.key)}))"

    @property
    def columns(self) -> str:
        """The names of its columns, quoted, in order."""
        return _names(self.types)

    def insert(self, con: Connection, rows: Sequence[Row], *, absent_only: bool = False) -> None:
        """Add rows; with `absent_only`, those whose key is not there yet."""
        con.insert(self, rows, absent_only=absent_only)

    def select(self, con: Connection, clause: str = "", values: Sequence[object] = ()) -> list[Row]:
        """The rows for which `clause` (everything after FROM) holds, as records."""
        query = f"SELECT {_names(self.types)} FROM {self.name} {clause}"  # noqa: S608  (names are our own)
        found = con.execute(query, list(values)).fetchall()
        return [self.row(**dict(zip(self.types, map(_from_sql, row), strict=True))) for row in found]


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)  # quoted: group, column, check and by are SQL words


def to_sql(value: Any) -> Any:
    """A field as DuckDB takes it."""
    match value:
        case datetime(tzinfo=None) | str():
            return value
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None)
        case tuple():
            return list(value)
        case dict():
            return {"key": list(value), "value": list(value.values())}
    return value


def _from_sql(value: Any) -> Any:
    match value:
        case datetime():
            return value.replace(tzinfo=UTC)
        case list():
            return tuple(value)
    return value


RUNS = Table(
    "runs",
    RunRow,
    ("run_id",),
    {
        "run_id": TEXT,
        "pipeline": TEXT,
        "status": TEXT,
        "exit_code": INT,
        "started": TIME,
        "finished": TIME,
        "mode": TEXT,
        "config_hash": TEXT,
        "fit_id": TEXT,
        "rows": INT,
        "quarantined": INT,
        "input_fingerprint": TEXT,
        "output_fingerprint": TEXT,
        "inputs": TEXT,
        "versions": TEXT,
        "sinks": TEXTS,
        "error": TEXT,
        "document": TEXT,
        "config": TEXT,
    },
)
FITS = Table(
    "fits",
    FitRow,
    ("fit_id",),
    {
        "fit_id": TEXT,
        "created": TIME,
        "goal": TEXT,
        "where": TEXT,
        "by": TEXTS,
        "rows": INT,
        "document": TEXT,
    },
)
FIT_USES = Table(
    "fit_uses",
    FitUseRow,
    ("run_id",),
    {
        "run_id": TEXT,
        "pipeline": TEXT,
        "fit_id": TEXT,
        "created": TIME,
        "parent": TEXT,
        "reuse_key": TEXT,
        "document": TEXT,
    },
)
PARAMETERS = Table(
    "parameters",
    ParameterRow,
    ("fit_id", "group", "column"),
    {
        "fit_id": TEXT,
        "group": TEXT,
        "column": TEXT,
        "method": TEXT,
        "method_version": INT,
        "options": TEXT,
        "transform": TEXT,
        "numbers": NUMBERS,
    },
)
CHOICES = Table(
    "choices",
    ChoiceRow,
    ("fit_id", "group", "column"),
    {
        "fit_id": TEXT,
        "group": TEXT,
        "column": TEXT,
        "method": TEXT,
        "rule": TEXT,
        "reason": TEXT,
        "runner_up": TEXT,
        "margin": DOUBLE,
        "evidence": TEXT,
        "candidates": TEXT,
    },
)
PROFILES = Table(
    "profiles",
    ProfileRow,
    ("state_key", "fingerprint", "group", "column"),
    {"state_key": TEXT, "fingerprint": TEXT, "group": TEXT, "column": TEXT, "rows": INT, "state": BYTES},
)
CHECK_RESULTS = Table(
    "check_results",
    CheckRow,
    ("run_id", "check"),
    {
        "run_id": TEXT,
        "check": TEXT,
        "section": TEXT,
        "column": TEXT,
        "severity": TEXT,
        "rows": INT,
        "failed": INT,
        "share": DOUBLE,
        "value": DOUBLE,
        "threshold": TEXT,
        "status": TEXT,
        "message": TEXT,
        "examples": TEXT,
    },
)
OUTPUTS = Table(
    "outputs",
    OutputRow,
    ("run_id", "path"),
    {
        "run_id": TEXT,
        "path": TEXT,
        "role": TEXT,
        "rows": INT,
        "bytes": INT,
        "sha256": TEXT,
        "state": TEXT,
    },
)

DRIFT = Table(
    "drift",
    DriftRow,
    ("run_id", "section", "column", "group"),
    {
        "run_id": TEXT,
        "section": TEXT,
        "column": TEXT,
        "group": TEXT,
        "taught": INT,
        "rows": INT,
        "psi": DOUBLE,
        "ks": DOUBLE,
        "outside": DOUBLE,
        "missing": DOUBLE,
        "shift": DOUBLE,
        "warn": DOUBLE,
        "refit": DOUBLE,
        "fail": DOUBLE,
        "status": TEXT,
    },
)

TABLES: tuple[Table[Any], ...] = (
    RUNS,
    FITS,
    FIT_USES,
    PARAMETERS,
    CHOICES,
    PROFILES,
    CHECK_RESULTS,
    OUTPUTS,
    DRIFT,
)
# By format: the columns that it has more than the one before, at the end of their tables.
ADDED: Mapping[int, Mapping[str, Mapping[str, str]]] = {2: {"runs": {"config": TEXT}}, 3: {}}
# By format: the tables that it has more than the one before.
NEW: Mapping[int, tuple[Table[Any], ...]] = {3: (DRIFT,)}
META = "CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR)"

# The views are for people at a DuckDB prompt; the program never reads them.
VIEWS = (
    """CREATE VIEW latest_parameters AS
    SELECT used.pipeline, used.run_id, used.created AS since, p.*
    FROM (
        SELECT u.*, row_number() OVER (PARTITION BY u.pipeline ORDER BY u.created DESC, u.run_id DESC) AS age
        FROM fit_uses u JOIN runs r USING (run_id)
        WHERE r.status = 'succeeded' AND r.mode <> 'replay'
    ) used JOIN parameters p USING (fit_id)
    WHERE used.age = 1
    ORDER BY used.pipeline, p."column", p."group" """,
    """CREATE VIEW parameter_history AS
    SELECT used.pipeline, used.first_used, used.last_used, used.runs, p.*
    FROM (
        SELECT u.pipeline, u.fit_id,
            min(u.created) AS first_used, max(u.created) AS last_used, count(*) AS runs
        FROM fit_uses u JOIN runs r USING (run_id) WHERE r.status = 'succeeded' AND r.mode <> 'replay'
        GROUP BY u.pipeline, u.fit_id
    ) used JOIN parameters p USING (fit_id)
    ORDER BY used.pipeline, p."column", p."group", used.first_used""",
    """CREATE VIEW quality_trend AS
    SELECT r.pipeline, r.started, c.*
    FROM check_results c JOIN runs r USING (run_id)
    ORDER BY r.pipeline, c."check", r.started""",
    """CREATE VIEW drift_history AS
    SELECT r.pipeline, d.run_id, r.started, d.section, d."column", d."group", m.measure, m.value,
        CASE m.measure WHEN 'psi' THEN least(d.warn, d.refit, d.fail) END AS threshold,
        CASE m.measure WHEN 'psi' THEN d.status END AS status, d."rows", d.taught
    FROM drift d JOIN runs r USING (run_id) CROSS JOIN LATERAL (VALUES
        ('psi', d.psi), ('ks', d.ks), ('outside', d.outside), ('missing', d.missing), ('shift', d.shift)
    ) m(measure, value)
    ORDER BY r.pipeline, d."column", d."group", m.measure, r.started""",
)
