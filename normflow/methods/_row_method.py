"""The protocol of a row-wise method: it looks at the members of one row, and learns nothing."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class RowPlan(NamedTuple):
    """How rows are computed: `with_columns` steps that leave working columns, then one result a member."""

    steps: list[dict[str, pl.Expr]]
    results: list[pl.Expr]


class RowMethod(Protocol):
    """A function of the members of a row; its fields are its options.

    A row with a null, a NaN or an infinity among its members has no result: all its members become null.
    """

    name: ClassVar[str]
    version: ClassVar[int]

    def plan(self, members: Sequence[pl.Expr], scratch: str) -> RowPlan:
        """The expressions for these Float64 members; working columns are named `scratch` and a number."""
        ...


def largest(members: Sequence[pl.Expr], least: float) -> pl.Expr:
    """The largest |x| of the row and at least `least`, by which squares stay within float64.

    Null where a member is null or not finite.
    """
    whole = pl.all_horizontal(x.is_finite() for x in members)
    return pl.when(whole).then(pl.max_horizontal(*(x.abs() for x in members), pl.lit(least)))


def total(terms: Iterable[pl.Expr]) -> pl.Expr:
    """The sum from left to right, null where a term is null."""
    return reduce(add, terms)
