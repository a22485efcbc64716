"""A row at a time in plain Python against the same row in a frame of Polars."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import normflow as nf
from tests.columns import ZOO

if TYPE_CHECKING:
    from collections.abc import Mapping

METHODS = [
    *(
        "center",
        "zscore",
        "minmax",
        "maxabs",
        "meannorm",
        "decimal",
        "robust",
        "log",
        "sqrt",
        "cbrt",
        "asinh",
    ),
    *("logit", "boxcox", "yeojohnson", "quantile_uniform", "quantile_normal", "squash", "none"),
]
VALUES = [
    None,
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.3,
    2.5,
    -7.25,
    1e-18,
    5e-324,
    1e9,
    -1e300,
    1.7e308,
    math.nan,
    math.inf,
    -math.inf,
]


def near(found: object, wanted: object) -> bool:
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(near, found, wanted))
    if not isinstance(wanted, float) or not isinstance(found, float):
        return found == wanted and type(found) is type(wanted)
    if math.isnan(wanted):
        return math.isnan(found)
    return found == wanted or math.isclose(found, wanted, rel_tol=1e-12, abs_tol=1e-13)


def same(fit: nf.Fit, frame: pl.DataFrame) -> None:
    """Each row of the frame comes out of the scorer as it comes out of the frame."""
    score = fit.scorer()
    for row, wanted in zip(
        frame.iter_rows(named=True), fit.transform(frame).iter_rows(named=True), strict=True
    ):
        found = score(row)
        assert list(found) == list(wanted)
        for name in wanted:
            assert near(found[name], wanted[name]), (name, row, found[name], wanted[name])


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_on_every_column_that_hurts(method: str, name: str) -> None:
    taught = pl.DataFrame({"x": ZOO[name]}, schema={"x": pl.Float64})
    try:
        fit = nf.fit(taught, {"x": method})
    except (nf.FitError, nf.EmptySourceError):
        return  # what it refuses, it refuses
    seen = [*VALUES, *ZOO[name][:40]]
    same(fit, pl.DataFrame({"x": seen}, schema={"x": pl.Float64}))


POLICIES: list[Mapping[str, object]] = [
    {"nonfinite": "keep"},
    {"nonfinite": "clip", "outside": "clip"},
    {"outside": "null", "nulls": {"fill": 0.5, "indicator": True}},
    {"outside": "flag", "nulls": {"fill": "median", "indicator": True}},
    {"clip": [0, 2], "nulls": "mean", "dtype": "Float32"},
    {"suffix": "_n", "nonfinite": "keep", "nulls": 7},
]


@pytest.mark.parametrize("method", ["zscore", "yeojohnson", "quantile_normal", "none", "auto"])
@pytest.mark.parametrize("policies", POLICIES, ids=str)
def test_every_policy(method: str, policies: Mapping[str, object]) -> None:
    taught = pl.DataFrame({"x": [0.0, 0.5, 1.0, None, 3.5, 4.0, 9.0], "beside": list("abcdefg")})
    line = {"method": method, **policies}
    if method == "none":
        line.pop("suffix", None)
    same(nf.fit(taught, {"x": line}), pl.DataFrame({"x": VALUES, "beside": ["u"] * len(VALUES)}))


@pytest.mark.parametrize("policy", [{"outside": "error"}, {"nonfinite": "error"}], ids=str)
def test_a_policy_of_error_raises(policy: Mapping[str, object]) -> None:
    score = nf.fit(pl.DataFrame({"x": [0.0, 1.0, 2.0]}), {"x": {"method": "zscore", **policy}}).scorer()
    assert score({"x": 1.0}) == {"x": 0.0}
    with pytest.raises(nf.FitError, match="'x'"):
        score({"x": math.inf if "nonfinite" in policy else 3.0})


@given(st.lists(st.floats(), min_size=1, max_size=20), st.sampled_from(METHODS))
def test_any_number(values: list[float], method: str) -> None:
    fit = nf.fit(pl.DataFrame({"x": [0.125, 0.25, 0.5, 0.75, 0.875, 0.3]}), {"x": method})
    same(fit, pl.DataFrame({"x": values}))


@pytest.mark.parametrize("unseen", ["global", "null"])
def test_groups_have_numbers_of_their_own(unseen: str) -> None:
    taught = pl.DataFrame(
        {"k": ["a"] * 40 + ["b"] * 40 + [None] * 40, "x": [float(i) for i in range(40)] * 2 + [5.0, 7.0] * 20}
    )
    fit = nf.fit(taught, {"x": "zscore"}, by={"columns": ["k"], "unseen": unseen})
    same(fit, pl.DataFrame({"k": ["a", "b", None, "new", "a"], "x": [1.0, 2.0, 3.0, 4.0, None]}))


def test_a_group_that_must_have_been_there() -> None:
    taught = pl.DataFrame({"k": ["a"] * 40, "x": [float(i) for i in range(40)]})
    score = nf.fit(taught, {"x": "zscore"}, by={"columns": "k", "unseen": "error"}).scorer()
    with pytest.raises(nf.FitError, match="new"):
        score({"k": "new", "x": 1.0})
    with pytest.raises(nf.SchemaError, match="'k'"):
        score({"x": 1.0})


def test_arrays_and_row_wise_methods() -> None:
    frame = pl.DataFrame(
        {
            "e": [[1.0, 2.0], [3.0, None], None, [5.0, 9.0]],
            "u": [3.0, 0.0, None, 1.0],
            "v": [4.0, 0.0, 1.0, 1.0],
        },
        schema={"e": pl.Array(pl.Float64, 2), "u": pl.Float64, "v": pl.Float64},
    )
    same(nf.fit(frame, {"e": "zscore"}), frame)
    same(nf.fit(frame, {"u": {"method": "unit", "columns": ["u", "v"], "suffix": "_1"}}), frame)
    same(nf.fit(frame, {"e": {"method": "layer"}}), frame)


def test_values_of_other_types_are_the_numbers_a_frame_has() -> None:
    moments = [
        dt.datetime(2026, 3, 1, 12, 30, 0, 123457, tzinfo=dt.UTC),
        dt.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
    ]
    frame = pl.DataFrame(
        {
            "at": moments,
            "local": [one.replace(tzinfo=None) for one in moments],
            "day": [dt.date(2026, 3, 1), dt.date(1960, 1, 1)],
            "took": [dt.timedelta(microseconds=1234567), dt.timedelta(days=-3)],
            "hour": [dt.time(1, 2, 3, 4), dt.time(0)],
            "price": [Decimal("1.10"), Decimal("-3.55")],
            "flag": [True, False],
            "count": [2**53 + 1, -7],
        }
    )
    same(nf.fit(frame, dict.fromkeys(frame.columns, "zscore")), frame)
    score = nf.fit(frame, {"count": "center"}).scorer()
    assert score({"count": np.int32(7)}) == score({"count": 7.0})


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"y": 1.0}, "needs column 'x'"),
        ({"x": "12"}, "no numeric value"),
        ({"x": 10**400}, "beyond"),
        ({"x": []}, "no num"),
    ],
    ids=["missing", "text", "huge", "list"],
)
def test_what_is_no_number_is_told(row: dict[str, Any], told: str) -> None:
    score = nf.fit(pl.DataFrame({"x": [0.0, 1.0]}), {"x": "minmax"}).scorer()
    with pytest.raises(nf.SchemaError, match=told):
        score(row)


def test_a_chain_backwards_undoes_itself() -> None:
    fit = nf.fit(pl.DataFrame({"x": [0.1, 0.7, 2.0, 9.5, 30.0]}), {"x": "yeojohnson"})
    back = fit["x"].transform.number(backward=True)
    forth = fit["x"].transform.number()
    for x in (0.1, 0.7, 2.0, 9.5, 30.0):
        assert back(forth(x)) == pytest.approx(x, rel=1e-12)
