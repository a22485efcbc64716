"""What a quarantined row carries besides its own columns: where it was, what it failed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from normflow.contract.checks import RowCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineColumns:
    """The added columns: the row's number in the source from 0, the names of the checks it failed, and why.

    Where the data has a column of such a name, all three get another underscore in front.
    """

    row: str = "_row"
    failed: str = "_failed"
    reason: str = "_reason"

    @classmethod
    def beside(cls, names: Collection[str]) -> QuarantineColumns:
        """The names that are free beside a table's own."""
        chosen = cls()
        while {chosen.row, chosen.failed, chosen.reason} & set(names):
            chosen = cls(row=f"_{chosen.row}", failed=f"_{chosen.failed}", reason=f"_{chosen.reason}")
        return chosen

    def exprs(self, checks: Sequence[RowCheck], *, nested: bool) -> list[pl.Expr]:
        """The three columns, on a frame with the row number; `nested` false joins the names into one text."""
        names = [check.name for check in checks]
        unused = next(char for char in map(chr, count(1)) if not any(char in name for name in names))
        joined = _told(checks, names, separator=unused if nested else ", ")
        return [
            pl.col(self.row),
            # Splitting a joined text is an order of magnitude faster than a list with its nulls dropped.
            (joined.str.split(unused) if nested else joined).alias(self.failed),
            _told(checks, [check.text for check in checks], separator="; ").alias(self.reason),
        ]


def _told(checks: Sequence[RowCheck], texts: Sequence[str], *, separator: str) -> pl.Expr:
    """The texts of the checks a row fails, joined."""
    told = [pl.when(~check.ok).then(pl.lit(text)) for check, text in zip(checks, texts, strict=True)]
    return pl.concat_str(told, separator=separator, ignore_nulls=True)
