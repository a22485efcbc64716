"""SQL text: no row stops it, parameters may be columns, and what is kept is written once."""

from __future__ import annotations

import math
from itertools import count
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import polars as pl
import pytest

from normflow.transforms import (
    Affine,
    BoxCox,
    Clip,
    Fill,
    Log,
    Map,
    NormalQuantile,
    Squash,
    Within,
    YeoJohnson,
)
from normflow.transforms.arithmetic import InlineSql, Sql, StagedSql, sql_number
from tests.transforms.catalogue import MAPS, column, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.transforms.formula import FormulaMap

SQL = InlineSql()
X = Sql('"x"')
EVERYTHING = [
    *(sign * 10.0**power for power in range(-320, 309, 4) for sign in (-1.0, 1.0)),
    *(0.0, -0.0, 1.0, -1.0, 709.78, 709.79, 710.4, 710.5, -745.1, -745.2, 5e-324, 1.7976931348623157e308),
    *(math.inf, -math.inf, math.nan),
    None,
]


def evaluated(text: str, values: Sequence[float | None]) -> list[float | None]:
    with duckdb.connect() as connection:
        query = f"SELECT {text} FROM (SELECT unnest(?::DOUBLE[]) AS x)"  # noqa: S608  (our own text)
        return [row[0] for row in connection.execute(query, [list(values)]).fetchall()]


@pytest.mark.parametrize("one", MAPS, ids=label)
def test_no_number_stops_a_query(one: Map) -> None:
    """Nor does NaN or an infinity, in either direction."""
    for text in (one.sql('"x"'), one.inverse_sql('"x"')):
        assert len(evaluated(text, EVERYTHING)) == len(EVERYTHING)


@pytest.mark.parametrize("name", ["exp", "sinh", "expm1"])
def test_what_overflows_goes_to_its_limit(name: str) -> None:
    """The warehouse's own function is not called there, so that none can refuse."""
    wanted = getattr(np, name)
    with np.errstate(over="ignore"):
        values = [-math.inf, -800.0, -745.2, -745.1, -1.0, 0.0, 1.0, 709.78, 709.79, 710.5, 800.0, math.inf]
        expected = wanted(np.array(values)).tolist()
    found = evaluated(getattr(SQL, name)(X).text, values)
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-323)
    assert evaluated(getattr(SQL, name)(X).text, [None]) == [None]
    (nan,) = evaluated(getattr(SQL, name)(X).text, [math.nan])
    assert nan is not None
    assert math.isnan(nan)


def test_what_has_no_logarithm_is_null() -> None:
    assert evaluated(SQL.log(X).text, [0.0, -0.0, -1.0, -math.inf, None]) == [None] * 5
    assert evaluated(SQL.log1p(X).text, [-1.0, None]) == [-math.inf, None]


def test_dividing_by_zero_is_null() -> None:
    """DuckDB itself gives an infinity; Postgres, Spark and BigQuery stop."""
    assert evaluated((1.0 / X).text, [0.0, 2.0]) == [None, 0.5]
    assert evaluated((X / (X - 1.0)).text, [1.0, 2.0]) == [None, 2.0]


def test_without_asinh_a_warehouse_computes_it_from_log1p() -> None:
    """Spark's own lost all digits of large negative numbers until 4.2."""
    numbers = (f"w{i}" for i in count())
    staged = StagedSql(lambda: next(numbers), frozenset({"log1p", "expm1"}))
    values = [x for x in EVERYTHING if x is not None and not math.isnan(x)]
    text = staged.asinh(X).text
    for name, step in reversed(staged.steps.items()):
        text = text.replace(name, f"({step})")
    assert "asinh" not in text
    with duckdb.connect() as connection:
        connection.execute("CREATE MACRO log1p(z) AS asinh(0.5e0 * z * (1e0 + 1e0 / (1e0 + z)))")
        query = f"SELECT {text} FROM (SELECT unnest(?::DOUBLE[]) AS x)"  # noqa: S608  (our own text)
        found = [row[0] for row in connection.execute(query, [values]).fetchall()]
    assert found == pytest.approx([math.asinh(x) for x in values], rel=1e-14, abs=1e-323)


def test_a_guard_is_not_written_twice() -> None:
    assert Log().sql('"x"') == 'CASE WHEN "x" > 0.0e0 THEN ln("x") END'


def test_what_is_kept_is_written_once() -> None:
    names = (f"w{i}" for i in count())
    staged = StagedSql(lambda: next(names))
    kept = staged.keep(X + 1.0)
    assert kept.text == '"w0"'
    assert staged.keep(kept) is kept
    assert staged.keep(X) is X
    assert staged.steps == {'"w0"': '("x" + 1.0e0)'}
    YeoJohnson(0.3).forward(Sql('"x"'), staged)
    assert all(len(text) < 300 for text in staged.steps.values())


GROUPED: list[tuple[FormulaMap, ...]] = [
    (Affine(shift=0.0), Affine(shift=1.5, scale=3.0, gain=0.7, offset=-2.0)),
    tuple(BoxCox(lam) for lam in (-1.0, 0.0, 0.3, 1.0, 2.0)),
    tuple(YeoJohnson(lam) for lam in (-0.5, 0.0, 0.3, 1.0, 2.0, 2.5)),
    (Squash(3.0), Squash(0.25)),
    (Clip(0.5, 2.0), Clip(-1.0, 30.0)),
    (Within(0.5, 2.0), Within(-1.0, 30.0)),
    (Fill(0.5), Fill(-3.0)),
    (NormalQuantile(-3.0, 2.0), NormalQuantile(-5.0, 5.0)),
]
VALUES = [None, -50.0, -1.0, -0.3, 0.0, 1e-9, 0.25, 0.5, 0.9, 1.0, 2.0, 7.5, 40.0]


def vars_of(one: FormulaMap) -> dict[str, float]:
    return {name: float(str(value)) for name, value in one.to_json().items() if name != "kind"}


@pytest.mark.parametrize("groups", GROUPED, ids=lambda groups: groups[0].kind)
@pytest.mark.parametrize("inverse", [False, True], ids=["forward", "back"])
def test_parameters_may_be_columns_of_a_joined_table(groups: tuple[FormulaMap, ...], inverse: bool) -> None:
    """Each group gets what the Polars expression of its own map gives."""
    names = list(vars_of(groups[0]))
    one = groups[0].by_group({name: Sql(f'p."{name}"') for name in names})
    text = one.inverse_sql("t.x") if inverse else one.sql("t.x")
    numbers = [[sql_number(own[name]) for name in names] for own in map(vars_of, groups)]
    rows = [f"({', '.join([str(g), *own])})" for g, own in enumerate(numbers)]
    columns = ", ".join(f'"{name}"' for name in names)
    with duckdb.connect() as connection:
        parameters = f"(VALUES {', '.join(rows)}) AS p(g, {columns})"
        numbered = "(SELECT unnest($1::DOUBLE[]) AS x, generate_subscripts($1, 1) AS i) AS t"
        query = f"SELECT {text} FROM {parameters}, {numbered} ORDER BY g, i"  # noqa: S608  (our own text)
        found = [row[0] for row in connection.execute(query, [VALUES]).fetchall()]
    x = pl.col("x")
    wanted = [
        y
        for own in groups
        for y in column(VALUES).select(own.inverse(x) if inverse else own.expr(x)).to_series().to_list()
    ]
    assert [y is None for y in found] == [y is None for y in wanted]
    held = [place for place, y in enumerate(wanted) if y is not None]
    assert [found[i] for i in held] == pytest.approx([wanted[i] for i in held], rel=1e-12, abs=1e-12)
