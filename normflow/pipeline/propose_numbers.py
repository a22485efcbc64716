"""What is proposed for a column of numbers: a range or a list, or that it is an id; and a method."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from normflow.pipeline.propose_column import ENOUGH, OFTEN, ColumnProposal, family, nulls
from normflow.pipeline.propose_ranges import EXACT, Room, room
from normflow.pipeline.propose_seen import HELD, MOST
from normflow.select import choose
from normflow.select.wording import number
from normflow.spec import ColumnChecks

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from normflow.pipeline.propose_seen import Seen
    from normflow.profiles import ColumnProfile
    from normflow.select import Choice
    from normflow.spec import Interval

SMALL = 100
"""Whole numbers below may be codes, and are listed."""
OUTER = 0.001
"""The share of the values, at each end, that a range against outliers does not start from."""
ID = re.compile(r"(?:.*[_\W])?(?:id|key|uuid|guid|number|nr|no)|.*[a-z](?:Id|ID|Key)", re.DOTALL)
TOLD = ("code_id", "sentinel", "beyond_2_53")
"""Notices that say more than the choice's own sentence."""


def may_be_id(dtype: PolarsDataType, column: ColumnProfile) -> bool:
    """Whether whole numbers may all be different, as far as an estimate of how many there are tells.

    Beyond 2^53 it tells nothing: the profile has neighbours as one value.
    """
    share = 1.0 if column.exact else 0.95
    everywhere = column.n == column.rows >= ENOUGH
    return dtype.is_integer() and everywhere and (_is_vast(column) or column.distinct >= column.n * share)


def number_column(
    name: str, dtype: PolarsDataType, column: ColumnProfile, look: Seen, *, typed: bool
) -> ColumnProposal:
    """What is proposed for a column of numbers, from its profile and, where it may be an id, a look at it."""
    names_rows = look.unique is not False and _is_id(name, column)
    values = None if names_rows else _few(dtype, column)
    space = (
        None if names_rows or values else _room(name, dtype, column.min, column.max, whole=column.is_whole)
    )
    checks = ColumnChecks(
        dtype=family(dtype, typed=typed),
        nullable=column.nulls + column.nans > 0 or column.rows == 0,
        unique=names_rows and look.unique is True,
        range=space.range if space and not _odd(column) else None,
        isin=values,
    )
    choice = choose(column, declared=_declared(checks.range))
    found = ColumnProposal(
        name=name,
        checks=checks,
        seen="; ".join(_seen(column, look, space if checks.range else None)),
        method="none" if names_rows else "auto",
        why="an id is no measurement" if names_rows else _why(choice, checks.range),
    )
    return _with_stricter(found, dtype, column, space, choice)


def _is_id(name: str, column: ColumnProfile) -> bool:
    return bool(ID.fullmatch(name)) or choose(column).rule == "row_id"


def _is_vast(column: ColumnProfile) -> bool:
    return max(abs(column.min or 0.0), abs(column.max or 0.0)) > EXACT


def _odd(column: ColumnProfile) -> int:
    """How many values are NaN or infinite: a range lets none of them pass."""
    return column.rows - column.nulls - column.n


def _few(dtype: PolarsDataType, column: ColumnProfile) -> tuple[int, ...] | None:
    """The whole numbers there may be: two or more, small, and none rare, as the end of a tail is."""
    if not (dtype.is_integer() and column.exact and 1 < column.distinct <= MOST):
        return None
    points = column.points()
    values = tuple(int(one) for one in points.values)
    enough = column.n >= ENOUGH and points.counts.min() >= OFTEN
    return values if enough and max(map(abs, values)) < SMALL else None


def _room(
    name: str, dtype: PolarsDataType, low: float | None, high: float | None, *, whole: bool
) -> Room | None:
    if low is None or high is None:
        return None
    return room(name, low, high, whole=whole, integer=dtype.is_integer())


def _declared(interval: Interval | None) -> tuple[float, float] | None:
    """What a contract tells auto: a range with two ends."""
    low, high = interval or (None, None)
    return None if low is None or high is None else (float(low), float(high))


def _with_stricter(
    found: ColumnProposal, dtype: PolarsDataType, column: ColumnProfile, space: Room | None, choice: Choice
) -> ColumnProposal:
    """With what would send NaN, infinities, or the outliers behind the skew, to the quarantine."""
    checks = replace(found.checks, on_fail="quarantine")
    if odd := _odd(column):
        stricter = replace(checks, range=space.range if space else None, finite=True)
        return replace(found, stricter=stricter, against=f"{odd:,} NaN or infinite")
    low, high = _core(column, choice)
    core = _room(found.name, dtype, low, high, whole=column.is_whole)
    outside = _outside(column, core.range) if core else 0
    if core is None or not outside:
        return found
    against = f"{outside:,} of {column.n:,} values beyond"
    return replace(found, stricter=replace(checks, range=core.range), against=against)


def _core(column: ColumnProfile, choice: Choice) -> tuple[float, float]:
    """The ends without sentinels such as 9999; those of the middle where outliers make the skew."""
    if any(one.id == "sentinel" for one in choice.notices):
        values = column.points().values.tolist()
        for _end in range(2):
            below, above = values[1] - values[0], values[-1] - values[-2]
            rest = values[1:] if below > above else values[:-1]
            values = rest if max(below, above) >= rest[-1] - rest[0] else values
        return values[0], values[-1]
    if choice.rule == "outliers":
        low, high = column.quantile([OUTER, 1 - OUTER])
        return low, high
    return column.min or 0.0, column.max or 0.0


def _outside(column: ColumnProfile, interval: Interval) -> int:
    """About how many values a range leaves out: those whose bucket lies beyond it."""
    low, high = interval
    points = column.points()
    below = points.counts[points.high < low].sum() if low is not None else 0
    above = points.counts[points.low > high].sum() if high is not None else 0
    return int(below + above)


def _seen(column: ColumnProfile, look: Seen, space: Room | None) -> list[str]:
    if column.min is None or column.max is None:
        return ["no value"]
    ends = f"{number(column.min)} to {number(column.max)}"
    told = [f"always {number(column.min)}" if column.is_constant and not _is_vast(column) else f"seen {ends}"]
    told[0] += f", {nulls(column.nulls, column.rows)}"
    if space and space.why:
        told.append(space.why)
    if look.unique is None:
        told.append(f"no value twice among {HELD:,}, so unique: true may hold")
    return told


def _why(choice: Choice, interval: Interval | None) -> str:
    notices = [one.text for one in choice.notices if one.id in TOLD]
    if _declared(interval) == (0.0, 360.0):
        notices.append("if it is an angle, write none")
    return "; ".join([f"{choice.method}: {choice.reason}", *notices])
