"""The candidates of every choice as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.naming import member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from normflow.fits.column import ColumnFit
    from normflow.select import Choice, Score

SCORES = ("normality", "skew", "kurtosis", "pearson")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "column": pl.String,
    "method": pl.String,
    "standing": pl.String,
    **dict.fromkeys(SCORES, pl.Float64),
    "formula": pl.String,
    "refusal": pl.String,
}


def candidates_table(columns: Iterable[ColumnFit]) -> pl.DataFrame:
    """A row for each column as it is, and for each method that was tried on it."""
    rows = [row for fit in columns if fit.choice for row in _rows(fit, fit.choice)]
    return pl.DataFrame(rows, schema=SCHEMA)


def _rows(fit: ColumnFit, choice: Choice) -> Iterator[dict[str, object]]:
    name = fit.column if fit.index is None else member(fit.column, fit.index)
    yield {"column": name, "standing": "before", **_scores(choice.before)}
    for one in choice.candidates:
        yield {
            "column": name,
            "method": one.method,
            "standing": _standing(one.method, choice, refused=one.refusal is not None),
            **_scores(one.score),
            "formula": one.formula,
            "refusal": one.refusal,
        }


def _standing(method: str, choice: Choice, *, refused: bool) -> str:
    if method == choice.method:
        return "chosen"
    if method == choice.runner_up:
        return "runner-up"
    return "refused" if refused else "tried"


def _scores(score: Score | None) -> dict[str, float | None]:
    return {name: getattr(score, name) if score else None for name in SCORES}
