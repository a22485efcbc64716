"""Columns of arrays: under column-wise methods each place is a column of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.preprocessing import StandardScaler

import normflow as nf
from normflow.errors import SchemaError

RNG = np.random.default_rng(20131107)
WIDTH = 4
ROWS = RNG.normal(size=(300, WIDTH)) * [1.0, 10.0, 1e-3, 1e3] + [0.0, 50.0, 0.0, 2e3]


def arrays(values: Any, inner: type[pl.DataType] = pl.Float64, width: int = WIDTH) -> pl.DataFrame:
    return pl.DataFrame({"e": pl.Series(values, dtype=pl.Array(inner, width))})


FRAME = arrays(ROWS)


def numbers(frame: pl.DataFrame, name: str = "e") -> np.ndarray:
    return frame[name].to_numpy()


def test_each_place_has_parameters_of_its_own() -> None:
    """As scikit-learn standardizes the columns of a matrix."""
    out = nf.fit(FRAME, {"e": "zscore"}).transform(FRAME)
    assert np.allclose(numbers(out), StandardScaler().fit_transform(ROWS), rtol=1e-9, atol=1e-9)
    assert out.schema == FRAME.schema


LINES: list[dict[str, Any]] = [
    {"method": "zscore"},
    {"method": "robust"},
    {"method": "yeojohnson"},
    {"method": "quantile_normal"},
    {"method": "auto"},
    {"method": "minmax", "clip": ["5%", "95%"], "nulls": "median", "nonfinite": "clip"},
    {"method": "minmax", "outside": "null", "nulls": 0, "dtype": "Float32"},
]


def holed(scale: float) -> list[list[float | None]]:
    """The rows at a scale, with nulls and NaN among them."""
    return [
        [None if (i + j) % 11 == 0 else math.nan if i * j % 13 == 7 else x * scale for j, x in enumerate(row)]
        for i, row in enumerate(ROWS.tolist())
    ]


def apart(rows: list[list[float | None]]) -> pl.DataFrame:
    """The places as columns."""
    return pl.DataFrame(rows, schema={f"e{i}": pl.Float64 for i in range(WIDTH)}, orient="row")


def assert_alike(one: pl.DataFrame, others: pl.DataFrame) -> None:
    for i in range(WIDTH):
        place, column = one["e"].arr.get(i).cast(pl.Float64), others[f"e{i}"].cast(pl.Float64)
        assert place.rename("").equals(column.rename(""), null_equal=True)


@pytest.mark.parametrize("line", LINES, ids=lambda line: "-".join(map(str, line.values())))
def test_an_array_is_the_same_as_its_places_as_columns(line: dict[str, Any]) -> None:
    """Bit for bit, with nulls and NaN, beyond what taught it, and back."""
    taught = holed(1.0)
    whole, each = nf.fit(arrays(taught), {"e": line}), nf.fit(apart(taught), {"*": line})
    for rows in (taught, holed(3.0)):
        one, others = whole.transform(arrays(rows)), each.transform(apart(rows))
        assert_alike(one, others)
        assert_alike(whole.inverse(one), each.inverse(others))


@pytest.mark.parametrize("inner", [pl.Float32, pl.Int16, pl.UInt8])
def test_whatever_numbers_an_array_holds_the_result_is_float64(inner: type[pl.DataType]) -> None:
    values = RNG.integers(0, 200, (50, 2))
    frame = arrays(values, inner, 2)
    out = nf.fit(frame, {"e": "minmax"}).transform(frame)
    assert out.schema["e"] == pl.Array(pl.Float64, 2)
    assert np.array_equal(numbers(out), (values - values.min(0)) / (values.max(0) - values.min(0)))


def test_a_null_array_stays_null_and_a_null_place_stays_a_place() -> None:
    """An array of nulls only is a null array afterwards: there is nothing to tell them apart by."""
    frame = arrays([[0.0, 1.0], None, [None, 3.0], [math.nan, 2.0], [None, None], [4.0, math.inf]], width=2)
    out = nf.fit(frame, {"e": "minmax"}).transform(frame)["e"].to_list()
    assert out == [[0.0, 0.0], None, [None, 1.0], [None, 0.5], None, [1.0, None]]


def test_filled_places_make_an_array_again() -> None:
    """Each with the number of its own place; the indicator tells of arrays in which any was null."""
    frame = arrays([[0.0, 10.0], None, [None, 30.0]], width=2)
    line = {"method": "none", "nulls": {"fill": "mean", "indicator": True}}
    out = nf.fit(frame, {"e": line}).transform(frame)
    assert out["e"].to_list() == [[0.0, 10.0], [0.0, 20.0], [0.0, 30.0]]
    assert out["e_missing"].to_list() == [False, True, True]


def test_the_flag_tells_of_arrays_of_which_any_place_is_outside() -> None:
    fit = nf.fit(arrays([[0.0, 10.0], [1.0, 20.0]], width=2), {"e": {"method": "minmax", "outside": "flag"}})
    out = fit.transform(arrays([[0.5, 15.0], [0.5, 25.0], None, [None, -5.0]], width=2))
    assert out["e_outside"].to_list() == [False, True, False, True]


def test_a_suffix_adds_an_array() -> None:
    """The original stays, and the new one comes back alone."""
    frame = FRAME.with_columns(name=pl.lit("a"))
    fit = nf.fit(frame, {"e": {"method": "zscore", "suffix": "_z"}})
    out = fit.transform(frame)
    assert out.columns == ["e", "name", "e_z"]
    assert out["e"].equals(frame["e"])
    assert np.allclose(numbers(fit.inverse(out, columns=["e_z"]), "e_z"), ROWS, rtol=1e-12)
    renamed = out.select(p="e_z")
    assert np.allclose(numbers(fit.inverse(renamed, {"p": "e_z"}), "p"), ROWS, rtol=1e-12)


def test_an_array_that_stays_is_untouched() -> None:
    """Type, NaN and null places; a copy too."""
    frame = arrays([[1, None], None, [None, None]], pl.Int8, 2)
    out = nf.fit(frame, {"e": {"method": "none", "suffix": "_c"}}).transform(frame)
    assert out["e_c"].rename("e").equals(frame["e"], check_dtypes=True, null_equal=True)
    assert nf.fit(frame, {"e": "none"}).transform(frame).equals(frame)


def test_explain_has_a_row_a_place() -> None:
    told = nf.fit(FRAME, {"e": "zscore"}).explain()
    assert told["column"].to_list() == [f"e[{i}]" for i in range(WIDTH)]
    assert told["method"].to_list() == ["zscore"] * WIDTH


def test_a_place_can_be_asked_for() -> None:
    fit = nf.fit(FRAME, {"e": "zscore"})
    assert fit["e[2]"].index == 2
    assert fit["e[2]"].before.min == ROWS[:, 2].min()


def test_a_fit_from_a_profile_is_the_fit_from_the_frame() -> None:
    """A profile has a column for each place, and they are the array again."""
    parts = nf.profile(FRAME[:100]) + nf.profile(FRAME[100:])
    assert nf.fit(parts, {"e": "zscore"}).id == nf.fit(FRAME, {"e": "zscore"}).id


def test_arrays_survive_json() -> None:
    fit = nf.fit(FRAME, {"e": {"method": "robust", "clip": ["1%", "99%"]}})
    again = nf.Fit.from_json(fit.to_json())
    assert again == fit
    assert again.transform(FRAME).equals(fit.transform(FRAME))


WRONG = {
    "wider": (arrays([[1.0] * 5], width=5), "Array(Float64, shape=(5,))"),
    "narrower": (arrays([[1.0] * 3], width=3), "Array(Float64, shape=(3,))"),
    "a number": (pl.DataFrame({"e": [1.0]}), "Float64"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_array_of_another_width_is_refused(case: str) -> None:
    """Forward and back."""
    frame, dtype = WRONG[case]
    fit = nf.fit(FRAME, {"e": "zscore"})
    known = f"column 'e' is {dtype}, and the fit knows it as an array of 4 numbers"
    with pytest.raises(SchemaError) as caught:
        fit.transform(frame)
    assert str(caught.value) == f"{known}; fit again"
    with pytest.raises(SchemaError) as caught:
        fit.inverse(frame)
    assert str(caught.value) == f"{known}; give it as it came out"


def test_what_holds_no_numbers_any_more_is_refused() -> None:
    """A list has no fixed places, and neither has text."""
    fit = nf.fit(FRAME, {"e": "zscore"})
    for frame in (pl.DataFrame({"e": [[1.0] * WIDTH]}), pl.DataFrame({"e": ["a"]})):
        with pytest.raises(SchemaError) as caught:
            fit.transform(frame)
        assert str(caught.value) == (
            f"column 'e' is {frame.schema['e']}, which has no numeric value;"
            " cast it to a number, or fit again without it"
        )


def test_a_number_that_became_an_array_is_refused() -> None:
    fit = nf.fit(pl.DataFrame({"e": [1.0, 2.0]}), {"e": "zscore"})
    with pytest.raises(SchemaError) as caught:
        fit.transform(FRAME)
    assert str(caught.value) == (
        "column 'e' is Array(Float64, shape=(4,)), and the fit knows it as a number; fit again"
    )


def test_arrays_that_nobody_names_pass_through() -> None:
    """Whatever other columns are called."""
    frame = FRAME.with_columns(pl.lit(1.5).alias("e[0]"), x=pl.int_range(pl.len()))
    out = nf.fit(frame, {"*": "zscore"}).transform(frame)
    assert out["e"].equals(frame["e"])
    assert out["e[0]"].to_list() == [0.0] * frame.height
