"""Row-wise methods, against scikit-learn's normalize and layer normalization written in numpy."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import normalize

import normflow as nf
from normflow.errors import ConfigError, SchemaError

RNG = np.random.default_rng(20131231)
ROWS = RNG.normal(size=(200, 5)) * RNG.lognormal(sigma=4, size=(200, 1))
NAMES = tuple("abcde")


def of_array(rows: Any, inner: type[pl.DataType] = pl.Float64, **line: Any) -> pl.DataFrame:
    """An array column through a row-wise method."""
    frame = pl.DataFrame({"e": pl.Series(rows, dtype=pl.Array(inner, len(rows[0])))})
    return nf.fit(frame, {"e": line}).transform(frame)


def of_columns(rows: Any, **line: Any) -> pl.DataFrame:
    """Named columns through a row-wise method."""
    names = NAMES[: len(rows[0])]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64), orient="row")
    return nf.fit(frame, {"row": {"columns": names, **line}}).transform(frame)


def layer(rows: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Layer normalization as Ba, Kiros and Hinton have it, without gain and bias."""
    away = rows - rows.mean(1, keepdims=True)
    return np.asarray(away / np.sqrt(rows.var(1, keepdims=True) + eps))


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_unit_is_scikit_learns_normalize(norm: str) -> None:
    """Over an array and over named columns."""
    expected = normalize(np.abs(ROWS) if norm == "max" else ROWS, norm=norm)
    rows = np.abs(ROWS) if norm == "max" else ROWS
    assert np.abs(of_array(rows, method="unit", norm=norm)["e"].to_numpy() - expected).max() <= 1e-12
    assert np.abs(of_columns(rows, method="unit", norm=norm).to_numpy() - expected).max() <= 1e-12


def test_the_largest_member_counts_by_its_size() -> None:
    """−4 is larger than 3."""
    assert of_columns([[3.0, -4.0]], method="unit", norm="max").row(0) == (0.75, -1.0)


def test_layer_is_numpys_mean_and_variance() -> None:
    """Over an array and over named columns, with PyTorch's eps and another."""
    for line in ({}, {"eps": 1e-5}, {"eps": 1.0}, {"eps": 1}):
        expected = layer(ROWS, **line)
        assert np.abs(of_array(ROWS, method="layer", **line)["e"].to_numpy() - expected).max() <= 1e-12
        assert np.abs(of_columns(ROWS, method="layer", **line).to_numpy() - expected).max() <= 1e-12


@given(st.lists(st.floats(-1e300, 1e300, allow_subnormal=True), min_size=2, max_size=5))
def test_unit_is_right_for_members_of_any_size(row: list[float]) -> None:
    """The exact length from fractions; squares of 1e200 and of 1e-320 leave float64, and leave no trace."""
    out = of_columns([row], method="unit").row(0)
    square = sum(Fraction(x) ** 2 for x in row)
    if square == 0:
        assert out == tuple(row)
        return
    scale = max(abs(Fraction(x)) for x in row)
    length = math.sqrt(square / scale**2)
    for x, y in zip(row, out, strict=True):
        assert math.isclose(y, float(Fraction(x) / scale) / length, rel_tol=1e-14, abs_tol=5e-324)


@pytest.mark.parametrize("size", [1e200, 1e-320, 1e308, 5e-324, 1.0])
def test_the_direction_of_a_row_does_not_depend_on_its_size(size: float) -> None:
    """Equal members of any size are 1/√2 and 1/2."""
    root = math.sqrt(0.5)
    assert of_columns([[size, -size]], method="unit").row(0) == pytest.approx((root, -root), rel=1e-15)
    assert of_columns([[size, size]], method="unit", norm="l1").row(0) == (0.5, 0.5)
    assert of_columns([[size, 0.0]], method="unit", norm="max").row(0) == (1.0, 0.0)


@pytest.mark.parametrize("size", [1e200, 1.7e308, 1e160])
def test_layer_of_huge_members_stays_within_float64(size: float) -> None:
    """Their variance would not."""
    out = of_columns([[size, -size, 0.0]], method="layer").row(0)
    root = math.sqrt(1.5)
    assert out == pytest.approx((root, -root, 0.0), rel=1e-12)


@pytest.mark.parametrize("value", [0.0, 5.0, 0.1, -1e200, 1e308, 1e-320])
def test_layer_of_equal_members_is_zero(value: float) -> None:
    """Also where eps is nothing beside them, and 0 would be divided by 0."""
    assert of_columns([[value, value]], method="layer").row(0) == (0.0, 0.0)


def test_a_row_of_zeros_stays_zeros() -> None:
    for norm in ("l1", "l2", "max"):
        assert of_columns([[0.0, -0.0, 0.0]], method="unit", norm=norm).row(0) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("method", ["unit", "layer"])
@pytest.mark.parametrize("hole", [None, math.nan, math.inf, -math.inf])
def test_a_row_with_a_hole_becomes_null(method: str, hole: float | None) -> None:
    """Members together, or the array as a whole; other rows are as they were."""
    rows = [[1.0, hole, 2.0], [3.0, 0.0, 4.0]]
    out = of_columns(rows, method=method)
    assert out.row(0) == (None, None, None)
    assert None not in out.row(1)
    array = of_array(rows, method=method)["e"]
    assert array.is_null().to_list() == [True, False]
    assert array[1].to_list() == list(out.row(1))


