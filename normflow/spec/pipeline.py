"""The frozen `Pipeline` and its parts, one value per section of the pipeline file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from normflow.naming import without_secrets
from normflow.spec.declared import ColumnChecks, TableSpec
from normflow.spec.engine import POLARS, EngineSpec
from normflow.spec.limits import Limit
from normflow.spec.policies import UNTOUCHED, Policies
from normflow.upward import pandera_schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from normflow.spec.drift import DriftSpec
    from normflow.spec.formats import FileFormat
    from normflow.spec.groups import GroupSpec
    from normflow.spec.server import Server
    from normflow.spec.tables import TableSink, TableSource
    from normflow.spec.words import Compat, Goal, Mode, Options, Quantiles

NO_LIMIT = Limit()
ROW_WISE = ("unit", "layer")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """Where the rows come from: files, globs or folders of one format, in a fixed order once resolved.

    Without a format the suffixes of the files found tell it. `without` are columns of the files that are no
    part of the table. `storage` is how the object store of remote paths is reached. With `table` there are no
    paths: its rows are read once, into a file of the run's own.
    """

    paths: tuple[str, ...] = ()
    format: FileFormat | None = None
    options: Options = field(default_factory=dict)
    without: tuple[str, ...] = ()
    storage: Options = field(default_factory=dict)
    table: TableSource | None = None

    @property
    def named(self) -> str:
        """How messages call it; without secrets."""
        return self.table.named if self.table else ", ".join(map(without_secrets, self.paths))


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSpec:
    """Where the normalized rows go: a file, or with `partition_by` a folder of `key=value` folders.

    With `table` they go there, and `path` is only where the run stages them. `lake` is the kind of a lake's
    table: the columns take the types that it has.
    """

    path: Path
    format: FileFormat
    options: Options = field(default_factory=dict)
    partition_by: tuple[str, ...] = ()
    table: TableSink | None = None
    lake: str = ""

    @property
    def named(self) -> str:
        """By what the record knows it: the absolute path without links, or the name of the table."""
        return self.table.named if self.table else str(self.path.resolve())


def quarantine_beside(path: Path) -> Path:
    """Where the quarantine of an output goes unless another place is named: `<stem>.quarantine<suffix>`."""
    return path.with_name(f"{path.stem}.quarantine{path.suffix}")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineSpec:
    """Where rows that broke a quarantining check go, and how many may."""

    path: Path
    format: FileFormat
    max_rows: Limit = NO_LIMIT
    table: TableSink | None = None


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
    table: TableSpec = field(default_factory=TableSpec)
    fit: FitSpec = FitSpec()
    normalize: Mapping[str, MethodSpec] = field(default_factory=lambda: {"*": MethodSpec(method="auto")})
    checks: Mapping[str, ColumnChecks] = field(default_factory=dict)
    quarantine: QuarantineSpec
    registry: Path | Server
    engine: EngineSpec = POLARS
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

    def place_in(self, section: str, index: int) -> str:
        """Where one item of a list of columns such as `fit.by` was written, in whichever form it has."""
        lists = (section, section.removesuffix("[0]"))
        forms = (f"{one}{key}[{index}]" for one in lists for key in (".columns", ""))
        return self.place(next((one for one in forms if one in self.places), section.partition("[")[0]))

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
