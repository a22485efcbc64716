"""What the adapters share: whether another try may help, and what a run is told as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.errors import NormflowError
    from normflow.record import RunRecord

RETRIES = {3, 4}
"""The exit codes that another try may mend: the system (3), and a sink or registry that is busy (4).

Rows that fail (1), a wrong configuration (2) and a difference (5) are the same the next time.
"""


def may_retry(error: NormflowError) -> bool:
    """Whether the same run may succeed a little later."""
    return error.exit_code in RETRIES


def sentence(error: NormflowError) -> str:
    """The error, and what each failed check says."""
    record: RunRecord | None = getattr(error, "record", None)
    failed = [one.message for one in record.checks if one.status == "failed"] if record else []
    return "\n".join([str(error), *failed])


def told(record: RunRecord) -> dict[str, Any]:
    """A run in a few plain values, for whoever shows metadata."""
    return {
        "run_id": record.run_id,
        "fit_id": record.fit_id,
        "fit": record.fit,
        "rows": record.rows,
        "quarantined": record.quarantined,
        "outputs": [one.path for one in record.outputs],
        "methods": {one["output"]: one["method"] for one in record.columns},
        "warnings": list(record.warnings),
    }


def settings(target: str | None, variables: Mapping[str, Any] | None) -> dict[str, Any]:
    """The arguments of `normflow.load` beside the path."""
    return {"target": target, "vars": dict(variables or {})}
