"""Verdicts on the shape of what leaves: skewness, quantiles and nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.contract.judge import column_verdict
from normflow.contract.wording import ends, share_of, within
from normflow.spec import Limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from normflow.contract.statistics import Statistics
    from normflow.profiles import ColumnProfile
    from normflow.record import CheckRecord
    from normflow.spec import ColumnChecks, Interval

SECTION = "checks"


def shapes(checks: Mapping[str, ColumnChecks]) -> list[str]:
    """The columns whose checks need a profile of what leaves."""
    return [name for name, rule in checks.items() if rule.skew or rule.quantile]


def judge_shape(column: str, rule: ColumnChecks, profile: ColumnProfile) -> Iterator[CheckRecord]:
    """The verdicts on a column's skewness and quantiles, which are those of its finite values."""
    if rule.skew:
        yield _interval_verdict(column, "skew", rule.skew, profile.skew, rule.severity, profile.rows)
    for share, interval in rule.quantile or ():
        value = profile.quantile(share) if profile.n else None
        kind = f"quantile.{Limit(share=share)}"
        yield _interval_verdict(column, kind, interval, value, rule.severity, profile.rows)


def judge_nulls(checks: Mapping[str, ColumnChecks], statistics: Statistics) -> Iterator[CheckRecord]:
    """The verdicts on how many rows of each column are null."""
    for column, rule in checks.items():
        if rule.nulls_at_most is None:
            continue
        nulls, rows = statistics.columns[column].nulls, statistics.rows
        passed = rule.nulls_at_most.allows(nulls, rows)
        told = f"{column} is null in {share_of(nulls, rows)}"
        yield column_verdict(
            check=f"{column}.nulls_at_most",
            section=SECTION,
            column=column,
            severity=rule.severity,
            threshold=str(rule.nulls_at_most),
            passed=passed,
            message=told if passed else f"{told}, and nulls_at_most is {rule.nulls_at_most}",
            value=float(nulls),
            rows=rows,
            failed=nulls,
        )


def _interval_verdict(
    column: str, kind: str, interval: Interval, value: float | None, severity: str, rows: int
) -> CheckRecord:
    lo, hi = interval
    passed = value is not None and (lo is None or value >= lo) and (hi is None or value <= hi)
    said = f"{kind.removeprefix('quantile.')} quantile" if kind.startswith("quantile") else kind
    told = f"the {said} of {column} is {'undefined' if value is None else f'{value:.6g}'}"
    return column_verdict(
        check=f"{column}.{kind}",
        section=SECTION,
        column=column,
        severity=severity,
        threshold=ends(interval),
        passed=passed,
        message=told if passed else f"{told}, not {within(interval)}",
        value=value,
        rows=rows,
    )
