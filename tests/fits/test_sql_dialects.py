"""One query, written for four warehouses: the whole text, its functions, and how long it grows."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import sqlglot
from sqlglot import exp

import normflow as nf
from normflow.dialects import DIALECTS
from normflow.methods import METHODS
from normflow.transforms import Affine, BoxCox, NormalQuantile, Squash, Transform, YeoJohnson
from tests.fits.warehouse import selected

GOLDEN = Path(__file__).parent / "golden"
DATA = pl.DataFrame({"origin": ["JFK", "LGA", "EWR"], "temp": [1.0, 2.0, 4.0], "wind": [0.5, 3.0, 9.0]})

every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def with_maps(fit: nf.Fit, **maps: Transform) -> nf.Fit:
    """The fit with other maps, so that a text does not hang on the last bits of what was learned."""
    return replace(fit, columns=tuple(replace(one, transform=maps[one.column]) for one in fit.columns))


TWO = with_maps(
    nf.fit(DATA, {"temp": "zscore", "wind": {"method": "yeojohnson", "suffix": "_n"}}),
    temp=Transform((Affine(shift=55.25, scale=17.5),)),
    wind=Transform((YeoJohnson(0.25), Affine(shift=1.5, scale=0.75))),
)


@every_dialect
def test_the_text_for_a_warehouse(dialect: str) -> None:
    """An affine column in its place, and a Yeo-Johnson column at the end."""
    wanted = (GOLDEN / f"{dialect}.sql").read_text()
    assert TWO.to_sql(("analytics", "weather"), dialect, columns=DATA.columns) + "\n" == wanted


@every_dialect
def test_the_text_back_for_a_warehouse(dialect: str) -> None:
    wanted = (GOLDEN / f"{dialect}_inverse.sql").read_text()
    columns = [*DATA.columns, "wind_n"]
    assert TWO.to_sql("weather", dialect, columns=columns, inverse=True) + "\n" == wanted


@every_dialect
@pytest.mark.parametrize("name", ["", "_inverse"])
def test_the_text_is_one_select_of_the_dialect(dialect: str, name: str) -> None:
    """It parses there, and is written again as the same words."""
    text = (GOLDEN / f"{dialect}{name}.sql").read_text()
    (tree,) = sqlglot.parse(text, read=dialect)
    assert isinstance(tree, exp.Select)
    assert words(tree.sql(dialect=dialect)) == words(text)


def words(text: str) -> str:
    return "".join(text.casefold().split())


@pytest.mark.parametrize("dialect", ["duckdb", "bigquery"])
def test_without_the_columns_a_star_is_replaced(dialect: str) -> None:
    wanted = (GOLDEN / f"{dialect}_star.sql").read_text()
    assert TWO.to_sql("weather", dialect) + "\n" == wanted


SHARED = {"ABS", "SQRT", "CBRT", "SINH", "TANH", "LN", "EXP"}
DOCUMENTED = {
    "duckdb": SHARED | {"ASINH"},
    "postgres": SHARED | {"ASINH"},
    "spark": SHARED | {"LOG1P", "EXPM1"},
    "bigquery": SHARED | {"ASINH"},
}
"""Mathematical functions that each documents under these names.

DuckDB "Numeric Functions"; PostgreSQL 12 and later, 9.3 "Mathematical Functions and Operators"; Spark SQL
"Built-in Functions"; BigQuery GoogleSQL "Mathematical functions".
"""
STANDARD = {"CAST", "TRY_CAST", "CASE", "IF", "COALESCE", "NULLIF", "AND", "OR"}
"""TRY_CAST is how the parser reads Spark's CAST."""


