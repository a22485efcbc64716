"""Declared checks compiled to expressions, so that rows are judged in the pass that writes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from normflow.contract.conditions import asked, condition
from normflow.contract.wording import trouble
from normflow.naming import column as named
from normflow.spec import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.contract.repeats import LaterRows
    from normflow.spec import ColumnChecks, TableSpec

NONE_MAY = Limit(count=0)
REPEATING = ("repeats the value of", "repeat the values of")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowCheck:
    """One check of one column, row by row.

    Args:
        column: the column it reads.
        kind: the field of `ColumnChecks` it stands for, such as range, or `checks.` and a check's name.
        section: who asks: contract, checks or derived.
        rule: the declaration, with its severity and policy.
        dtype: the type of the column.
        ok: true where the row passes, never null.
        text: what a failing row has wrong, for people.
        came: the column that holds the values as they came, where they are mended; empty for `column` itself.
        keys: the columns of a key of the table that may come once; empty for a check of one column.
        later: for `unique`, the rows that repeat an earlier one, once they are known.
    """

    column: str
    kind: str
    section: str
    rule: ColumnChecks
    dtype: pl.DataType
    ok: pl.Expr
    text: str
    came: str = ""
    keys: tuple[str, ...] = ()
    later: LaterRows | None = None

    @property
    def name(self) -> str:
        """`wind_speed.range`, or `unique(origin, time_hour)`: one name a column, or key, and kind."""
        return f"{self.kind}({', '.join(self.keys)})" if self.keys else f"{self.column}.{self.kind}"

    @property
    def value(self) -> pl.Expr:
        """What a failing row has to show, as it came; of several columns, one text."""
        if len(self.keys) < 2:  # noqa: PLR2004  (a key of one column is that column)
            return named(self.came or self.column)
        texts = [pl.format("{}", named(key)).fill_null("null") for key in self.keys]
        return pl.concat_str(texts, separator=", ")

    def among(self, row: str) -> RowCheck:
        """The same on rows with their number, where it is known which ones repeat earlier ones."""
        return self if self.later is None else replace(self, ok=self.later.others(row))

    @property
    def id(self) -> str:
        """`contract.wind_speed.range`: one name in the whole run."""
        return f"{self.section}.{self.name}"

    @property
    def quarantines(self) -> bool:
        """Whether a failing row leaves the good ones."""
        return self.rule.on_fail == "quarantine"

    @property
    def mends(self) -> bool:
        """Whether a failing value is made null, or clipped, and its row goes on."""
        return self.rule.on_fail in ("null", "clip")

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
        """How many rows may fail: what was written, else none; any number where they are taken care of."""
        return self.rule.max_failed or (Limit() if self.quarantines or self.mends else NONE_MAY)


def compile_checks(
    checks: Mapping[str, ColumnChecks], section: str, schema: Mapping[str, pl.DataType]
) -> tuple[RowCheck, ...]:
    """The row checks that a section declares, for columns that `gate` has accepted.

    Null passes range, isin and finite. NaN fails range, finite, and isin unless it is listed, and counts as
    missing for `nullable: false`, as in pandera. `unique` fails each later occurrence in source order; null
    and NaN are values like any other there, again as in pandera. Its expression holds every distinct value;
    a run finds those rows beforehand, in bounded memory (`Repeats`).
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


def compile_table(table: TableSpec, schema: Mapping[str, pl.DataType]) -> tuple[RowCheck, ...]:
    """The checks of the keys of a table that may come once; the columns are there."""
    return tuple(
        RowCheck(
            column=key.columns[0],
            kind="unique",
            section="table",
            rule=key.rule,
            dtype=schema[key.columns[0]],
            ok=pl.struct(named(column) for column in key.columns).is_first_distinct(),
            text=f"{', '.join(key.columns)} {REPEATING[len(key.columns) > 1]} an earlier row",
            keys=key.columns,
        )
        for key in table.unique
    )