def test_a_null_array_stays_null() -> None:
    assert of_array([[3.0, 4.0], None], method="unit")["e"].to_list() == [[0.6, 0.8], None]


@pytest.mark.parametrize("inner", [pl.Float32, pl.Int64, pl.UInt8])
def test_any_numbers_can_be_members(inner: type[pl.DataType]) -> None:
    """The result is Float64, or the type that was asked for."""
    assert of_array([[3, 4]], inner, method="unit").row(0) == ([0.6, 0.8],)
    out = of_array([[3, 4]], inner, method="unit", dtype="Float32")["e"]
    assert out.dtype == pl.Array(pl.Float32, 2)
    assert out.to_list() == [np.array([0.6, 0.8], np.float32).tolist()]


def test_a_suffix_adds_the_result_beside_the_members() -> None:
    """In the order of the members, at the end."""
    out = of_columns([[3.0, 4.0]], method="unit", suffix="_u")
    assert out.columns == ["a", "b", "a_u", "b_u"]
    assert out.row(0) == (3.0, 4.0, 0.6, 0.8)
    assert of_array([[3.0, 4.0]], method="unit", suffix="_u").row(0) == ([3.0, 4.0], [0.6, 0.8])


def test_lazy_frames_stay_lazy() -> None:
    frame = pl.LazyFrame({"a": [3.0], "b": [4.0]})
    out = nf.fit(frame, {"r": {"method": "unit", "columns": ["a", "b"]}}).transform(frame)
    assert isinstance(out, pl.LazyFrame)
    assert out.collect().row(0) == (0.6, 0.8)


FRAME = pl.DataFrame({"a": [3.0, 1.0], "b": [4.0, 0.0], "x": [1.0, 3.0]})


def test_nothing_of_a_row_can_be_undone() -> None:
    """The other columns of the fit can, when they are named."""
    fit = nf.fit(FRAME, {"row": {"method": "unit", "columns": ["a", "b"]}, "x": "zscore"})
    out = fit.transform(FRAME)
    told = (
        "column 'a' cannot be undone: unit keeps nothing of a row's size;"
        " name the columns to undo, or keep the originals with a suffix"
    )
    for columns in (None, ["a"], {"x": "a"}):
        with pytest.raises(SchemaError) as caught:
            fit.inverse(out, columns=columns)
        assert str(caught.value) == told
    back = fit.inverse(out, columns=["x"])
    assert back["x"].to_list() == [1.0, 3.0]
    assert back.drop("x").equals(out.drop("x"))


def test_originals_that_were_kept_are_no_obstacle() -> None:
    """With a suffix the row itself is still there, and all else comes back."""
    fit = nf.fit(FRAME, {"row": {"method": "layer", "columns": ["a", "b"], "suffix": "_l"}, "x": "zscore"})
    back = fit.inverse(fit.transform(FRAME))
    assert back.select(FRAME.columns).equals(FRAME)


def test_a_fit_of_rows_survives_json() -> None:
    fit = nf.fit(FRAME, {"row": {"method": "unit", "columns": ["a", "b"], "norm": "l1"}})
    again = nf.Fit.from_json(fit.to_json())
    assert again == fit
    assert again.transform(FRAME).equals(fit.transform(FRAME))


def test_members_must_stay_what_they_were() -> None:
    """A row of numbers is no array, and the other way round."""
    array = pl.DataFrame({"e": pl.Series([[3.0, 4.0]], dtype=pl.Array(pl.Float64, 2))})
    fit = nf.fit(array, {"e": "unit"})
    with pytest.raises(SchemaError) as caught:
        fit.transform(pl.DataFrame({"e": [1.0]}))
    assert (
        str(caught.value) == "column 'e' is Float64, and the fit knows it as an array of numbers; fit again"
    )
    wider = pl.DataFrame({"e": pl.Series([[2.0, 2.0, 2.0, 2.0]], dtype=pl.Array(pl.Float64, 4))})
    assert fit.transform(wider).row(0) == ([0.5] * 4,)
    fit = nf.fit(FRAME, {"row": {"method": "unit", "columns": ["a", "b"]}})
    with pytest.raises(SchemaError) as caught:
        fit.transform(pl.DataFrame({"a": [1.0]}))
    assert str(caught.value) == "the fit needs column 'b'; known are a"


WRONG = [
    (
        {"method": "unit", "norm": "l3"},
        "method 'unit': option 'norm' must be 'l2' or 'l1' or 'max', not 'l3'; did you mean 'l2'?",
    ),
    ({"method": "unit", "nrm": "l1"}, "method 'unit' has no option 'nrm'; did you mean 'norm'?"),
    ({"method": "layer", "eps": 0}, "layer: eps must be positive, not 0.0; 1e-5 is usual"),
    ({"method": "layer", "eps": -1e-5}, "layer: eps must be positive, not -1e-05; 1e-5 is usual"),
    ({"method": "layer", "eps": "small"}, "method 'layer': option 'eps' must be a number, not 'small'"),
    ({"method": "layer", "ddof": 1}, "method 'layer' has no option 'ddof'; known are eps"),
]


@pytest.mark.parametrize(("line", "told"), WRONG)
def test_options_that_are_none_are_told(line: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        nf.fit(FRAME, {"row": {"columns": ["a", "b"], **line}})
    assert str(caught.value) == told
