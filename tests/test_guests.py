"""Frames of other libraries: the same numbers as from Polars, and each comes back as what it came as."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

import normflow as nf
import normflow.polars

LINES: dict[str, Any] = {"x": "zscore", "n": {"method": "minmax", "suffix": "_1"}}
KNOWN = pl.DataFrame(
    {
        "day": [dt.date(2026, 1, one) for one in (1, 2, 3, 4)],
        "x": [1.5, None, -2.0, 40.25],
        "n": [3, 1, 2, 9],
        "word": ["a", None, "ü", ""],
    }
)
WANTED = nf.fit(KNOWN, LINES).transform(KNOWN)


def reader(data: pl.DataFrame) -> pa.RecordBatchReader:
    return data.to_arrow().to_reader()


def batch(data: pl.DataFrame) -> pa.RecordBatch:
    table = data.to_arrow()
    return pa.record_batch(table.to_pydict(), schema=table.schema)


def relation(data: pl.DataFrame) -> duckdb.DuckDBPyRelation:
    return duckdb.from_arrow(data)


MAKERS: dict[str, Any] = {
    "pandas": pl.DataFrame.to_pandas,
    "pyarrow table": pl.DataFrame.to_arrow,
    "pyarrow batch": batch,
    "pyarrow reader": reader,
    "duckdb": relation,
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_frame_comes_back_as_it_came_with_the_numbers_of_polars(make: Any) -> None:
    fit = nf.fit(make(KNOWN), LINES)
    assert fit.id == nf.fit(KNOWN, LINES).id
    given = make(KNOWN)
    out = fit.transform(given)
    assert type(out) is type(given)
    seen = pl.DataFrame(out).with_columns(pl.col("day").cast(pl.Date))  # pandas has no type for days
    assert_frame_equal(seen, WANTED, check_exact=True)
    back = fit.inverse(fit.transform(make(KNOWN)), ["x"])
    assert type(back) is type(given)
    assert pl.DataFrame(back)["x"].to_list() == pytest.approx(KNOWN["x"].to_list())


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_profile_is_that_of_the_polars_frame(make: Any) -> None:
    assert nf.profile(make(KNOWN))["x"] == nf.profile(KNOWN)["x"]


def test_pandas_keeps_its_index_and_the_columns_that_nothing_touched() -> None:
    index = pd.Index(["r7", "r3", "r9"], name="row")
    given = pd.DataFrame(
        {
            "x": [1.0, float("nan"), 4.0],
            "k": pd.array([1, None, 3], dtype="Int8"),
            "c": pd.Categorical(["u", "v", "u"], categories=["v", "u", "w"], ordered=True),
            "t": pd.to_datetime(["2026-01-01", "2026-06-01", None], utc=True).tz_convert("Europe/Berlin"),
        },
        index=index,
    )
    out = nf.fit(given, {"x": "center"}).transform(given)
    assert out.index.equals(index)
    assert out.index.name == "row"
    pd.testing.assert_frame_equal(out.drop(columns="x"), given.drop(columns="x"))
    assert out["x"].tolist()[::2] == [-1.5, 1.5]
    assert pd.isna(out["x"].iloc[1])
    assert given["x"].tolist()[::2] == [1.0, 4.0]


def test_pandas_missing_is_null_and_not_nan() -> None:
    column = nf.profile(pd.DataFrame({"x": [1.0, float("nan")]}))["x"]
    assert (column.nulls, column.nans) == (1, 0)


def test_pyarrow_keeps_the_types_of_what_nothing_touched() -> None:
    given = pa.table(
        {"x": pa.array([1.0, 2.0]), "d": pa.array(["a", "b"]).dictionary_encode(), "s": pa.array(["u", "v"])}
    )
    out = nf.fit(given, {"x": "center"}).transform(given)
    assert out.schema.field("d").type == given.schema.field("d").type
    assert out.schema.field("s").type == pa.string()


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_whole_numbers_that_stay_what_they_are_become_floats_all_the_same(make: Any) -> None:
    """0 and 1 are 0.0 and 1.0 after minmax: equal, and of the type that every other frame gets."""
    given = pl.DataFrame({"n": [0, 1]})
    fit = nf.fit(given, {"n": "minmax"})
    assert pl.DataFrame(fit.transform(make(given))).schema == {"n": pl.Float64}
    assert pl.DataFrame(fit.transform(make(given.clear()))).schema == {"n": pl.Float64}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([1.0], "not list"),
        (pd.DataFrame({"x": [1.0], "o": [object()]}), "no one type"),
        (pd.DataFrame({0: [1.0]}), "a column's name is 0"),
        (pd.DataFrame([[1.0, 2.0]], columns=["x", "x"]), "one name"),
        (io.BytesIO(b""), "not BytesIO"),
    ],
    ids=["list", "objects", "number as name", "one name twice", "file"],
)
def test_what_is_no_frame_is_told(given: Any, told: str) -> None:
    with pytest.raises(nf.ConfigError, match=told):
        nf.fit(given)
    with pytest.raises(nf.ConfigError, match=told):
        nf.fit(KNOWN, LINES).transform(given)


def test_other_arrow_comes_back_as_polars() -> None:
    class Stream:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return KNOWN.__arrow_c_stream__(requested_schema)

    out: Any = nf.fit(Stream(), LINES).transform(Stream())
    assert_frame_equal(out, WANTED, check_exact=True)


@pytest.mark.parametrize("kind", [pl.DataFrame.lazy, pl.DataFrame.clone], ids=["lazy", "eager"])
def test_the_namespace_of_frames_is_the_functions(kind: Any) -> None:
    given = kind(KNOWN)
    fit = given.normflow.fit(LINES, goal="robust")
    assert fit == nf.fit(KNOWN, LINES, goal="robust")
    out = given.normflow.transform(fit)
    assert type(out) is type(given)
    assert_frame_equal(out.lazy().collect(), WANTED, check_exact=True)
    assert out.normflow.inverse(fit, ["x"]).lazy().collect()["x"].null_count() == 1
    assert given.normflow.profile() == nf.profile(KNOWN)


def test_a_columns_fit_is_an_expression_with_the_same_bits() -> None:
    skewed = pl.DataFrame({"x": [0.1, 3.0, None, 2.5, 900.0, float("inf"), 0.7, 0.3, 12.0]})
    for line in (
        "yeojohnson",
        "log",
        "quantile_normal",
        "robust",
        {"method": "zscore", "dtype": "Float32"},
        "none",
    ):
        fit = nf.fit(skewed, {"x": line})
        one: Any = pl.col("x")
        out = skewed.select(one.normflow.transform(fit["x"]))
        assert_frame_equal(out, fit.transform(skewed), check_exact=True)
        assert_frame_equal(out.select(one.normflow.inverse(fit["x"])), fit.inverse(out), check_exact=True)


def test_an_expression_holds_to_a_policy_of_error() -> None:
    fit = nf.fit(KNOWN, {"x": {"method": "zscore", "outside": "error"}})
    one: Any = pl.col("x")
    with pytest.raises((nf.FitError, pl.exceptions.ComputeError), match="'x'"):
        pl.DataFrame({"x": [1e9]}).select(one.normflow.transform(fit["x"]))
