"""The policies of a fit in a run: rows they refuse or part, and what they did to the values, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.contract import RowCheck
from normflow.fits import source_number
from normflow.spec import ColumnChecks
from normflow.transforms import Fill, Transform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from normflow.fits import ColumnFit, Fit, Reading, Rows

SECTION = "policy"
UNSEEN, ROWS = "unseen", "rows"
TEXTS = {"nonfinite": "is NaN or infinite", "outside": "is outside the fitted range"}


def policy_checks(rows: Rows, fit: Fit) -> tuple[RowCheck, ...]:
    """A check for each policy of `error` or `quarantine`, on the rows that enter."""
    judged = tuple(
        RowCheck(
            column=one.column,
            kind=kind if one.index is None else f"{kind}[{one.index}]",
            section=SECTION,
            rule=ColumnChecks(on_fail="quarantine" if parted else "fail"),
            dtype=rows.schema[one.column],
            ok=~bad,
            text=f"{one.column} {TEXTS[kind]}{_range(one, fit) if kind == 'outside' else ''}",
        )
        for one in fit.columns
        for kind, bad, parted in _judged(rows.readings[one.label], rows)
    )
    return (*judged, *_seen(rows))


def _seen(rows: Rows) -> Iterable[RowCheck]:
    if rows.groups is None or rows.seen is None or rows.groups.spec.unseen != "error":
        return
    by = rows.groups.by
    yield RowCheck(
        column=by[0],
        kind="unseen",
        section=SECTION,
        rule=ColumnChecks(on_fail="fail"),
        dtype=rows.schema[by[0]],
        ok=rows.seen,
        text=f"the group by {', '.join(by)} was not there when the fit was learned",
    )


def _judged(one: Reading, rows: Rows) -> Iterable[tuple[str, pl.Expr, bool]]:
    x = source_number(one.fit, rows.schema)
    for kind, bad in one.treatment.refused(x).items():
        yield kind, bad, False
    if one.treatment.outside == "quarantine":
        yield "outside", one.treatment.beyond(one.treatment.entered(x)), True


def _range(one: ColumnFit, fit: Fit) -> str:
    if fit.groups is not None and one.label in fit.groups.columns:
        return " of its group"
    low, high = one.treatment.low, one.treatment.high
    return "" if low is None or high is None else f" [{low:.6g}, {high:.6g}]"


def policy_counts(rows: Rows, fit: Fit) -> list[pl.Expr]:
    """Sums over the rows that are transformed, which `read_counts` and `read_unseen` read."""
    counts = [
        count.alias(f"{kind}:{one.label}")
        for one in fit.columns
        if not one.passes_through
        for kind, count in _counted(rows.readings[one.label], rows).items()
    ]
    unseen = [] if rows.seen is None else [(~rows.seen).sum().alias(UNSEEN)]
    return [pl.len().alias(ROWS), *counts, *unseen]


def _counted(one: Reading, rows: Rows) -> dict[str, pl.Expr]:
    """Sums that cost little; what lies outside the fitted range follows from them, but not with groups."""
    x, around = source_number(one.fit, rows.schema), one.treatment
    entered = around.entered(x)
    found = {"nulls": x.null_count()}
    if not rows.schema[one.fit.column].is_integer():
        found["finite"] = x.is_finite().sum()
        if around.nonfinite == "keep":
            found["nans"] = x.is_nan().sum()
    if rows.groups is not None and one.fit.label in rows.groups.columns:
        found["outside"] = around.beyond(entered).sum()
    elif around.low is not None and around.high is not None:
        found["within"] = x.is_between(around.low, around.high).sum()
    unfilled = Transform(tuple(one for one in around.guards.maps if not isinstance(one, Fill)))
    if len(unfilled.maps) < len(around.guards.maps):
        found["filled"] = unfilled.expr(entered).is_null().sum()
    if unfilled.maps:
        found["clipped"] = ((unfilled.expr(entered) != entered) & entered.is_not_nan()).sum()
    return found


def read_counts(sums: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """By output: how many values were null, not finite, outside the fitted range, clipped and filled."""
    found: dict[str, dict[str, int]] = {}
    for alias, count in sums.items():
        kind, colon, label = alias.partition(":")
        if colon:
            found.setdefault(label, {})[kind] = count
    return {label: _told(sums[ROWS], one) for label, one in found.items()}


def _told(rows: int, found: dict[str, int]) -> dict[str, int]:
    # No NaN and no infinity lies within the range; kept, an infinity is outside it, and NaN is not.
    numbers = rows - found["nulls"]
    nonfinite = numbers - found.get("finite", numbers)
    beside = numbers - found.get("within", 0) - found.get("nans", nonfinite)
    told = {"nulls": found["nulls"], "outside": found.get("outside", beside)}
    if "finite" in found:
        told["nonfinite"] = nonfinite
    return told | {kind: found[kind] for kind in ("filled", "clipped") if kind in found}


def read_unseen(sums: Mapping[str, int]) -> int | None:
    """How many rows had a group that was not there when the fit was learned; None without groups."""
    return sums.get(UNSEEN)