@every_dialect
@pytest.mark.parametrize("method", [method.name for method in METHODS])
def test_only_functions_that_a_warehouse_documents_are_called(dialect: str, method: str) -> None:
    """Both ways, by every method."""
    line = {"method": method, "clip": [0.6, 8.0], "nulls": 1.0, "outside": "flag", "dtype": "Float32"}
    fit = nf.fit(DATA, {"wind": line})
    for inverse in (False, True):
        text = fit.to_sql("t", dialect, columns=DATA.columns, inverse=inverse)
        (tree,) = sqlglot.parse(text, read=dialect)
        assert tree is not None
        called = {
            one.name.upper() if isinstance(one, exp.Anonymous) else one.sql_name()
            for one in tree.find_all(exp.Func)
        }
        assert called <= DOCUMENTED[dialect] | STANDARD


TYPES = {"duckdb": "DOUBLE", "postgres": "DOUBLE PRECISION", "spark": "DOUBLE", "bigquery": "FLOAT64"}
SINGLE = {"duckdb": "REAL", "postgres": "REAL", "spark": "FLOAT", "bigquery": "FLOAT64"}


@every_dialect
def test_types_have_the_names_of_the_dialect(dialect: str) -> None:
    fit = nf.fit(DATA, {"temp": {"method": "zscore", "dtype": "Float32"}})
    text = fit.to_sql("t", dialect, columns=DATA.columns)
    (tree,) = sqlglot.parse(text, read=dialect)
    assert tree is not None
    kinds = {cast.to.sql(dialect=dialect) for cast in tree.find_all(exp.Cast)}
    assert kinds == {TYPES[dialect], SINGLE[dialect]}


@every_dialect
def test_backticks_and_quotes_in_names_are_those_of_the_dialect(dialect: str) -> None:
    name = 'a"b`c\\d; DROP TABLE t; --'
    data = pl.DataFrame({name: [1.0, 2.0, 4.0]})
    text = nf.fit(data, {name: "zscore"}).to_sql(name, dialect, columns=[name])
    (tree,) = sqlglot.parse(text, read=dialect)
    assert tree is not None
    assert {one.name for one in tree.find_all(exp.Column, exp.Table)} == {name}


def test_another_dialect_needs_sqlglot(monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB's own text does not."""
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    assert TWO.to_sql("weather").startswith("WITH")
    with pytest.raises(nf.ConfigError) as refusal:
        TWO.to_sql("weather", "bigquery")
    assert str(refusal.value) == (
        "the dialect 'bigquery' is written by sqlglot, which is not installed;"
        " pip install 'normflow-etl[sql]'"
    )


def deep(times: int) -> nf.Fit:
    around = (Affine(shift=0.25, scale=1.5), YeoJohnson(0.5), Squash(4.0), Affine(shift=-6.0), BoxCox(0.3))
    return with_maps(nf.fit(DATA, {"wind": "zscore"}), wind=Transform(around * times))


def test_the_text_grows_with_the_chain_and_not_with_its_power() -> None:
    """Each of these maps mentions its x two to eight times."""
    once, twice, more = (len(deep(times).to_sql("t")) for times in (5, 10, 20))
    assert more - twice == pytest.approx(2 * (twice - once), rel=0.05)
    assert more < 100_000


def test_a_deep_chain_runs() -> None:
    fit = deep(6)
    found = [row[2] for row in selected(DATA, fit.to_sql("t"))[1]]
    assert found == pytest.approx(fit.transform(DATA)["wind"].to_list(), rel=1e-12)


def test_a_normal_quantile_takes_few_thousand_letters() -> None:
    """Its polynomials mention their argument fifteen times each."""
    fit = with_maps(nf.fit(DATA, {"wind": "zscore"}), wind=Transform((NormalQuantile(),)))
    assert len(fit.to_sql("t")) < 6_000
    assert len(fit.to_sql("t", inverse=True)) < 6_000


def test_an_affine_fit_is_a_plain_select() -> None:
    fit = with_maps(nf.fit(DATA, {"temp": "zscore"}), temp=Transform((Affine(shift=55.25, scale=17.5),)))
    assert fit.to_sql("weather", inverse=True) == (
        'SELECT\n  * REPLACE (((CAST("temp" AS DOUBLE) * 17.5e0) + 55.25e0) AS "temp")\nFROM "weather"'
    )
