"""The way back: policies, some of the columns, renamed predictions, and values outside the image."""

from __future__ import annotations

import math

import polars as pl
import pytest

import normflow as nf
from normflow.errors import SchemaError

FRAME = pl.DataFrame(
    {"price": [1.0, 2.0, 4.0, 8.0, None], "size": [10, 20, 30, 40, 50], "one": [5.0] * 5, "id": [*"abcde"]}
)
PLAN: dict[str, str | dict[str, object]] = {
    "price": "log",
    "size": {"method": "minmax", "suffix": "_n"},
    "one": "zscore",
}
FIT = nf.fit(FRAME, PLAN)
OUT = FIT.transform(FRAME)


def close(found: pl.Series, expected: list[float | None]) -> bool:
    return all(
        one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=1e-12))
        for one, other in zip(found, expected, strict=True)
    )


def test_all_that_is_there_comes_back_in_place() -> None:
    """A column with a suffix too, under its name; columns nobody normalized stay."""
    back = FIT.inverse(OUT)
    assert back.columns == OUT.columns
    assert close(back["price"], [1.0, 2.0, 4.0, 8.0, None])
    assert close(back["size_n"], [10.0, 20.0, 30.0, 40.0, 50.0])
    assert back["one"].to_list() == [5.0] * 5
    assert back["size"].equals(FRAME["size"])


def test_any_subset_comes_back_alone() -> None:
    """The others stay what they are; a frame may lack what is not asked for."""
    for names in (["price"], ["size_n"], ["one", "price"], []):
        back = FIT.inverse(OUT, columns=names)
        others = [name for name in OUT.columns if name not in names]
        assert back.select(others).equals(OUT.select(others))
        assert back.select(names).equals(FIT.inverse(OUT).select(names))
    assert FIT.inverse(OUT.select("price")).equals(FIT.inverse(OUT).select("price"))


def test_a_renamed_prediction_comes_back_with_the_fit_of_its_target() -> None:
    """As many as there are, beside the target itself."""
    frame = OUT.select("price", low="price", pred=pl.col("price") + 0.0)
    back = FIT.inverse(frame, columns={"pred": "price", "low": "price"})
    assert back["price"].equals(OUT["price"])
    assert close(back["pred"], [1.0, 2.0, 4.0, 8.0, None])
    assert back["low"].equals(back["pred"].rename("low"))


def test_policies_are_no_obstacle_on_the_way_back() -> None:
    """What was clipped or filled comes back as what it became; beyond the clip a prediction stays itself."""
    line = {"method": "minmax", "clip": [2, 6], "nulls": 3, "outside": "null", "dtype": "Float32"}
    fit = nf.fit(FRAME, {"price": line})
    back = fit.inverse(fit.transform(FRAME))["price"]
    assert back.dtype == pl.Float64
    assert [round(x, 5) for x in back] == [2.0, 2.0, 4.0, 6.0, 3.0]
    assert fit.inverse(pl.DataFrame({"price": [-1.0, 2.0]}))["price"].to_list() == [-6.0, 15.0]
    assert fit.lost(pl.DataFrame({"price": [-1.0, 2.0]})) == {"price": 0}


def test_null_stays_null_and_nan_stays_nan_on_the_way_back() -> None:
    back = FIT.inverse(pl.DataFrame({"price": [None, math.nan, 0.0]}), columns=["price"])["price"]
    assert back.is_null().to_list() == [True, False, False]
    assert back.is_nan().to_list() == [None, True, False]


def test_what_lies_outside_the_image_is_null_and_counted() -> None:
    """A squash to 3 has no value at 3 or beyond; null and NaN are nobody's loss."""
    frame = pl.DataFrame({"x": [float(i) for i in range(9)]})
    fit = nf.fit(frame, {"x": "squash"})
    given = pl.DataFrame({"x": [2.9, 3.0, -3.5, None, math.nan]})
    assert fit.inverse(given)["x"].is_null().to_list() == [False, True, True, True, False]
    assert fit.lost(given) == {"x": 2}
    assert fit.lost(given.lazy(), {"x": "x"}) == {"x": 2}
    assert fit.lost(given.rename({"x": "p"}), {"p": "x"}) == {"p": 2}
    assert fit.lost(given, []) == {}


def test_a_column_that_became_null_is_lost() -> None:
    """`constant: null` keeps nothing."""
    fit = nf.fit(FRAME, {"one": {"method": "zscore", "constant": "null"}})
    given = pl.DataFrame({"one": [1.0, None]})
    assert fit.inverse(given)["one"].to_list() == [None, None]
    assert fit.lost(given) == {"one": 1}


def test_a_column_that_stayed_comes_back_as_it_is() -> None:
    fit = nf.fit(FRAME, {"price": "none", "size": {"method": "none", "suffix": "_c"}})
    assert fit.inverse(fit.transform(FRAME)).equals(fit.transform(FRAME))


REFUSED = {
    "a column that is not in the frame": (
        {"predicton": "price"},
        "there is no column 'predicton' to undo; did you mean 'prediction'?",
    ),
    "a column that is not in the fit": (
        {"prediction": "prize"},
        "the fit has no column 'prize'; did you mean 'price'?",
    ),
    "the original of a column with a suffix": (
        {"prediction": "size"},
        "the fit has no column 'size'; did you mean 'size_n'?",
    ),
    "text": (
        {"label": "price"},
        "column 'label' is String, and the fit knows it as a number; give it as it came out",
    ),
    "an array": (
        {"row": "price"},
        (
            "column 'row' is Array(Float64, shape=(2,)), and the fit knows it as a number;"
            " give it as it came out"
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_undone_is_told(case: str) -> None:
    """Forward and in the count of losses alike."""
    columns, told = REFUSED[case]
    frame = pl.DataFrame(
        {"prediction": [0.5], "label": ["1.5"], "row": [[1.0, 2.0]]},
        schema_overrides={"row": pl.Array(pl.Float64, 2)},
    )
    with pytest.raises(SchemaError) as caught:
        FIT.inverse(frame, columns=columns)
    assert str(caught.value) == told
    with pytest.raises(SchemaError) as caught:
        FIT.lost(frame, columns)
    assert str(caught.value) == told
