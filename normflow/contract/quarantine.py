"""What a quarantined row carries besides its own columns: where it was, what it failed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from normflow.contract.checks import RowCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineColumns:
    """The added columns: the file, the row's number in it from 0, the checks it failed by name, and why.

    Where the data has a column of such a name, all of them get another underscore in front.
    """

    source: str = "_source"
    row: str = "_row"
    failed: str = "_failed"
    reason: str = "_reason"

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in their order."""
        return (self.source, self.row, self.failed, self.reason)

    @classmethod
    def beside(cls, names: Collection[str]) -> QuarantineColumns:
        """The names that are free beside a table's own."""
        return next(one for one in cls._all() if not set(one.names) & set(names))

    @classmethod
    def among(cls, names: Collection[str]) -> tuple[str, ...]:
        """Those of a quarantine's columns that were added; none where somebody has dropped one of them."""
        most = max((len(name) - len(name.lstrip("_")) for name in names), default=0)
        added = [one.names for one, _ in zip(cls._all(), range(most), strict=False)]
        return next((one for one in reversed(added) if set(one) <= set(names)), ())

    @classmethod
    def _all(cls) -> Iterator[QuarantineColumns]:
        for more in count():
            plain, front = cls(), "_" * more
            yield cls(
                source=front + plain.source,
                row=front + plain.row,
                failed=front + plain.failed,
                reason=front + plain.reason,
            )

    def exprs(self, checks: Sequence[RowCheck], *, nested: bool) -> list[pl.Expr]:
        """All but the file, on rows with their number; `nested` false joins the checks into one text."""
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
