"""The table as a whole: how many rows it has, and which columns, beside the last successful run."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from normflow.errors import Problem, SchemaError, suggestion
from normflow.record import CheckRecord
from normflow.spec import Limit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from normflow.spec import Pipeline, TableSpec

NO_EARLIER = "no earlier run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What the last successful run read; None is what is not on record."""

    rows: int | None
    columns: tuple[str, ...] | None


def gate_table(schema: Collection[str], pipeline: Pipeline) -> None:
    """See that the keys of a table are columns of it.

    Raises:
        SchemaError: with all that are missing.
    """
    missing: dict[str, str] = {}
    for i, key in enumerate(pipeline.table.unique):
        for j, name in enumerate(key.columns):
            if name not in schema:
                missing.setdefault(name, pipeline.place_in(f"table.unique[{i}]", j))
    if missing:
        raise SchemaError.of(
            Problem(place, f"no column '{name}' in the source; {suggestion(name, schema)}", "table.unique")
            for name, place in missing.items()
        )


def judge_table(
    table: TableSpec, rows: int, columns: tuple[str, ...], earlier: Earlier | None, known: Collection[str]
) -> Iterator[CheckRecord]:
    """The verdicts on rows and columns.

    `known` names the columns that the pipeline speaks of itself: none of these is unexpected.
    """
    if table.rows is not None:
        yield _rows(table.rows, rows)
    if table.row_change is not None:
        yield _row_change(table.row_change, rows, earlier)
    if table.columns != "ignore":
        yield _columns(table.columns, rows, columns, earlier, known)


def _rows(bounds: tuple[int | None, int | None], rows: int) -> CheckRecord:
    low, high = bounds
    passed = (low is None or rows >= low) and (high is None or rows <= high)
    told = " and ".join(
        f"{word} {end:,}" for word, end in (("at least", low), ("at most", high)) if end is not None
    )
    message = f"{rows:,} rows"
    return _verdict(
        "rows", rows, passed=passed, message=message if passed else f"{message}, not {told}", threshold=told
    )


def _row_change(share: float, rows: int, earlier: Earlier | None) -> CheckRecord:
    before = earlier.rows if earlier else None
    limit = str(Limit(share=share))
    if not before:
        return _verdict("row_change", rows, passed=True, message=NO_EARLIER, threshold=limit)
    change = abs(rows - before)
    passed = change <= Fraction(str(share)) * before
    message = f"{rows:,} rows, and {before:,} in the last run: {(rows - before) / before:+.1%}"
    return _verdict(
        "row_change",
        rows,
        passed=passed,
        message=message if passed else f"{message}, and row_change is {limit}",
        threshold=limit,
        value=(rows - before) / before,
    )


def _columns(
    severity: str, rows: int, columns: tuple[str, ...], earlier: Earlier | None, known: Collection[str]
) -> CheckRecord:
    before = earlier.columns if earlier else None
    if before is None:
        return _verdict("columns", rows, passed=True, message=NO_EARLIER, severity=severity)
    came = [name for name in columns if name not in before and name not in known]
    gone = [name for name in before if name not in columns]
    told = [
        f"{word} since the last run: {', '.join(names)}"
        for word, names in (("new", came), ("gone", gone))
        if names
    ]
    return _verdict(
        "columns",
        rows,
        passed=not told,
        message="; ".join(told) or "the columns are those of the last run",
        severity=severity,
    )


def _verdict(
    check: str,
    rows: int,
    *,
    passed: bool,
    message: str,
    threshold: str = "",
    severity: str = "error",
    value: float | None = None,
) -> CheckRecord:
    """A verdict on the table: where it fails, so do all its rows."""
    return CheckRecord(
        check=check,
        section="table",
        column="",
        severity=severity,
        rows=rows,
        failed=0 if passed else rows,
        share=0.0 if passed else 1.0,
        threshold=threshold,
        status="passed" if passed else "failed" if severity == "error" else "warned",
        message=message,
        value=value,
    )
