"""Bring each row to mean zero and variance one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from normflow.errors import ConfigError
from normflow.methods._row_method import RowPlan, largest, total

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Layer:
    """yᵢ = (xᵢ − mean(x))/√(var(x) + eps) over the members x of one row, var with ddof 0.

    The members are those of an array column, or the columns that `columns` names. `eps` keeps rows of one
    value at 0. A row with a null, a NaN or an infinity becomes null. Nothing is learned, and nothing can be
    undone: mean and variance are gone.

    Use it for activations and embeddings whose scale differs from row to row.
    Source: Ba, Kiros and Hinton, Layer normalization, arXiv:1607.06450 (2016), without gain and bias; eps as
    PyTorch's LayerNorm.

    Raises:
        ConfigError: an eps that is not positive.
    """

    name: ClassVar[str] = "layer"
    version: ClassVar[int] = 1
    eps: float = 1e-5

    def __post_init__(self) -> None:
        if not self.eps > 0.0:
            raise ConfigError(f"{self.name}: eps must be positive, not {self.eps}", hint="1e-5 is usual")

    def plan(self, members: Sequence[pl.Expr], scratch: str) -> RowPlan:
        """In units of the largest |x| where that is above 1: mean, then the root of variance and eps."""
        top, mean, std = (f"{scratch}{i}" for i in range(3))
        count = float(len(members))
        shares = [x / pl.col(top) for x in members]
        away = [share - pl.col(mean) for share in shares]
        eps = pl.lit(self.eps) / pl.col(top) / pl.col(top)
        variance = total(one * one for one in away) / count
        root = (variance + eps).sqrt()  # 0 where eps is nothing beside huge equal members
        steps = [
            {top: largest(members, 1.0)},
            {mean: total(shares) / count},
            {std: pl.when(root > 0.0).then(root).otherwise(1.0)},
        ]
        return RowPlan(steps, [one / pl.col(std) for one in away])
