"""The table of a run beside that of the last successful one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.contract import Earlier, judge_table
from normflow.pipeline.recorded import document_recorded

if TYPE_CHECKING:
    from normflow.pipeline.prepare import Prepared
    from normflow.record import CheckRecord
    from normflow.registry import Registry


def table_verdicts(prepared: Prepared, registry: Registry, rows: int) -> tuple[CheckRecord, ...]:
    """What the section `table` says of so many rows, and of the source's columns.

    A column that the contract, or a line of `normalize`, names is expected.
    """
    pipeline = prepared.pipeline
    known = {*pipeline.contract, *pipeline.normalize}
    columns, earlier = tuple(prepared.schema), _earlier(registry, pipeline.name)
    return tuple(judge_table(pipeline.table, rows, columns, earlier, known))


def _earlier(registry: Registry, pipeline: str) -> Earlier | None:
    last = registry.newest_success(pipeline)
    if last is None:
        return None
    # runs of earlier versions did not keep the columns
    columns = document_recorded(last).get("source_columns")
    return Earlier(rows=last.rows, columns=tuple(columns) if columns else None)
