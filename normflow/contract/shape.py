"""Verdicts on the shape of what leaves: skewness, quantiles, nulls, and drift from the fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.contract.judge import column_verdict
from normflow.contract.wording import ends, share_of, within
from normflow.fits import FEW_ROWS
from normflow.spec import Limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from normflow.contract.statistics import Statistics
    from normflow.fits import Drift
    from normflow.profiles import ColumnProfile
    from normflow.record import CheckRecord
    from normflow.spec import ColumnChecks, DriftSpec, Interval

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


def judge_drift(column: str, drift: Drift, limits: DriftSpec, *, section: str, severity: str) -> CheckRecord:
    """The verdict on how far a column's values are from those that taught the fit.

    Above `fail` it fails where severity is error; above any other limit, or on few rows, it warns.
    """
    few = drift.rows < FEW_ROWS
    named = {"warn": limits.warn, "refit": limits.refit, "fail": limits.fail}
    limited = {key: limit for key, limit in named.items() if limit is not None}
    passed = [f"{key} is {limit:g}" for key, limit in limited.items() if drift.psi > limit]
    failed = limits.fail is not None and drift.psi > limits.fail and severity == "error" and not few
    told = f"{column} has PSI {drift.psi:.3g} against what taught the fit{_beside(drift)}"
    reason = f", and {passed[-1]}" if passed else ""
    return column_verdict(
        check=column if section == "drift" else f"{column}.drift",
        section=section,
        column=column,
        severity=severity if limits.fail is not None else "warn",
        threshold=", ".join(f"{key} {limit:g}" for key, limit in limited.items()),
        passed=not passed,
        message=f"{told}{reason}{', but they are few rows' if passed and few else ''}",
        value=drift.psi,
        rows=drift.rows,
        warns=not failed,
    )


def _beside(drift: Drift) -> str:
    """What moved, in parentheses: the numbers that are not 0."""
    parts = [f"KS {drift.ks:.3g}"]
    if drift.outside:
        parts.append(f"{drift.outside:.3g} outside the fitted range")
    if drift.missing:
        parts.append(f"missing {drift.missing:+.3g}")
    if drift.shift:
        parts.append(f"quantiles moved by {drift.shift:.3g} IQR")
    return f" ({', '.join(parts)})"


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
