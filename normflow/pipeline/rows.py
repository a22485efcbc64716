"""What a run tells the registry, as its rows: parameters, choices and verdicts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from normflow.pipeline.group_rows import numbers_of
from normflow.registry import CheckRow, ChoiceRow, ParameterRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.fits import ColumnFit, RowFit
    from normflow.record import CheckRecord


def parameter_row(fit_id: str, fit: ColumnFit) -> ParameterRow:
    """The parameters of a column."""
    maps = [one.to_json() for one in fit.transform.maps]
    return ParameterRow(
        fit_id=fit_id,
        column=fit.label,
        method=fit.method,
        method_version=fit.version,
        options=as_json(dict(fit.options)),
        transform=as_json(maps),
        numbers=numbers_of(maps),
    )


def row_wise_rows(fit_id: str, rows: RowFit) -> Iterator[ParameterRow]:
    """A row-wise method for each of its outputs: it has options, and no transform and no numbers."""
    for output in rows.outputs:
        yield ParameterRow(
            fit_id=fit_id,
            column=output,
            method=rows.method,
            method_version=rows.version,
            options=as_json({**rows.options, "columns": rows.columns}),
            transform=as_json(None),
            numbers={},
        )


def choice_row(fit_id: str, fit: ColumnFit) -> ChoiceRow:
    """Why `auto` chose what it chose for a column."""
    choice = fit.to_json()["choice"]
    return ChoiceRow(
        fit_id=fit_id,
        column=fit.label,
        method=choice["method"],
        rule=choice["rule"],
        reason=choice["reason"],
        runner_up=choice["runner_up"],
        margin=choice["margin"],
        evidence=as_json(choice["evidence"]),
        candidates=as_json(choice["candidates"]),
    )


def check_row(run_id: str, check: CheckRecord) -> CheckRow:
    """One verdict."""
    return CheckRow(
        run_id=run_id,
        check=f"{check.section}.{check.check}",
        section=check.section,
        column=check.column,
        severity=check.severity,
        rows=check.rows,
        failed=check.failed,
        share=check.share,
        value=check.value,
        threshold=check.threshold,
        status=check.status,
        message=check.message,
        examples=as_json(list(check.examples)),
    )


def as_json(document: Any) -> str:
    """A document as text, equal for equal documents."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False)
