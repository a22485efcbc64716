"""What is proposed for a column without numbers: its type, a list of few values, or that it is an id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.dtypes import is_vector
from normflow.pipeline.propose_seen import HELD, MOST, Seen
from normflow.spec import TYPE_NAMES, ColumnChecks, is_type

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

ENOUGH = 20
"""Rows below which nothing is guessed from how often values come."""
OFTEN = 5
"""How often each value of a short list was seen: where one is rare, others are yet to come."""
LONG = 40
"""Characters beyond which a text is no value of a list."""
KEY_LENGTH = 64
"""Characters beyond which a text is no id."""
FAMILIES = ("string", "integer", "float", "decimal", "boolean", "date", "datetime", "time", "duration")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProposal:
    """What is proposed for a column.

    `checks` hold for every row that was seen, and `seen` says what that was. `stricter` are checks that some
    rows break, for the quarantine, and `against` says which. `method` is None where the column is no number;
    `why` says what it comes to.
    """

    name: str
    checks: ColumnChecks
    seen: str
    stricter: ColumnChecks | None = None
    against: str = ""
    method: str | None = None
    why: str = ""


def other_column(name: str, dtype: PolarsDataType, look: Seen, *, typed: bool) -> ColumnProposal:
    """What is proposed for a column of texts, dates, truth values or anything else that is no number."""
    empty = look.nulls == look.rows
    checks = ColumnChecks(
        dtype=None if empty and not typed else family(dtype, typed=typed),
        nullable=look.nulls > 0 or empty,
        unique=_is_id(look),
        isin=_few(look),
    )
    seen = f"{_values(dtype, look)}, {nulls(look.nulls, look.rows)}" if not empty else "no value"
    return ColumnProposal(name=name, checks=checks, seen=seen)


def family(dtype: PolarsDataType, *, typed: bool) -> str | None:
    """What a contract calls the type; where tomorrow's text tells it anew, numbers are of any kind."""
    if dtype.is_numeric() and not typed:
        return "number"
    kind = type(dtype).__name__
    own = kind if kind in TYPE_NAMES else None
    return next((one for one in FAMILIES if is_type(dtype, one)), own)


def nulls(count: int, rows: int) -> str:
    """How many nulls there were, for a comment."""
    told = f"{count:,} null" if count else "no null"
    return f"{told}{'s' if count > 1 else ''} in {rows:,}"


def _is_id(look: Seen) -> bool:
    """A text in every row, none twice, that is short, one word, and no date."""
    counted = look.rows >= ENOUGH and look.nulls == 0 and look.unique is True
    return counted and 0 < look.longest <= KEY_LENGTH and not look.spaced and not look.dates


def _few(look: Seen) -> tuple[str, ...] | None:
    """The texts there may be: two or more, short, and none rare."""
    if look.values is None or look.longest > LONG or look.dates:
        return None
    enough = look.rows - look.nulls >= ENOUGH and look.rarest >= OFTEN
    return look.values if enough and len(look.values) > 1 else None


def _values(dtype: PolarsDataType, look: Seen) -> str:
    if is_type(dtype, "string"):
        return _texts(look)
    if is_vector(dtype):
        return f"{dtype.shape[0]} numbers each, which a line of its own under normalize normalizes"
    return str(dtype.base_type()) if look.low is None else f"seen {look.low} to {look.high}"


def _texts(look: Seen) -> str:
    if look.dates:
        return "text that looks like dates: cast it to a date before, or it stays text"
    if look.values is not None:
        return f"{len(look.values)} values"
    if look.unique is None:
        return f"no value twice among {HELD:,}, so unique: true may hold"
    return "no value twice" if look.unique else f"more than {MOST} values"
