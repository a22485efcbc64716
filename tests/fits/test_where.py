"""`nf.fit(…, where=…)`: the rows that match teach, and any row is transformed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import normflow as nf

RNG = np.random.default_rng(20130930)
DATA = pl.DataFrame(
    {
        "month": np.arange(400) % 12 + 1,
        "origin": ["EWR", "JFK", "LGA", None] * 100,
        "x": RNG.normal(50, 10, 400),
    }
)


def test_matching_rows_teach_and_all_rows_are_transformed() -> None:
    fit = nf.fit(DATA, {"x": "zscore"}, where="month <= 9")
    taught = DATA["x"].to_numpy()[DATA["month"].to_numpy() <= 9]
    assert (fit.rows, fit.where) == (taught.size, "month <= 9")
    expected = (DATA["x"].to_numpy() - np.mean(taught)) / np.std(taught)
    assert np.allclose(fit.transform(DATA)["x"].to_numpy(), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("where", "chosen"),
    [
        ("month <= 9", pl.col("month") <= 9),
        ("origin IN ('EWR', 'LGA')", pl.col("origin").is_in(["EWR", "LGA"])),
        ("origin <> 'JFK' OR x > 50", (pl.col("origin") != "JFK") | (pl.col("x") > 50)),
        ("true", True),
    ],
)
def test_it_is_the_fit_of_the_filtered_frame(where: str, chosen: pl.Expr | bool) -> None:
    """Equal bits, auto's choices and exact quantiles included; only the record of it differs."""
    filtered = DATA.filter(chosen)
    for normalize in ({"*": "auto"}, {"x": "robust", "month": "minmax"}):
        fit = nf.fit(DATA.lazy(), normalize, where=where)
        expected = nf.fit(filtered, normalize)
        assert fit.id == expected.id
        assert (fit.columns, fit.rows) == (expected.columns, expected.rows)


def test_rows_that_do_not_match_change_nothing() -> None:
    more = pl.concat([DATA, DATA.with_columns(month=pl.lit(10, pl.Int64), x=pl.lit(1e9))])
    assert nf.fit(more, where="month <= 9", normalize={"x": "zscore"}).columns == (
        nf.fit(DATA, where="month <= 9", normalize={"x": "zscore"}).columns
    )


def test_it_is_stored_with_the_fit_and_not_in_its_id() -> None:
    """The id is what transform and inverse depend on."""
    fit = nf.fit(DATA, {"x": "center"}, where="true")
    assert json.loads(fit.to_json())["where"] == "true"
    again = nf.Fit.from_json(fit.to_json())
    assert (again, again.where) == (fit, "true")
    assert fit.id == nf.fit(DATA, {"x": "center"}).id
    assert nf.fit(DATA, {"x": "center"}).where is None


def test_quoted_names_are_only_names() -> None:
    data = DATA.rename({"month": "*"}).with_columns(DATA["x"].alias("^x$"))
    fit = nf.fit(data, {"x": "zscore"}, where='"*" <= 9 AND "^x$" > 40')
    expected = nf.fit(DATA.filter(pl.col("month") <= 9, pl.col("x") > 40), {"x": "zscore"})
    assert fit.id == expected.id


NO_ROW = (
    "where: no row matches month > 12, and only rows that match teach the parameters; "
    "check it against the source, and the contract's ranges"
)
AVERAGE = (
    "where: AVG looks at other rows, and a row matches by its own values alone; "
    "write the number, or make it a column of the source"
)


@pytest.mark.parametrize(
    ("data", "where", "kind", "message"),
    [
        (
            DATA,
            "month > 12",
            nf.EmptySourceError,
            NO_ROW,
        ),
        (DATA, "mnth <= 9", nf.SchemaError, "where: there is no column 'mnth'; did you mean 'month'?"),
        (
            DATA,
            "x > AVG(x)",
            nf.ConfigError,
            AVERAGE,
        ),
        (
            nf.profile(DATA),
            "month <= 9",
            nf.ConfigError,
            "where: a profile has no rows to choose from; give the frame, or profile the rows that match",
        ),
    ],
    ids=["none", "missing", "aggregate", "profile"],
)
def test_what_cannot_choose_rows_is_refused(
    data: Any, where: str, kind: type[nf.NormflowError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        nf.fit(data, {"x": "zscore"}, where=where)
    assert str(caught.value) == message


def test_a_profile_of_the_rows_that_match_is_the_way_out() -> None:
    chosen = DATA.filter(pl.col("month") <= 9)
    assert (
        nf.fit(nf.profile(chosen), {"x": "zscore"}).id == nf.fit(DATA, {"x": "zscore"}, where="month <= 9").id
    )


def test_the_frame_is_left_as_it_is() -> None:
    before = DATA.clone()
    nf.fit(DATA, where="x > 60")
    assert_frame_equal(DATA, before)
