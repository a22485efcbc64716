"""Declared checks compiled to expressions, so that rows are judged in the pass that writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.contract.conditions import asked, condition
from normflow.contract.wording import trouble
from normflow.naming import column as named
from normflow.spec import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from normflow.spec import ColumnChecks

NONE_MAY = Limit(count=0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowCheck:
    """One check of one column, row by row.

    Args:
        column: the column it reads.
        kind: the field of `ColumnChecks` it stands for: nullable, finite, range, isin or unique.
        section: who asks: contract, checks or derived.
        rule: the declaration, with its severity and policy.
        dtype: the type of the column.
        ok: true where the row passes, never null.
        text: what a failing row has wrong, for people.
    """

    column: str
    kind: str
    section: str
    rule: ColumnChecks
    dtype: pl.DataType
    ok: pl.Expr
    text: str

    @property
    def name(self) -> str:
        """`wind_speed.range`: one name a column and kind."""
        return f"{self.column}.{self.kind}"

    @property
    def id(self) -> str:
        """`contract.wind_speed.range`: one name in the whole run."""
        return f"{self.section}.{self.name}"

    @property
    def quarantines(self) -> bool:
        """Whether a failing row leaves the good ones."""
        return self.rule.on_fail == "quarantine"

    @property
    def is_error(self) -> bool:
        """Whether failing rows may fail the run."""
        return self.rule.severity == "error"

    @property
    def row_wise(self) -> bool:
        """Whether a row is judged by its own values alone; `unique` needs the rows before it."""
        return self.kind != "unique"

    @property
    def limit(self) -> Limit:
        """How many rows may fail: what was written, else none; else any number where they are quarantined."""
        return self.rule.max_failed or (Limit() if self.quarantines else NONE_MAY)


def compile_checks(
    checks: Mapping[str, ColumnChecks], section: str, schema: Mapping[str, pl.DataType]
) -> tuple[RowCheck, ...]:
    """The row checks that a section declares, for columns that `gate` has accepted.

    Null passes range, isin and finite. NaN fails range, finite, and isin unless it is listed, and counts as
    missing for `nullable: false`, as in pandera. `unique` fails each later occurrence in source order; null
    and NaN are values like any other there, again as in pandera. It is the one check whose memory grows: it
    holds every distinct value of its column while it runs, some 45 bytes each for integers, more for text.
    """
    return tuple(
        RowCheck(
            column=column,
            kind=kind,
            section=section,
            rule=rule,
            dtype=schema[column],
            ok=condition(kind, rule, named(column), schema[column]),
            text=trouble(column, kind, rule),
        )
        for column, rule in checks.items()
        for kind in asked(rule)
    )
