"""A fit as SQL gives what the fit gives on a frame: in DuckDB, on every awkward column, for every method."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import duckdb
import polars as pl
import pytest

import normflow as nf
from normflow.methods import METHODS
from normflow.profiles import observe
from tests.columns import ZOO
from tests.fits.warehouse import near, resolved, selected

NAN, INF = math.nan, math.inf
NAMES = [method.name for method in METHODS]
AFFINE = {"none", "center", "zscore", "minmax", "maxabs", "meannorm", "decimal", "robust"}


def zoo(name: str) -> pl.DataFrame:
    return pl.DataFrame({"x": pl.Series(ZOO[name], dtype=pl.Float64)})


@cache
def profiled(name: str) -> nf.Profile:
    return observe(zoo(name).lazy(), ["x"])


def fitted(method: str, name: str) -> nf.Fit | None:
    try:
        return nf.fit(profiled(name), {"x": method})
    except nf.NormflowError:
        return None


every_method = pytest.mark.parametrize("method", NAMES)
every_column = pytest.mark.parametrize("name", ZOO)


@every_method
@every_column
def test_a_query_gives_what_transform_gives(method: str, name: str) -> None:
    """Affine methods bit for bit, others to 1e-12·max(1, |y|); and no row of any column stops the query."""
    fit = fitted(method, name)
    if fit is None:  # the method refuses the column, and there is nothing to write
        return
    wanted = fit.transform(zoo(name))["x"].to_list()
    rows = selected(zoo(name), fit.to_sql("t"))[1]
    tolerance = 0.0 if method in AFFINE else 1e-12
    assert all(near(row[0], y, tolerance) for row, y in zip(rows, wanted, strict=True))


@every_method
@every_column
def test_an_inverse_query_gives_what_inverse_gives(method: str, name: str) -> None:
    """Also for what no transform gave: beyond the image, infinite or NaN."""
    fit = fitted(method, name)
    if fit is None:
        return
    extra = pl.DataFrame({"x": [-1e3, -3.0, 0.0, 0.5, 1.0, 1e3, INF, -INF, NAN, None]})
    out = pl.concat([fit.transform(zoo(name)), extra])
    wanted = fit.inverse(out)["x"].to_list()
    rows = selected(out, fit.to_sql("t", inverse=True))[1]
    tolerance, floor = (0.0, 0.0) if method in AFFINE else (1e-9, resolved(ZOO[name]))
    assert all(near(row[0], x, tolerance, floor) for row, x in zip(rows, wanted, strict=True))


ODD = pl.DataFrame(
    {
        "name": ["a", "b", "c", "d", "e", "f", None, "h"],
        "x": [1.0, 2.5, None, NAN, INF, -INF, -7.0, 40.0],
        "y": [0.5, 0.25, 1.0, 2.0, 4.0, 8.0, 16.0, None],
        "k": pl.Series([3, 1, 4, 1, 5, None, 2, 6], dtype=pl.Int8),
        "b": [True, False, None, True, True, False, False, True],
        "d": pl.Series(["1.25", "2.50", "-3.75", None, "0.10", "5.05", "6.00", "7.15"]).cast(
            pl.Decimal(12, 2)
        ),
    }
)
TAUGHT = ODD.with_columns(pl.Series("x", [1.0, 2.5, 3.0, 4.0, 5.0, 6.0, -1.0, 7.0]))
LINES: list[dict[str, Any]] = [
    {"x": {"method": "zscore", "nonfinite": "keep"}},
    {"x": {"method": "yeojohnson", "nonfinite": "keep"}},
    {"x": {"method": "minmax", "nonfinite": "clip"}},
    {"x": {"method": "squash", "outside": "clip"}},
    {"x": {"method": "zscore", "outside": "null"}},
    {"x": {"method": "zscore", "outside": "flag", "nulls": "indicator"}},
    {"x": {"method": "zscore", "outside": "null", "nulls": {"fill": "mean", "indicator": True}}},
    {"x": {"method": "none", "outside": "null", "nulls": "indicator", "nonfinite": "keep"}},
    {"x": {"method": "zscore", "outside": "flag", "nonfinite": "keep"}},
    {"x": {"method": "none", "clip": [0.0, 3.0], "nulls": {"fill": "median", "indicator": True}}},
    {"x": {"method": "robust", "clip": ["10%", "90%"], "nulls": "mean", "suffix": "_n"}},
    {"x": {"method": "zscore", "dtype": "Float32"}, "k": {"method": "minmax", "dtype": "Float32"}},
    {"k": {"method": "yeojohnson", "suffix": "_k"}, "y": "log", "d": "zscore", "b": "center"},
    {"y": {"method": "none", "suffix": "_copy"}, "d": {"method": "quantile_normal", "suffix": "_q"}},
    {"b": {"method": "zscore", "constant": "midpoint", "nulls": 0}},
    {"y": {"method": "minmax", "constant": "null", "outside": "null"}},
    {},
]


@pytest.mark.parametrize("line", LINES, ids=str)
@pytest.mark.parametrize("whole", [True, False], ids=["with the schema", "with a star"])
def test_policies_types_and_places_are_those_of_a_frame(line: dict[str, Any], whole: bool) -> None:
    """Same columns in the same order, and the same values in them."""
    if not whole and "b" in line:  # DuckDB casts booleans; the other dialects need the schema
        line = {key: value for key, value in line.items() if key != "b"}
    fit = nf.fit(TAUGHT, line)
    wanted = fit.transform(ODD)
    names, rows = selected(ODD, fit.to_sql("t", columns=ODD.schema if whole else None))
    assert names == wanted.columns
    for found, expected in zip(rows, wanted.rows(), strict=True):
        for one, other in zip(found, expected, strict=True):
            assert near(one, other, 1e-12) if isinstance(other, float) else one == other


def test_what_is_undone_by_a_query_is_what_inverse_undoes() -> None:
    fit = nf.fit(TAUGHT, {"y": "boxcox", "k": {"method": "zscore", "suffix": "_z"}, "d": "none"})
    out = fit.transform(ODD).cast({"k": pl.Float64})
    names, rows = selected(out, fit.to_sql("t", columns=out.schema, inverse=True))
    wanted = fit.inverse(out)
    assert names == wanted.columns
    for name in ("y", "k_z"):
        place = names.index(name)
        assert all(near(row[place], x, 1e-12) for row, x in zip(rows, wanted[name], strict=True))


def test_a_query_undoes_only_what_the_table_has() -> None:
    fit = nf.fit(TAUGHT, {"y": "zscore", "k": "zscore"})
    assert '"k"' not in fit.to_sql("t", columns=["y"], inverse=True)


def test_float32_goes_to_infinity_where_a_frame_does() -> None:
    """DuckDB alone would refuse the cast."""
    data = pl.DataFrame({"x": [1e39, 1.0, -1e39, 3.4028235677973365e38, None]})
    fit = nf.fit(data, {"x": {"method": "none", "dtype": "Float32"}})
    assert [row[0] for row in selected(data, fit.to_sql("t"))[1]] == fit.transform(data)["x"].to_list()


@pytest.mark.parametrize(
    ("policy", "bad", "message"),
    [
        ("nonfinite", INF, "column 'x''s' holds NaN or ±inf, and `nonfinite: error` forbids them: inf"),
        (
            "outside",
            9.0,
            "column 'x''s' holds values outside the fitted range, and `outside: error` forbids them",
        ),
    ],
)
def test_a_policy_of_error_stops_the_query_with_its_sentence(policy: str, bad: float, message: str) -> None:
    data = pl.DataFrame({"x's": [1.0, 2.0, 4.0, None]})
    fit = nf.fit(data, {"x's": {"method": "log", policy: "error"}})
    assert selected(data, fit.to_sql("t"))[1][3] == (None,)
    broken = pl.concat([data, pl.DataFrame({"x's": [bad]})])
    with pytest.raises(duckdb.ConversionException) as stop:
        selected(broken, fit.to_sql("t"))
    assert message.replace("''", "'") in str(stop.value)


HOSTILE = [
    'a"b',
    '"; DROP TABLE t; --',
    "with space",
    "*",
    "^a$",
    "it's",
    "new\nline",
    "back`tick",
    "back\\slash",
    "ünï 漢字",
    "a.b",
    "select",
    "/* c */",
    "{x} %s $1 :y ?",
    "__nf_0",
    "__NF_1",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("place", ["column", "table", "both"])
def test_a_name_is_a_name_whatever_it_holds(name: str, place: str) -> None:
    column = name if place != "table" else "x"
    table = name if place != "column" else "t"
    data = pl.DataFrame({column: [1.0, 2.0, 3.0, 4.0, 10.0], "other": ["a", "b", "c", "d", "e"]})
    fit = nf.fit(data, {column: {"method": "yeojohnson", "nulls": "indicator"}})
    wanted = fit.transform(data)
    for columns in (None, data.columns):
        names, rows = selected(data, fit.to_sql(table, columns=columns), (table,))
        assert names == wanted.columns
        assert [row[0] for row in rows] == pytest.approx(wanted[column].to_list(), rel=1e-12)


def test_a_table_may_be_a_path() -> None:
    """Text is one name, with its dots; a tuple is a path."""
    data = pl.DataFrame({"x": [1.0, 2.0, 3.0]})
    fit = nf.fit(data, {"x": "minmax"})
    assert [row[0] for row in selected(data, fit.to_sql(("my schema", "t")), ("my schema", "t"))[1]] == [
        0,
        0.5,
        1,
    ]
    assert [row[0] for row in selected(data, fit.to_sql("a.b"), ("a.b",))[1]] == [0.0, 0.5, 1.0]


def sentence(fit: nf.Fit, kind: type[nf.NormflowError], *given: Any, **named: Any) -> str:
    with pytest.raises(kind) as refusal:
        fit.to_sql(*given, **named)
    return str(refusal.value)


def test_what_cannot_be_sql_is_refused_with_a_sentence() -> None:
    fit = nf.fit(TAUGHT, {"x": "zscore"})
    names = TAUGHT.columns
    assert sentence(fit, nf.ConfigError, "t", "duckbd") == "no SQL dialect 'duckbd'; did you mean 'duckdb'?"
    for dialect in ("postgres", "spark"):
        assert sentence(fit, nf.ConfigError, "t", dialect) == (
            f"{dialect} cannot replace columns of `SELECT *`, so the query must name all of the table's;"
            " give them in their order, such as columns=frame.columns"
        )
    assert sentence(fit, nf.ConfigError, "") == "'' cannot be a name in SQL; rename it"
    assert sentence(fit, nf.ConfigError, ("a", "\0")) == r"'\x00' cannot be a name in SQL; rename it"
    assert sentence(fit, nf.ConfigError, ()) == "a table's name has at least one part"
    assert sentence(fit, nf.ConfigError, "t", columns=[*names, "X"]) == (
        "columns 'x' and 'X' differ only in case, and duckdb takes them for one; rename one"
    )
    assert '"X"' in fit.to_sql("t", "postgres", columns=[*names, "X"])
    for columns in ("xyz", ["x", "x"]):
        assert sentence(fit, nf.ConfigError, "t", columns=columns) == (
            f"columns are the names of the table's columns, each once, and not {columns!r}"
        )
    assert sentence(fit, nf.SchemaError, "t", columns=["y", "xx"]) == (
        "the fit needs column 'x'; did you mean 'xx'?"
    )
    assert sentence(fit, nf.SchemaError, "t", columns={"x": pl.String()}) == (
        "column 'x' is String, which has no numeric value; cast it to a number, or fit again without it"
    )
    assert sentence(fit, nf.SchemaError, "t", columns={"x": pl.Date()}) == (
        "column 'x' is Date, which has no SQL number that all dialects share;"
        " let the query read a view that has it in seconds, as a DOUBLE"
    )


def test_names_that_only_the_suffix_makes_alike_are_refused() -> None:
    data = pl.DataFrame({"x": [1.0, 2.0], "X_n": [3.0, 4.0]})
    fit = nf.fit(data, {"x": {"method": "zscore", "suffix": "_n"}})
    assert sentence(fit, nf.ConfigError, "t", columns=data.columns) == (
        "columns 'X_n' and 'x_n' differ only in case, and duckdb takes them for one; rename one"
    )


def test_arrays_and_row_wise_methods_have_no_sql() -> None:
    data = pl.DataFrame({"a": [3.0, 1.0], "b": [4.0, 0.0]}).with_columns(e=pl.concat_arr("a", "b"))
    rows = nf.fit(data, {"a": {"method": "unit", "columns": ["a", "b"]}})
    way_out = "which has no SQL here; transform a frame, or fit without it"
    assert sentence(rows, nf.ConfigError, "t") == f"unit works on whole rows, {way_out}"
    arrays = nf.fit(data, {"e": "zscore"})
    way_out = "which have no SQL here; transform a frame, or fit without it"
    for inverse in (False, True):
        assert sentence(arrays, nf.ConfigError, "t", inverse=inverse) == f"column 'e' holds arrays, {way_out}"


def test_parameters_by_group_are_written_one_query_a_group() -> None:
    data = pl.DataFrame({"g": ["a"] * 40 + ["b"] * 40, "x": [float(i) for i in range(80)]})
    fit = nf.fit(data, {"x": "zscore"}, by="g")
    assert sentence(fit, nf.ConfigError, "t") == (
        "parameters that differ between groups have no SQL here;"
        " write one query a group, such as fit.group(key).to_sql(…)"
    )
    one = data.filter(pl.col("g") == "b")
    found = [row[1] for row in selected(one, fit.group({"g": "b"}).to_sql("t"))[1]]
    assert found == fit.transform(one)["x"].to_list()


def test_a_fit_of_nothing_selects_everything() -> None:
    fit = nf.fit(ODD, {"x": "none"})
    for inverse in (False, True):
        assert fit.to_sql("t", inverse=inverse) == 'SELECT\n  *\nFROM "t"'
    assert fit.to_sql("t", columns=["x", "y"]) == 'SELECT\n  "x",\n  "y"\nFROM "t"'
