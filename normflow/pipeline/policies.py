"""The policies of a fit in a run: rows they refuse or part, and what they did to the values, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.contract import RowCheck
from normflow.fits import source_number
from normflow.spec import ColumnChecks
from normflow.transforms import Fill, Transform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from normflow.fits import ColumnFit, Fit

SECTION = "policy"
TEXTS = {"nonfinite": "is NaN or infinite", "outside": "is outside the fitted range"}


def policy_checks(fit: Fit, schema: Mapping[str, pl.DataType]) -> tuple[RowCheck, ...]:
    """A check for each policy of `error` or `quarantine`, on the rows that enter."""
    return tuple(
        RowCheck(
            column=one.column,
            kind=kind if one.index is None else f"{kind}[{one.index}]",
            section=SECTION,
            rule=ColumnChecks(on_fail="quarantine" if parted else "fail"),
            dtype=schema[one.column],
            ok=~bad,
            text=f"{one.column} {TEXTS[kind]}{_range(one) if kind == 'outside' else ''}",
        )
        for one in fit.columns
        for kind, bad, parted in _judged(one, schema)
    )


def _judged(fit: ColumnFit, schema: Mapping[str, pl.DataType]) -> Iterable[tuple[str, pl.Expr, bool]]:
    x = source_number(fit, schema)
    for kind, bad in fit.treatment.refused(x).items():
        yield kind, bad, False
    if fit.treatment.outside == "quarantine":
        yield "outside", fit.treatment.beyond(fit.treatment.entered(x)), True


def _range(fit: ColumnFit) -> str:
    low, high = fit.treatment.low, fit.treatment.high
    return "" if low is None or high is None else f" [{low:.6g}, {high:.6g}]"


def policy_counts(good: pl.LazyFrame, fit: Fit, schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """One row over the rows that are transformed: what each column's policies met and did."""
    counts = [
        count.sum().alias(f"{kind}:{one.label}")
        for one in fit.columns
        if not one.passes_through
        for kind, count in _counted(one, schema).items()
    ]
    return good.select(counts)


def _counted(fit: ColumnFit, schema: Mapping[str, pl.DataType]) -> dict[str, pl.Expr]:
    x, around = source_number(fit, schema), fit.treatment
    entered = around.entered(x)
    found = {"nulls": x.is_null(), "outside": around.beyond(entered)}
    if not schema[fit.column].is_integer():
        found["nonfinite"] = x.is_finite().not_()
    unfilled = Transform(tuple(one for one in around.guards.maps if not isinstance(one, Fill)))
    if len(unfilled.maps) < len(around.guards.maps):
        found["filled"] = unfilled.expr(entered).is_null()
    if unfilled.maps:
        found["clipped"] = (unfilled.expr(entered) != entered) & entered.is_not_nan()
    return found


def read_counts(frame: pl.DataFrame) -> dict[str, dict[str, int]]:
    """By output: how many values were null, not finite, outside the fitted range, clipped and filled."""
    found: dict[str, dict[str, int]] = {}
    for alias, count in frame.row(0, named=True).items() if frame.width else ():
        kind, _, label = alias.partition(":")
        found.setdefault(label, {})[kind] = count or 0
    return found
