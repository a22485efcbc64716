"""How the drift of a pipeline's columns went over its last runs, as the page of a run draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normflow.contract import STATUSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.registry import DriftPoint, Registry, RunRow

RUNS = 20
LIMITS = ("warn", "refit", "fail")


def drift_history(registry: Registry, run: RunRow) -> dict[str, Any] | None:
    """The index of each column in this run and in those before it, the last 20 that measured one.

    `runs` are their starts. Each of `columns` has `psi` and `statuses`, `groups` (the index of the group that
    had moved most) and `group_statuses` (of the one that was worst off): a value for each run, None where
    there is none. `limits` are those that it had last. None where nothing was measured.
    """
    points = registry.drift_until(run, limit=RUNS)
    if not points:
        return None
    runs = {point.run_id: point.started.isoformat() for point in points}
    columns: dict[str, list[DriftPoint]] = {}
    for point in points:
        name = point.column if point.section == "drift" else f"{point.section}.{point.column}"
        columns.setdefault(name, []).append(point)
    return {
        "runs": list(runs.values()),
        "columns": [_column(name, found, list(runs)) for name, found in columns.items()],
    }


def _column(name: str, points: Sequence[DriftPoint], runs: Sequence[str]) -> dict[str, Any]:
    by_run = {point.run_id: point for point in points}
    every = [by_run.get(run) for run in runs]
    last = points[-1]
    return {
        "column": name,
        "psi": [one.psi if one else None for one in every],
        "statuses": [one.status if one else None for one in every],
        "groups": [one.groups if one else None for one in every],
        "group_statuses": [
            None if one is None or one.group_rank is None else STATUSES[one.group_rank] for one in every
        ],
        "limits": {key: limit for key in LIMITS if (limit := getattr(last, key)) is not None},
    }
