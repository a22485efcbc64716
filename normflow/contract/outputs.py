"""What may leave: the contract that follows from the fit, and the checks that were declared on top."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.contract.checks import RowCheck, compile_checks
from normflow.spec import ColumnChecks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from normflow.spec import Interval, Severity

ULPS = 4
FLOAT_SUMS = 1e-6  # what a float sum over many rows may be off, as a share


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DerivedColumn:
    """What the fit promises of one output column.

    Args:
        name: the output column.
        lo: the smallest value the transform can give (-inf where there is none), before widening.
        hi: the largest.
        finite: no NaN and no infinity comes out.
        missing: true, on the *input* row, where the output must be null: a null, a NaN or infinity that is
            made null, a value outside the domain.
        mean: the mean that the profile predicts, in a run that fits.
        std: likewise, with ddof 0.
        mean_error: how far the rows' mean may lie from that, because buckets stand for values.
        std_error: likewise.
        total: every number has a result; otherwise values outside the domain become null, and are told.
    """

    name: str
    lo: float = -math.inf
    hi: float = math.inf
    finite: bool = True
    missing: pl.Expr | None = None
    mean: float | None = None
    std: float | None = None
    mean_error: float = 0.0
    std_error: float = 0.0
    total: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentCheck:
    """A check of a column's mean or standard deviation."""

    column: str
    kind: str
    section: str
    interval: Interval
    severity: Severity = "error"

    @property
    def name(self) -> str:
        """`temp.mean`."""
        return f"{self.column}.{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutputChecks:
    """Everything that is judged on what leaves, ready for one select over the transformed rows.

    Args:
        rows: checks of single values.
        moments: checks of means and standard deviations.
        missing: by output column, where its input makes it null.
        partial: the output columns whose transform has no result for some numbers.
        columns: the columns to collect statistics of, with their types.
    """

    rows: tuple[RowCheck, ...]
    moments: tuple[MomentCheck, ...]
    missing: Mapping[str, pl.Expr]
    partial: frozenset[str]
    columns: Mapping[str, pl.DataType]


def output_checks(
    checks: Mapping[str, ColumnChecks], derived: Sequence[DerivedColumn], schema: Mapping[str, pl.DataType]
) -> OutputChecks:
    """The declared checks of output columns, and what the fit promises of them."""
    promised = {column.name: promise(column) for column in derived}
    measured = dict.fromkeys([*promised, *checks])
    return OutputChecks(
        rows=(*compile_checks(checks, "checks", schema), *compile_checks(promised, "derived", schema)),
        moments=(*_moments(checks, "checks"), *_moments(promised, "derived")),
        missing={column.name: column.missing for column in derived if column.missing is not None},
        partial=frozenset(column.name for column in derived if not column.total),
        columns={name: schema[name] for name in measured},
    )


def expected_nulls(checks: OutputChecks) -> list[pl.Expr]:
    """Sums over the good rows: by output column, how many nulls these must give."""
    return [missing.sum().alias(name) for name, missing in checks.missing.items()]


def promise(column: DerivedColumn) -> ColumnChecks:
    """What the fit promises of a column, in the words of a declaration; the bounds are widened."""
    lo, hi = widened(column.lo, column.hi)
    bounded = math.isfinite(lo) or math.isfinite(hi)
    slack = FLOAT_SUMS * max(abs(column.mean or 0.0), column.std or 0.0)
    return ColumnChecks(
        range=(lo if math.isfinite(lo) else None, hi if math.isfinite(hi) else None) if bounded else None,
        finite=column.finite,
        mean=_around(column.mean, column.mean_error + slack),
        std=_around(column.std, column.std_error + slack),
    )


def _around(value: float | None, error: float) -> Interval | None:
    return None if value is None or not math.isfinite(error) else (value - error, value + error)


def widened(lo: float, hi: float, ulps: int = ULPS) -> tuple[float, float]:
    """An interval with a few units in the last place on each side, for libraries that differ there."""
    for _ in range(ulps):
        lo, hi = math.nextafter(lo, -math.inf), math.nextafter(hi, math.inf)
    return lo, hi


def _moments(checks: Mapping[str, ColumnChecks], section: str) -> Iterable[MomentCheck]:
    for column, rule in checks.items():
        for kind, interval in (("mean", rule.mean), ("std", rule.std)):
            if interval is not None:
                yield MomentCheck(
                    column=column, kind=kind, section=section, interval=interval, severity=rule.severity
                )
