"""Counts of failed rows: the aggregates that collect them, and their read-out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from normflow.contract.checks import RowCheck

FAILED = "failed:"


def failures(checks: Iterable[RowCheck]) -> list[pl.Expr]:
    """An aggregate for each check: how many rows fail it."""
    return [(~check.ok).sum().alias(f"{FAILED}{check.id}") for check in checks]


def read_failures(values: Mapping[str, int]) -> dict[str, int]:
    """Failed rows by check id, from the one row of a select with `failures`."""
    return {name.removeprefix(FAILED): count for name, count in values.items() if name.startswith(FAILED)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows there were, how many were quarantined, and how many failed each check (by its id)."""

    rows: int
    quarantined: int
    failed: Mapping[str, int]

    @classmethod
    def read(cls, values: Mapping[str, int]) -> Counts:
        """The counts that the sums of `Split.tallies` make, by the names of the sums."""
        return cls(rows=values["rows"], quarantined=values["quarantined"], failed=read_failures(values))
