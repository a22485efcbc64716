"""What no profile tells: which texts there are, from when to when, and whether a value comes twice."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow.dtypes import as_float
from normflow.naming import column
from normflow.spec import is_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

MOST = 12
"""How many values are few."""
HELD = 250_000
"""How many different values are held to see whether one comes twice."""
BATCH_ROWS = 131_072
DATES = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
CALENDAR = 8000 * 366 * 86_400  # seconds from 1970 that a date may lie away
NO_FRACTION = re.compile(r"\.0+(?!\d)")
SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of a column that is no number, or that may be an id.

    `values` are all there are, sorted, where they are few texts or whole numbers; else None. `rarest` is how
    often the rarest of them came. `unique` says
    whether no value came twice; None where that would need more than `HELD` of them to be held. `low` and
    `high` are the ends of dates and times, as text. `longest` is the most characters of a text, `spaced`
    whether one held white space, and `dates` whether all looked like dates, as far as texts were looked at:
    to the first that came twice after many.
    """

    rows: int = 0
    nulls: int = 0
    values: tuple[Any, ...] | None = None
    rarest: int = 0
    unique: bool | None = False
    low: str | None = None
    high: str | None = None
    longest: int = 0
    spaced: bool = False
    dates: bool = False


def seen(lf: pl.LazyFrame, schema: Mapping[str, PolarsDataType]) -> dict[str, Seen]:
    """Look at the columns of a schema, in one streaming pass whose memory does not grow with the rows."""
    looks = {name: _Look(dtype, listed=_listable(dtype)) for name, dtype in schema.items()}
    if looks:
        chosen = lf.select(column(name) for name in looks)
        for batch in chosen.collect_batches(chunk_size=BATCH_ROWS, maintain_order=False):
            for name, look in looks.items():
                look.add(batch[name].alias("x"))  # methods of a series would read its name as a pattern
    return {name: look.seen() for name, look in looks.items()}


def _listable(dtype: PolarsDataType) -> bool:
    return is_type(dtype, "string") or dtype.is_integer()


@dataclass(slots=True)
class _Look:
    """A column while its batches pass; its values are held while they are few, or all different so far."""

    dtype: PolarsDataType
    listed: bool
    rows: int = 0
    nulls: int = 0
    values: Counter[Any] = field(default_factory=Counter)
    unique: bool | None = True
    ends: tuple[Any, Any] = (math.inf, -math.inf)
    longest: int = 0
    spaced: bool = False
    dates: bool = True

    def add(self, batch: pl.Series) -> None:
        self.rows += batch.len()
        self.nulls += batch.null_count()
        present = batch.drop_nulls()
        if self.dtype.is_temporal() and present.len():
            ticks = present.to_physical()
            self.ends = (min(self.ends[0], ticks.min()), max(self.ends[1], ticks.max()))
        if self.listed:
            self._add_values(present.cast(pl.String) if is_type(self.dtype, "string") else present)

    def _add_values(self, present: pl.Series) -> None:
        fresh = dict(present.value_counts(name="count").iter_rows())
        self.unique = self.unique and len(fresh) == present.len() and self.values.keys().isdisjoint(fresh)
        self.values.update(fresh)
        if present.dtype == pl.String:
            self.longest = max([self.longest, *map(len, fresh)])
            self.spaced = self.spaced or any(map(SPACE.search, fresh))
            self.dates = self.dates and all(map(DATES.fullmatch, fresh))
        if len(self.values) > (HELD if self.unique else MOST):
            self.unique = None if self.unique else False
            self.listed = False
            self.values.clear()

    def seen(self) -> Seen:
        low, high = _told(self.ends, self.dtype)
        few = self.listed and len(self.values) <= MOST
        return Seen(
            rows=self.rows,
            nulls=self.nulls,
            values=tuple(sorted(self.values)) if few else None,
            rarest=min(self.values.values(), default=0) if few else 0,
            unique=self.unique if _listable(self.dtype) else False,
            low=low,
            high=high,
            longest=self.longest,
            spaced=self.spaced,
            dates=self.longest > 0 and self.dates,
        )


def _told(ends: tuple[Any, Any], dtype: PolarsDataType) -> tuple[str | None, str | None]:
    """The ends of dates or times as text; None where there are none, or no calendar has them."""
    if math.inf in ends:
        return None, None
    ticks = pl.Series("x", ends, dtype=pl.Int32 if dtype == pl.Date else pl.Int64)
    found = ticks.cast(dtype).to_frame()
    if found.select(as_float(pl.col("x"), dtype).abs().max()).item() > CALENDAR:
        return None, None  # Polars would panic
    low, high = (NO_FRACTION.sub("", one) for one in found["x"].dt.to_string())
    return low, high
