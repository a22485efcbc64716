"""What a run and `explain` tell of each output that a fit writes."""

from __future__ import annotations

from dataclasses import asdict
from itertools import count, takewhile, zip_longest
from typing import TYPE_CHECKING, Any

from normflow.naming import member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.contract import Statistics
    from normflow.fits import ColumnFit, Drift, Fit, RowFit
    from normflow.pipeline.group_drifting import Moved


def described(fit: Fit) -> list[dict[str, Any]]:
    """Each column's fit, then each output of a row-wise method, as `explain` and the report show them.

    All have the same keys; what a method that learns nothing cannot tell is None. `reads` names the columns
    that an output is made of.
    """
    columns = [
        {
            **_told(one),
            "reads": [one.column],
            "formula": one.transform.formula("x"),
            "groups": fit.told(one),
        }
        for one in fit.columns
    ]
    return [*columns, *(one for rows in fit.row_wise for one in _row_wise(rows))]


def pictured(fit: Fit) -> list[dict[str, Any]]:
    """The same with the `reference` of each column, from which its histogram is drawn."""
    kept = [one.reference.to_json() if one.reference else None for one in fit.columns]
    return [{**one, "reference": reference} for one, reference in zip_longest(described(fit), kept)]


def published(
    fit: Fit,
    statistics: Statistics,
    counted: Mapping[str, Mapping[str, int]],
    drift: Mapping[str, Drift],
    moved: Moved | None,
) -> tuple[dict[str, Any], ...]:
    """The same with what a run met: `policies`, and as `output_values` nulls, range, mean and std written.

    `drift` is how far what came is from what taught the fit; None where that was not measured. Where groups
    were compared it has `groups`, which tells how many moved and which most.
    """
    labels = [*(one.label for one in fit.columns), *(name for rows in fit.row_wise for name in rows.outputs)]
    return tuple(
        {
            **one,
            "policies": dict(counted.get(label, {})),
            "output_values": _values(statistics, label),
            "drift": _drift(label, drift, moved),
        }
        for one, label in zip(described(fit), labels, strict=True)
    )


def _drift(label: str, drift: Mapping[str, Drift], moved: Moved | None) -> dict[str, Any] | None:
    if label not in drift:
        return None
    by_group = {"groups": moved.column(label)} if moved and label in moved.columns else {}
    return {**drift[label].to_json(), **by_group}


def _told(fit: ColumnFit) -> dict[str, Any]:
    """A column's fit without what only later values are compared with."""
    return {name: part for name, part in fit.to_json().items() if name != "reference"}


def _row_wise(rows: RowFit) -> list[dict[str, Any]]:
    unknown = dict.fromkeys(("index", "transform", "treatment", "missing", "before", "after", "choice"))
    return [
        {
            **unknown,
            "column": column,
            "output": output,
            "method": rows.method,
            "options": {**rows.options, **({} if rows.dtype == "Float64" else {"dtype": rows.dtype})},
            "version": rows.version,
            "reads": list(rows.columns),
            "formula": rows.formula,
            "groups": None,
        }
        for column, output in zip(rows.columns, rows.outputs, strict=True)
    ]


def _values(statistics: Statistics, label: str) -> dict[str, Any] | None:
    found = statistics.columns.get(label)
    if found is not None:
        return asdict(found)
    names = takewhile(statistics.columns.__contains__, (member(label, i) for i in count()))
    places = [asdict(statistics.columns[name]) for name in names]
    if not places:
        return None
    # a row has all places of its array or none; of the places' means and stds the whole's do not follow
    lows, highs = ([one[end] for one in places if one[end] is not None] for end in ("min", "max"))
    ends = {"min": min(lows, default=None), "max": max(highs, default=None)}
    return {**places[0], **ends, "mean": None, "std": None}
