"""What is declared to hold: for one column, for a key, for the table as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from normflow.spec.limits import Limit

if TYPE_CHECKING:
    from normflow.spec.drift import DriftSpec
    from normflow.spec.words import ColumnChange, Interval, OnFail, Options, Severity

NONE_FAILS = (Limit(count=0), Limit(share=0.0))


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
