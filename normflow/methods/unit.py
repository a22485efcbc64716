"""Bring each row to length one."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import polars as pl

from normflow.methods._row_method import RowPlan, largest, total

if TYPE_CHECKING:
    from collections.abc import Sequence

TINY = sys.float_info.min * sys.float_info.epsilon  # the smallest denormal, by which zeros stay zeros


@dataclass(frozen=True, slots=True)
class Unit:
    """yᵢ = xᵢ/‖x‖ for the members x of one row: an array column, or the columns that `columns` names.

    `norm` is `l2`, √Σx²; `l1`, Σ|x|; or `max`, the largest |x|. A row of zeros stays as it is. A row with a
    null, a NaN or an infinity becomes null. Nothing is learned, and nothing can be undone: the length is
    gone.

    Use it for embeddings that are compared by their direction, and for shares of a whole (`l1`).
    Convention: scikit-learn's Normalizer.
    """

    name: ClassVar[str] = "unit"
    version: ClassVar[int] = 1
    norm: Literal["l2", "l1", "max"] = "l2"

    def plan(self, members: Sequence[pl.Expr], scratch: str) -> RowPlan:
        """The largest |x|, then the norm in units of it."""
        top, norm = f"{scratch}0", f"{scratch}1"
        shares = [x / pl.col(top) for x in members]
        steps = [{top: largest(members, TINY)}]
        if self.norm == "max":
            return RowPlan(steps, shares)
        length = (
            total(share * share for share in shares).sqrt()
            if self.norm == "l2"
            else total(share.abs() for share in shares)
        )
        positive = pl.when(length > 0.0).then(length).when(length.is_not_null()).then(1.0)
        return RowPlan([*steps, {norm: positive}], [share / pl.col(norm) for share in shares])
