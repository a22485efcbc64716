"""What each policy does to a value, against numpy and numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.errors import FitError

NAN, INF = math.nan, math.inf
TAUGHT = [0.0, 10.0, 20.0, 30.0, 40.0, 10.0, None, NAN, INF, -INF]
FINITE = np.array([0.0, 10.0, 20.0, 30.0, 40.0, 10.0])
Values = list[float | None]


def fitted(method: str = "minmax", values: Values = TAUGHT, **line: Any) -> nf.Fit:
    return nf.fit(pl.DataFrame({"x": values}, schema={"x": pl.Float64}), {"x": {"method": method, **line}})


def out(fit: nf.Fit, *values: float | None, column: str = "x") -> Values:
    return fit.transform(pl.DataFrame({"x": values}, schema={"x": pl.Float64}))[column].to_list()


def assert_values(found: Values, expected: Values) -> None:
    """Equal bits, null for null and NaN for NaN."""
    assert pl.Series(found, dtype=pl.Float64).equals(pl.Series(expected, dtype=pl.Float64), null_equal=True)


def test_by_default_nan_and_infinities_become_null() -> None:
    """And null stays null, beyond the fitted range a value is extrapolated, the type is Float64."""
    assert_values(out(fitted(), None, NAN, INF, -INF, 80.0, -40.0), [None, None, None, None, 2.0, -1.0])
    assert fitted().transform(pl.DataFrame({"x": [1]}))["x"].dtype == pl.Float64


def test_parameters_come_from_the_observed_finite_values() -> None:
    """Neither clip, outside nor fill changes what the method learns."""
    lines: list[dict[str, Any]] = [
        {},
        {"clip": [15, 25]},
        {"clip": ["20%", "80%"]},
        {"outside": "clip", "nulls": 1000},
        {"nulls": "mean", "nonfinite": "clip"},
    ]
    for method in ("zscore", "minmax", "robust", "yeojohnson"):
        plain = fitted(method).columns[0].transform
        assert [fitted(method, **line).columns[0].transform for line in lines] == [plain] * len(lines)


# name of the policy, its value, what comes in, what comes out of a minmax learned on 0 to 40
EFFECTS: list[tuple[str, Any, Values, Values]] = [
    ("nulls", "keep", [None, 20.0], [None, 0.5]),
    ("nulls", "mean", [None, NAN], [float(FINITE.mean()) / 40, float(FINITE.mean()) / 40]),
    ("nulls", "median", [None, 20.0], [float(np.median(FINITE)) / 40, 0.5]),
    ("nulls", "mode", [None, 20.0], [0.25, 0.5]),
    ("nulls", 100, [None, 20.0], [2.5, 0.5]),
    ("nulls", "indicator", [None, 20.0], [None, 0.5]),
    ("nulls", {"fill": "median", "indicator": True}, [None, INF], [0.375, 0.375]),
    ("nonfinite", "null", [NAN, INF, -INF], [None, None, None]),
    ("nonfinite", None, [NAN, INF, -INF], [None, None, None]),
    ("nonfinite", "keep", [NAN, INF, -INF, 4.0], [NAN, INF, -INF, 0.1]),
    ("nonfinite", "clip", [NAN, INF, -INF, 80.0], [None, 1.0, 0.0, 2.0]),
    ("outside", "keep", [-4.0, 44.0], [-0.1, 1.1]),
    ("outside", "clip", [-4.0, 44.0, 0.0, 40.0, None], [0.0, 1.0, 0.0, 1.0, None]),
    ("outside", "null", [-4.0, 44.0, 0.0, 40.0], [None, None, 0.0, 1.0]),
    ("outside", None, [-4.0, 44.0, 0.0, 40.0], [None, None, 0.0, 1.0]),
    ("outside", "flag", [-4.0, 44.0], [-0.1, 1.1]),
    ("outside", "quarantine", [-4.0, 44.0], [-0.1, 1.1]),
    ("clip", [4, 36], [-4.0, 0.0, 20.0, 44.0, None], [0.1, 0.1, 0.5, 0.9, None]),
    ("clip", [-100, 100], [-4.0, 44.0], [-0.1, 1.1]),
    ("clip", ["0%", "100%"], [-4.0, 44.0], [0.0, 1.0]),
    ("dtype", "Float64", [4.0], [0.1]),
]


@pytest.mark.parametrize(("policy", "value", "given", "expected"), EFFECTS)
def test_a_policy_does_what_it_says(policy: str, value: Any, given: Values, expected: Values) -> None:
    assert_values(out(fitted(**{policy: value}), *given), expected)


def test_quantiles_to_clip_at_are_those_of_numpy() -> None:
    """Type 7, on the finite values."""
    low, high = np.quantile(FINITE, [0.1, 0.95])
    assert_values(out(fitted("none", clip=["10%", "95%"]), -1e9, 1e9), [float(low), float(high)])


def test_the_mode_is_the_smallest_of_the_most_frequent() -> None:
    """The order of the rows has no say."""
    orders: list[Values] = [[3.0, 1.0, 3.0, 1.0, 2.0], [1.0, 2.0, 1.0, 3.0, 3.0]]
    for values in orders:
        assert_values(out(fitted("none", values, nulls="mode"), None), [1.0])


def test_the_indicator_tells_what_entered_as_null() -> None:
    """NaN and ±∞ too, where they become null; not where they stay or go to the ends."""
    told = out(fitted(nulls="indicator"), None, NAN, INF, 1.0, 99.0, column="x_missing")
    assert told == [True, True, True, False, False]
    kept = out(fitted(nulls="indicator", nonfinite="keep"), None, NAN, INF, 1.0, column="x_missing")
    assert kept == [True, False, False, False]
    clipped = out(fitted(nulls="indicator", nonfinite="clip"), None, NAN, INF, 1.0, column="x_missing")
    assert clipped == [True, True, False, False]


@pytest.mark.parametrize("nonfinite", ["null", "keep", "clip"])
def test_the_indicator_tells_what_outside_made_null(nonfinite: str) -> None:
    """What is filled is marked, whatever made it null; what was clipped is not."""
    given = (None, -1.0, 0.0, 40.0, 41.0, NAN, INF)
    nulls = {"fill": 7.0, "indicator": True}
    fit = fitted("none", outside="null", nulls=nulls, nonfinite=nonfinite)
    assert out(fit, *given, column="x_missing") == [value == 7.0 for value in out(fit, *given)]
    assert out(fit, -1.0, 41.0, 40.0, column="x_missing") == [True, True, False]
    clipped = fitted("none", outside="clip", nulls=nulls, nonfinite=nonfinite)
    assert out(clipped, -1.0, 41.0, 40.0, column="x_missing") == [False, False, False]


def test_the_flag_tells_what_lies_outside_the_fitted_range() -> None:
    """Both ends belong to the range; null and NaN lie nowhere; an infinity that stays lies outside."""
    given = (0.0, 40.0, math.nextafter(0.0, -1.0), math.nextafter(40.0, 41.0), None, NAN, INF)
    told = out(fitted(outside="flag"), *given, column="x_outside")
    assert told == [False, False, True, True, False, False, False]
    kept = out(fitted(outside="flag", nonfinite="keep"), *given, column="x_outside")
    assert kept == [False, False, True, True, False, False, True]


def test_added_columns_are_named_after_the_column_that_is_read() -> None:
    """A suffix is for the result; all come behind the columns of the frame."""
    fit = fitted(suffix="_n", outside="flag", nulls="indicator")
    frame = pl.DataFrame({"x": [1.0], "y": ["a"]})
    assert fit.transform(frame).columns == ["x", "y", "x_n", "x_outside", "x_missing"]
    assert fit.transform(frame)["x"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"nonfinite": "error"}, "column 'x' holds NaN or ±inf, and `nonfinite: error` forbids them"),
        (
            {"outside": "error"},
            "column 'x' holds values outside the fitted range, and `outside: error` forbids them",
        ),
    ],
)
def test_error_refuses_the_frame_when_it_is_collected(line: dict[str, Any], told: str) -> None:
    """In its own words, and only where a value breaks it."""
    fit = fitted("minmax", [0.0, 40.0], **line)
    assert_values(out(fit, 0.0, 40.0, None), [0.0, 1.0, None])
    bad = pl.DataFrame({"x": [1.0, NAN if "nonfinite" in line else 41.0]})
    with pytest.raises(FitError) as caught:
        fit.transform(bad)
    assert str(caught.value) == f"{told}; mend the rows, or choose another policy"
    lazy = fit.transform(bad.lazy())
    with pytest.raises(FitError, match="mend the rows, or choose another policy"):
        lazy.collect()


def test_float32_is_what_the_result_is_rounded_to() -> None:
    """The map itself is computed in Float64: near 1e9, Float32 would lose all of it."""
    values = [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3]
    frame = pl.DataFrame({"x": values})
    result = nf.fit(frame, {"x": {"method": "minmax", "dtype": "Float32"}}).transform(frame)["x"]
    assert result.dtype == pl.Float32
    assert result.to_list() == (np.arange(4) / 3).astype(np.float32).tolist()


def test_none_with_policies_applies_them() -> None:
    """Also those that are the default elsewhere: who writes them asks for them."""
    frame = pl.DataFrame({"x": [1.0, NAN, None, INF], "k": [1, 2, 3, None]})

    def found(column: str, **line: object) -> pl.Series:
        return nf.fit(frame, {column: {"method": "none", **line}}).transform(frame)[column]

    assert_values(found("x").to_list(), [1.0, NAN, None, INF])
    assert_values(found("x", nonfinite="null").to_list(), [1.0, None, None, None])
    assert_values(found("x", nulls=7, nonfinite="keep").to_list(), [1.0, NAN, 7.0, INF])
    assert_values(found("x", clip=[2, 3]).to_list(), [2.0, None, None, None])
    assert found("k").dtype == pl.Int64
    assert found("k", dtype="Float64").dtype == pl.Float64
    assert found("k", dtype="Float32").dtype == pl.Float32


def test_none_with_a_suffix_is_an_untouched_copy() -> None:
    """Type, NaN and all."""
    frame = pl.DataFrame({"x": [1.0, NAN, None, INF], "k": pl.Series([1, 2, 3, None], dtype=pl.UInt8)})
    copied = nf.fit(frame, {"*": {"method": "none", "suffix": "_c"}}).transform(frame)
    assert copied.columns == ["x", "k", "x_c", "k_c"]
    for name in frame.columns:
        assert copied[f"{name}_c"].rename(name).equals(frame[name], check_dtypes=True, null_equal=True)


def test_an_empty_plan_normalizes_nothing_and_counts_the_rows() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0], "name": ["a", "b"]})
    fit = nf.fit(frame, {})
    assert (fit.rows, fit.columns) == (2, ())
    assert fit.transform(frame).equals(frame)
    assert fit.inverse(frame).equals(frame)
    assert fit.explain().height == 0
    assert nf.Fit.from_json(fit.to_json()) == fit


def test_auto_without_a_value_fills_only_with_a_number() -> None:
    """There is no median; a named method refuses, and so does a policy that needs a value there."""
    empty: Values = [None, NAN]
    assert_values(out(fitted("auto", empty, nulls="median", clip=["1%", "99%"]), None, 3.0), [None, 3.0])
    assert_values(out(fitted("auto", empty, nulls=7), None, 3.0), [7.0, 3.0])
    assert out(fitted("auto", empty, outside="flag"), None, 3.0, column="x_outside") == [False, True]
    with pytest.raises(FitError) as caught:
        fitted("none", empty, nulls="median")
    assert str(caught.value).startswith(
        "none refuses column 'x': nulls cannot be filled with the median: no finite value among 2 rows;"
        " give a number, or keep them"
    )


def test_a_line_in_python_is_judged_as_one_in_a_file() -> None:
    """With the key it stands under."""
    frame = pl.DataFrame({"x": [1.0, 2.0]})
    for line, told in (
        ({"nulls": "medain"}, "normalize.x.nulls: cannot be 'medain'; did you mean 'median'?"),
        ({"suffix": None}, "normalize.x.suffix: a suffix is text, not nothing"),
        ({"columns": "x"}, "normalize.x.columns: columns are a list of names, not 'x'"),
        ({"columns": []}, "normalize.x.columns: columns are a list of names, not nothing"),
    ):
        with pytest.raises(nf.ConfigError) as caught:
            nf.fit(frame, {"x": {"method": "zscore", **line}})
        assert str(caught.value) == told


def test_clip_of_quantile_normal_is_its_own_option_or_the_policy() -> None:
    """One number says where the ends lie, two are bounds of what enters."""
    values: Values = [float(i) for i in range(101)]
    ends = out(fitted("quantile_normal", values, clip=3.0), -5.0, 500.0)
    assert_values(ends, [-3.0, 3.0])
    both = fitted("quantile_normal", values, clip=[50, 60])
    assert_values(out(both, 0.0), out(fitted("quantile_normal", values), 50.0))
