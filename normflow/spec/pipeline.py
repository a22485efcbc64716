"""The frozen `Pipeline` and its parts, one value per section of the pipeline file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from normflow.spec.limits import Limit
from normflow.spec.policies import UNTOUCHED, Policies
from normflow.upward import pandera_schema

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.spec.drift import DriftSpec
    from normflow.spec.formats import FileFormat
    from normflow.spec.groups import GroupSpec

JsonScalar = str | int | float | bool | None
Option = JsonScalar | tuple["Option", ...]
Options = Mapping[str, Option]

OnFail = Literal["fail", "quarantine", "null", "clip"]
Severity = Literal["error", "warn"]
ColumnChange = Literal["error", "warn", "ignore"]
Mode = Literal["reuse", "refit", "frozen"]
RunMode = Literal["reuse", "refit", "frozen", "replay"]
Goal = Literal["model", "gaussian", "robust", "bounded", "preserve"]
Compat = Literal["sklearn", "r", "spark", "bigquery"]
Quantiles = Literal["histogram", "exact"]
Interval = tuple[float | None, float | None]
NO_LIMIT = Limit()
NONE_FAILS = (Limit(count=0), Limit(share=0.0))
ROW_WISE = ("unit", "layer")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """Where the rows come from: files, globs or folders of one format, in a fixed order once resolved.

    Without a format the suffixes of the files found tell it. `without` are columns of the files that are no
    part of the table.
    """

    paths: tuple[str, ...]
    format: FileFormat | None = None
    options: Options = field(default_factory=dict)
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSpec:
    """Where the normalized rows go."""

    path: Path
    format: FileFormat
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineSpec:
    """Where rows that broke a quarantining check go, and how many may."""

    path: Path
    format: FileFormat
    max_rows: Limit = NO_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCheck:
    """A check of pandera's by its name, built in or registered, with its arguments."""

    name: str
    arguments: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChecks:
    """What must hold for one column, at the way in (contract) or the way out (checks).

    `dtype` names a type family or a Polars type; `range` is closed, None is open; `regex` matches the whole
    text, `length` counts characters, or the items of a list; `checks` are pandera's. Null passes them all but
    `nullable` and `unique`, NaN fails range and isin. `mean`, `std` (ddof 0), `skew` (biased g1), `quantile`
    (shares with their intervals), `nulls_at_most` and `drift` are for outputs only.
    With `redact` no value of the column is told as an example.
    """

    dtype: str | None = None
    nullable: bool = True
    unique: bool = False
    range: Interval | None = None
    isin: tuple[str | int | float | bool, ...] | None = None
    regex: str | None = None
    length: tuple[int | None, int | None] | None = None
    finite: bool = False
    checks: tuple[NamedCheck, ...] = ()
    mean: Interval | None = None
    std: Interval | None = None
    skew: Interval | None = None
    quantile: tuple[tuple[float, Interval], ...] | None = None
    nulls_at_most: Limit | None = None
    drift: DriftSpec | None = None
    severity: Severity = "error"
    on_fail: OnFail = "fail"
    max_failed: Limit | None = None
    redact: bool = False

    @property
    def stops(self) -> bool:
        """Whether no failing row is ever published: it is quarantined, or it alone fails the run."""
        alone = self.severity == "error" and self.max_failed in (None, *NONE_FAILS)
        return self.on_fail != "fail" or alone


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueSpec:
    """Columns whose values together may come once, and what becomes of later rows that have them again."""

    columns: tuple[str, ...]
    on_fail: OnFail = "fail"
    severity: Severity = "error"
    max_failed: Limit | None = None

    @property
    def rule(self) -> ColumnChecks:
        """The same as the declaration of one column."""
        return ColumnChecks(
            unique=True, on_fail=self.on_fail, severity=self.severity, max_failed=self.max_failed
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """What must hold for the table as a whole.

    `rows` are the fewest and the most there may be; `row_change` is how far, as a share, their number may be
    from that of the last successful run; `columns` says what it means when columns came or went since then.
    """

    unique: tuple[UniqueSpec, ...] = ()
    rows: tuple[int | None, int | None] | None = None
    row_change: float | None = None
    columns: ColumnChange = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSpec:
    """How one column, or the columns a pattern names, is normalized.

    `columns` names the members of a row for a row-wise method; the key is then only a name. Where the method
    is `auto`, `goal` is what it aims at (None for the pipeline's), `candidates` are the only methods there
    are, if any are named, and `declared` is the range that the contract lets no value leave. `plugins` are
    the methods of other packages that may be named, or take part.
    """

    method: str
    options: Options = field(default_factory=dict)
    suffix: str = ""
    policies: Policies = UNTOUCHED
    columns: tuple[str, ...] = ()
    goal: Goal | None = None
    candidates: tuple[str, ...] = ()
    declared: tuple[float, float] | None = None
    plugins: tuple[str, ...] = ()

    @property
    def row_wise(self) -> bool:
        """Whether it works on each row by itself, and so learns nothing."""
        return self.method in ROW_WISE


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSpec:
    """How parameters are learned; `where` is a predicate, and only rows that match it teach.

    With `by` each group of rows has parameters of its own. `margin` is the share of a threshold within which
    a refit keeps the method of the earlier fit. With `window` only so many of the source's last partitions
    teach. `drift` is when a run that uses an earlier fit finds today's rows too unlike those that taught it.
    """

    where: str | None = None
    by: GroupSpec | None = None
    mode: Mode = "reuse"
    goal: Goal = "model"
    compat: Compat = "sklearn"
    quantiles: Quantiles = "histogram"
    resolution: int = 16_384
    margin: float = 0.05
    window: int | None = None
    drift: DriftSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One pipeline: what to read, what must hold, how to normalize, where to publish and record.

    `schemas` name pandera schemas that are judged as well. `memory` is how many bytes a run may hold; None is
    a quarter of the machine. With `private` no values of the data are kept on record. `report` is where the
    page of each run goes, if anywhere.
    """

    name: str
    file: Path
    source: SourceSpec
    sink: SinkSpec
    contract: Mapping[str, ColumnChecks] = field(default_factory=dict)
    table: TableSpec = TableSpec()
    fit: FitSpec = FitSpec()
    normalize: Mapping[str, MethodSpec] = field(default_factory=lambda: {"*": MethodSpec(method="auto")})
    checks: Mapping[str, ColumnChecks] = field(default_factory=dict)
    quarantine: QuarantineSpec
    registry: Path
    schemas: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    memory: int | None = None
    private: bool = False
    report: Path | None = None
    places: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    meta: Mapping[str, object] = field(default_factory=dict)

    def place(self, key: str) -> str:
        """Where a key such as `normalize.humid.method` was written, else what holds it, else the file."""
        while key and key not in self.places:
            key = key.rpartition(".")[0]
        return self.places.get(key, str(self.file))

    def input_schema(self) -> Any:
        """The contract as a `pandera.polars.DataFrameSchema`, in the types of the source's columns.

        Reads no rows. pandera lets NaN pass a comparison that a run does not let it pass, and its `unique`
        reports the first of equal values too. `on_fail: null` and `clip` are a run's own; for pandera the
        values fail.

        Raises:
            SourceError: the source is missing or unreadable.
            SchemaError: pandera cannot name a column such as `*`.
        """
        return pandera_schema("input_schema", self)

    def to_json(self) -> str:
        """The resolved pipeline as JSON text; paths below the file's folder are relative to it."""
        from normflow.spec.stored import to_text

        return to_text(self)

    @classmethod
    def from_json(cls, text: str) -> Pipeline:
        """Read a pipeline that `to_json` wrote; where its keys were written is not known any more.

        Raises:
            FormatError: it is no pipeline, or has a part that this version does not know.
        """
        from normflow.spec.stored import of_text

        return of_text(text)
