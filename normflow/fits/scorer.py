"""A fit in plain Python, for serving: one row in, one row out, without a frame."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl

from normflow.errors import FitError, SchemaError, suggestion
from normflow.fits.refusals import MEND
from normflow.fits.treatment import forbidden
from normflow.spec import MISSING, OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from normflow.fits.column import ColumnFit
    from normflow.fits.groups import Groups
    from normflow.fits.rows import RowFit
    from normflow.fits.table import Fit
    from normflow.fits.treatment import Treatment

Row: TypeAlias = "Mapping[str, object]"
Step: TypeAlias = "Callable[[Row, dict[str, object]], None]"

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
A_SECOND = 10**6  # microseconds


@dataclass(frozen=True, slots=True)
class Scorer:
    """A function of one row: what `Fit.transform` makes of it, as a dict in the order of the row.

    A row maps columns to values, null is None, and NaN is NaN. The result has the bits of `Fit.transform`
    where a map only adds, multiplies and divides, and else lies within a few ulp. Row-wise methods go through
    a frame of one row, which takes far longer.
    """

    fit: Fit
    _known: dict[tuple[object, ...], tuple[Step, ...]] = field(default_factory=dict, repr=False)
    _whole: tuple[Step, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_whole", _steps(self.fit))

    def __call__(self, row: Row) -> dict[str, object]:
        """The row transformed.

        Raises:
            SchemaError: a fitted column or a key is missing, or is no number.
            FitError: a value or a group breaks a policy of `error`.
        """
        out = dict(row)
        try:
            for step in self._whole if self.fit.groups is None else self._of_group(row, self.fit.groups):
                step(row, out)
        except KeyError as error:
            name = error.args[0]
            raise SchemaError(f"the fit needs column '{name}'", hint=suggestion(name, row)) from None
        return out

    def _of_group(self, row: Row, groups: Groups) -> tuple[Step, ...]:
        key = tuple(row[name] for name in groups.by)
        if key in self._known:
            return self._known[key]
        try:
            one = self.fit.group(dict(zip(groups.by, key, strict=True)))
        except FitError:
            if groups.spec.unseen == "error":
                raise
            return self._whole if groups.spec.unseen == "global" else _steps(self.fit, emptied=groups.columns)
        self._known[key] = _steps(one)
        return self._known[key]


def _steps(fit: Fit, emptied: Iterable[str] = ()) -> tuple[Step, ...]:
    """What writes each output; null for the columns that are `emptied`."""
    gone, steps = set(emptied), list[Step]()
    for (name, output), fits in groupby(fit.columns, key=lambda one: (one.column, one.output)):
        members = list(fits)
        if all(one.passes_through for one in members):
            if name != output:
                steps.append(_copied(name, output))
        else:
            steps.append(_mapped(name, output, members, gone))
    return (*steps, *map(_by_frame, fit.row_wise))


def _copied(name: str, output: str) -> Step:
    def step(row: Row, out: dict[str, object]) -> None:
        out[output] = row[name]

    return step


def _mapped(name: str, output: str, members: list[ColumnFit], gone: set[str]) -> Step:
    paths = [_path(one, gone=one.label in gone) for one in members]
    flag = any(one.treatment.outside == "flag" for one in members)
    indicator = any(one.treatment.indicator for one in members)

    def step(row: Row, out: dict[str, object]) -> None:
        value = row[name]
        if members[0].index is None:
            found = [paths[0](number_of(value, name))]
            out[output] = found[0][0]
        else:
            places = _places(value, name, len(paths))
            found = [path(number_of(one, name)) for path, one in zip(paths, places, strict=True)]
            out[output] = [y for y, _, _ in found] if any(y is not None for y, _, _ in found) else None
        if flag:
            out[name + OUTSIDE] = any(outside for _, outside, _ in found)
        if indicator:
            out[name + MISSING] = any(absent for _, _, absent in found)

    return step


def _path(one: ColumnFit, *, gone: bool) -> Callable[[float | None], tuple[float | None, bool, bool]]:
    """From a number to its result, whether it lies outside the fitted range, and whether it is missing."""
    treatment, guarded, mapped = one.treatment, one.treatment.guards.number(), one.transform.number()
    single = treatment.dtype == "Float32"

    def path(x: float | None) -> tuple[float | None, bool, bool]:
        entered = _entered(treatment, x, one.column)
        outside = _outside(treatment, entered)
        if outside and treatment.outside == "error":
            raise FitError(forbidden(one.column, "outside"), hint=MEND)
        absent = entered is None or (outside and treatment.empties)
        if gone:
            return None, outside, absent
        if entered is not None and math.isnan(entered):
            return entered, outside, absent
        inside = guarded(math.nan if entered is None else entered)
        y = inside if math.isnan(inside) else mapped(inside)
        if math.isnan(y):
            return None, outside, absent
        return (float(np.float32(y)) if single else y), outside, absent

    return path


def _entered(treatment: Treatment, x: float | None, name: str) -> float | None:
    if x is None or math.isfinite(x) or treatment.nonfinite == "keep":
        return x
    if treatment.nonfinite == "error":
        raise FitError(forbidden(name, "nonfinite"), hint=MEND)
    if treatment.nonfinite == "clip" and math.isinf(x):
        return treatment.high if x > 0.0 else treatment.low
    return None


def _outside(treatment: Treatment, entered: float | None) -> bool:
    if entered is None or math.isnan(entered):
        return False
    low, high = treatment.low, treatment.high
    return low is None or high is None or not low <= entered <= high


def number_of(value: Any, name: str) -> float | None:
    """A value as the float that a frame has for it: times in seconds since 1970, without a zone as in UTC.

    Raises:
        SchemaError: it is no number.
    """
    if value is None or type(value) is float:
        return value
    try:
        if isinstance(value, int | float | Decimal | np.number | np.bool_):
            return float(value)
        if isinstance(value, dt.datetime):
            zoned = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
            return (zoned - EPOCH) // MICROSECOND / A_SECOND
        if isinstance(value, dt.date):
            return (value - EPOCH.date()) / dt.timedelta(seconds=1)
        if isinstance(value, dt.timedelta):
            return value // MICROSECOND / A_SECOND
        if isinstance(value, dt.time):
            since = dt.timedelta(
                hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
            )
            return since // MICROSECOND / A_SECOND
    except OverflowError:
        raise SchemaError(f"column '{name}' is {value!r:.40}, beyond what a float64 holds") from None
    raise SchemaError(
        f"column '{name}' is {value!r:.40}, which has no numeric value", hint="cast it to a number"
    )


def _places(value: Any, name: str, width: int) -> list[object]:
    if value is None:
        return [None] * width
    if isinstance(value, str) or not hasattr(value, "__len__") or len(value) != width:
        raise SchemaError(
            f"column '{name}' is {value!r:.40}, and the fit knows it as an array of {width} numbers"
        )
    return list(value)


def _by_frame(rows: RowFit) -> Step:
    def step(row: Row, out: dict[str, object]) -> None:
        found = rows.applied(pl.LazyFrame([_member(row[name], name) for name in rows.columns])).collect()
        for name in rows.outputs:
            value = found[name][0]
            out[name] = value.to_list() if isinstance(value, pl.Series) else value

    return step


def _member(value: Any, name: str) -> pl.Series:
    if value is None or isinstance(value, str) or not hasattr(value, "__len__"):
        return pl.Series(name, [number_of(value, name)], dtype=pl.Float64)
    return pl.Series(name, [[number_of(one, name) for one in value]], dtype=pl.Array(pl.Float64, len(value)))
