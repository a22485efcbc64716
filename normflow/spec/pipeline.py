"""The frozen `Pipeline` and its parts, one value per section of the pipeline file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from normflow.spec.limits import Limit
from normflow.spec.policies import UNTOUCHED, Policies

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.spec.formats import FileFormat
    from normflow.spec.groups import GroupSpec

JsonScalar = str | int | float | bool | None
Option = JsonScalar | tuple["Option", ...]
Options = Mapping[str, Option]

OnFail = Literal["fail", "quarantine"]
Severity = Literal["error", "warn"]
Mode = Literal["reuse", "refit", "frozen"]
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

    Without a format the suffixes of the files found tell it.
    """

    paths: tuple[str, ...]
    format: FileFormat | None = None
    options: Options = field(default_factory=dict)


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
class ColumnChecks:
    """What must hold for one column, at the way in (contract) or the way out (checks).

    `dtype` names a type family or a Polars type; `range` is closed, None is open; null passes range and
    isin, NaN fails them. `mean` and `std` (ddof 0) are for outputs only.
    """

    dtype: str | None = None
    nullable: bool = True
    unique: bool = False
    range: Interval | None = None
    isin: tuple[str | int | float | bool, ...] | None = None
    finite: bool = False
    mean: Interval | None = None
    std: Interval | None = None
    severity: Severity = "error"
    on_fail: OnFail = "fail"
    max_failed: Limit | None = None

    @property
    def stops(self) -> bool:
        """Whether no failing row is ever published: it is quarantined, or it alone fails the run."""
        alone = self.severity == "error" and self.max_failed in (None, *NONE_FAILS)
        return self.on_fail == "quarantine" or alone


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
    a refit keeps the method of the earlier fit.
    """

    where: str | None = None
    by: GroupSpec | None = None
    mode: Mode = "reuse"
    goal: Goal = "model"
    compat: Compat = "sklearn"
    quantiles: Quantiles = "histogram"
    resolution: int = 16_384
    margin: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One pipeline: what to read, what must hold, how to normalize, where to publish and record.

    `memory` is how many bytes a run may hold; None is a quarter of the machine.
    """

    name: str
    file: Path
    source: SourceSpec
    sink: SinkSpec
    contract: Mapping[str, ColumnChecks] = field(default_factory=dict)
    fit: FitSpec = FitSpec()
    normalize: Mapping[str, MethodSpec] = field(default_factory=lambda: {"*": MethodSpec(method="auto")})
    checks: Mapping[str, ColumnChecks] = field(default_factory=dict)
    quarantine: QuarantineSpec
    registry: Path
    plugins: tuple[str, ...] = ()
    memory: int | None = None
    places: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    meta: Mapping[str, object] = field(default_factory=dict)

    def place(self, key: str) -> str:
        """Where a key such as `normalize.humid.method` was written, else what holds it, else the file."""
        while key and key not in self.places:
            key = key.rpartition(".")[0]
        return self.places.get(key, str(self.file))
