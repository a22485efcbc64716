"""Verdicts: what was counted against what was allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.contract.wording import ends, share_of, within
from normflow.record import CheckRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from normflow.contract.checks import RowCheck
    from normflow.contract.counts import Counts
    from normflow.contract.outputs import MomentCheck, OutputChecks
    from normflow.contract.statistics import Statistics
    from normflow.spec import Limit

OUTCOMES: Mapping[str, str] = {
    "fail": "is allowed",
    "quarantine": "are quarantined",
    "null": "are made null",
    "clip": "are clipped",
}


def judge_rows(checks: Iterable[RowCheck], failed: Mapping[str, int], rows: int) -> tuple[CheckRecord, ...]:
    """The verdict on each row check, from the failed rows counted by its id."""
    return tuple(_row_verdict(check, failed[check.id], rows) for check in checks)


def judge_quarantine(limit: Limit, counts: Counts) -> CheckRecord:
    """Whether the quarantine as a whole stays below its ceiling."""
    within_limit = limit.allows(counts.quarantined, counts.rows)
    told = f"{share_of(counts.quarantined, counts.rows)} quarantined"
    return CheckRecord(
        check="quarantine.max_rows",
        section="quarantine",
        column="",
        severity="error",
        rows=counts.rows,
        failed=counts.quarantined,
        share=_share(counts.quarantined, counts.rows),
        threshold=str(limit),
        status="passed" if within_limit else "failed",
        message=told if within_limit else f"{told}, and max_rows is {limit}",
    )


def judge_outputs(
    checks: OutputChecks, statistics: Statistics, expected_nulls: Mapping[str, int]
) -> tuple[CheckRecord, ...]:
    """The verdicts on what leaves: declared checks, then what the fit promised."""
    return (
        *judge_rows(checks.rows, statistics.failed, statistics.rows),
        *(_moment_verdict(check, statistics) for check in checks.moments),
        *(
            _nulls_verdict(name, nulls, statistics, partial=name in checks.partial)
            for name, nulls in expected_nulls.items()
        ),
    )


def _row_verdict(check: RowCheck, failed: int, rows: int) -> CheckRecord:
    return CheckRecord(
        check=check.name,
        section=check.section,
        column=check.column,
        severity=check.rule.severity,
        rows=rows,
        failed=failed,
        share=_share(failed, rows),
        threshold=str(check.limit),
        status=_row_status(check, failed, rows),
        message=_row_message(check, failed, rows),
    )


def _row_status(check: RowCheck, failed: int, rows: int) -> str:
    if not check.limit.allows(failed, rows):
        return "failed" if check.is_error else "warned"
    taken = "quarantined" if check.quarantines else "mended" if check.mends else "passed"
    return taken if failed else "passed"


def _row_message(check: RowCheck, failed: int, rows: int) -> str:
    if not failed:
        return "every row passes"
    told = f"{check.text} in {share_of(failed, rows)}"
    if check.limit.allows(failed, rows):
        return f"{told}, which {OUTCOMES[check.rule.on_fail]}"
    return told if check.rule.max_failed is None else f"{told}, and max_failed is {check.limit}"


def _moment_verdict(check: MomentCheck, statistics: Statistics) -> CheckRecord:
    found = statistics.columns[check.column]
    value = found.mean if check.kind == "mean" else found.std
    lo, hi = check.interval
    passed = value is not None and (lo is None or value >= lo) and (hi is None or value <= hi)
    told = f"the {check.kind} of {check.column} is {'undefined' if value is None else f'{value:.6g}'}"
    return column_verdict(
        check=check.name,
        section=check.section,
        column=check.column,
        severity=check.severity,
        threshold=ends(check.interval),
        passed=passed,
        message=told if passed else f"{told}, not {within(check.interval)}",
        value=value,
        rows=statistics.rows,
    )


def _nulls_verdict(name: str, expected: int, statistics: Statistics, *, partial: bool) -> CheckRecord:
    found = statistics.columns[name].nulls
    outside = max(0, found - expected) if partial else 0
    passed = found - outside == expected
    told = f"{name} has {found:,} nulls"
    if not passed:
        told += f", and its input makes {expected:,}"
    elif outside:
        told += f", {outside:,} of them from values outside the transform's domain"
    return column_verdict(
        check=f"{name}.nulls",
        section="derived",
        column=name,
        severity="warn" if partial else "error",
        threshold=str(expected),
        passed=passed and not outside,
        message=told,
        value=float(found),
        rows=statistics.rows,
        failed=outside or None,
    )


def column_verdict(
    *,
    check: str,
    section: str,
    column: str,
    severity: str,
    threshold: str,
    passed: bool,
    message: str,
    value: float | None,
    rows: int,
    failed: int | None = None,
    warns: bool = False,
) -> CheckRecord:
    """A verdict on a column as a whole: where it fails, so do all its rows, unless `failed` counts them.

    One that `warns` never fails the run, whatever its severity.
    """
    failed = 0 if passed else rows if failed is None else failed
    return CheckRecord(
        check=check,
        section=section,
        column=column,
        severity=severity,
        rows=rows,
        failed=failed,
        share=_share(failed, rows),
        threshold=threshold,
        status="passed" if passed else "failed" if severity == "error" and not warns else "warned",
        message=message,
        value=value,
    )


def _share(failed: int, rows: int) -> float:
    return failed / rows if rows else 0.0
