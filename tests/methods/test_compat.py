"""The conventions of other systems, against the numbers that their documentation prints."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.methods.compat import STANDARDIZING
from normflow.transforms import Affine

Compat = Literal["sklearn", "r", "spark", "bigquery"]
FIVE = [1.0, 2.0, 3.0, 4.0, 5.0]


def through(
    values: list[Any], line: str | dict[str, Any], compat: Compat, new: list[Any] | None = None
) -> list[float | None]:
    fit = nf.fit(pl.DataFrame({"x": values}), {"x": line}, compat=compat)
    found: list[float | None] = fit.transform(pl.DataFrame({"x": values if new is None else new}))[
        "x"
    ].to_list()
    return found


def test_bigquery_standard_scaler() -> None:
    """docs.cloud.google.com, ML.STANDARD_SCALER: the example over [1, 2, 3, 4, 5], every digit."""
    assert through(FIVE, "zscore", "bigquery") == [
        -1.2649110640673518,
        -0.6324555320336759,
        0.0,
        0.6324555320336759,
        1.2649110640673518,
    ]


def test_bigquery_min_max_scaler() -> None:
    """ML.MIN_MAX_SCALER: the example, and values outside the range are capped in prediction too."""
    assert through(FIVE, "minmax", "bigquery") == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert through(FIVE, "minmax", "bigquery", [-10.0, 0.0, 2.0, 6.0, None]) == [0.0, 0.0, 0.25, 1.0, None]


def test_bigquery_max_abs_scaler_caps_nothing() -> None:
    """ML.MAX_ABS_SCALER: the maximum of the training is used in prediction, and that is all it says."""
    assert through([-4.0, 2.0], "maxabs", "bigquery", [-4.0, 2.0, 8.0]) == [-1.0, 0.5, 2.0]


def test_bigquery_robust_scaler_takes_other_quantiles() -> None:
    """ML.ROBUST_SCALER prints median 2 and quartiles 1 and 4 here: values of the column; ours are type 7."""
    values = [None, -3.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    known = np.array(values[1:], float)
    low, median, high = np.quantile(known, [0.25, 0.5, 0.75])
    found = through(values, "robust", "bigquery")
    assert found[0] is None
    assert np.allclose(np.array(found[1:], float), (known - median) / (high - low), rtol=0, atol=1e-15)
    printed = np.array(
        [-1.6666666666666667, -0.3333333333333333, 0.0, 0.3333333333333333, 0.6666666666666666, 1.0]
    )
    assert np.allclose(printed, (known - 2) / (4 - 1))


def test_r_scale() -> None:
    """R: scale(1:5) prints −1.2649111 −0.6324555 0.0000000 0.6324555 1.2649111, scale 1.581139."""
    found = through(FIVE, "zscore", "r")
    assert [round(x, 7) for x in found if x is not None] == [
        -1.2649111,
        -0.6324555,
        0.0,
        0.6324555,
        1.2649111,
    ]
    fit = nf.fit(pl.DataFrame({"x": FIVE}), {"x": "zscore"}, compat="r")
    assert fit.columns[0].transform.formula("x") == "(x − 3)/1.58114"


def test_r_divides_zero_by_zero() -> None:
    """scale(c(5, 5, 5)) is NaN NaN NaN in R, and NaN is null here."""
    for method in ("zscore", "minmax", "robust", "log"):
        assert through([5.0, 5.0, 5.0], method, "r") == [None, None, None]


def test_recipes_step_range_clips() -> None:
    """recipes::step_range(clipping = TRUE): new values are truncated at min or max."""
    line = {"method": "minmax", "range": [-1, 1]}
    assert through(FIVE, line, "r", [0.0, 1.0, 3.0, 5.0, 9.0]) == [-1.0, -1.0, 0.0, 1.0, 1.0]


def test_spark_standard_scaler() -> None:
    """pyspark.ml.feature.StandardScaler over 0 and 2: mean 1, std 1.4142 (the corrected one)."""
    fit = nf.fit(pl.DataFrame({"x": [0.0, 2.0]}), {"x": "zscore"}, compat="spark")
    assert fit.columns[0].transform.formula("x") == "(x − 1)/1.41421"
    assert through([7.0, 7.0], "zscore", "spark") == [0.0, 0.0]


def test_spark_min_max_scaler() -> None:
    """Over 0 and 2: 0 and 1; the guide's table; and 0.5·(max + min) where all values are one."""
    assert through([0.0, 2.0], "minmax", "spark") == [0.0, 1.0]
    guide = [([1.0, 2.0, 3.0], [0.0, 0.5, 1.0]), ([-1.0, 1.0, 3.0], [0.0, 0.5, 1.0])]
    for values, expected in guide:
        assert through(list(values), "minmax", "spark") == expected
    tenths = [x for x in through([0.1, 1.1, 10.1], "minmax", "spark") if x is not None]
    assert np.allclose(tenths, [0.0, 0.1, 1.0], rtol=0, atol=1e-15)
    assert through([7.0, 7.0], "minmax", "spark") == [0.5, 0.5]
    assert through([7.0, 7.0], {"method": "minmax", "range": [2, 6]}, "spark") == [4.0, 4.0]
    assert through([0.0, 2.0], "minmax", "spark", [4.0]) == [2.0]


@pytest.mark.parametrize("compat", ["r", "spark", "bigquery"])
@pytest.mark.parametrize("method", STANDARDIZING)
def test_deviations_are_those_of_a_sample(compat: Compat, method: str) -> None:
    """Wherever a method standardizes, its result has standard deviation 1 with ddof 1."""
    values = np.random.default_rng(7).beta(2, 5, 60)
    line: dict[str, Any] = {"method": method} | ({"bounds": [0, 1]} if method == "logit" else {})
    for system, ddof in ((compat, 1), ("sklearn", 0)):
        found = np.array(through(values.tolist(), line, system), float)
        assert found.std(ddof=ddof) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("compat", ["r", "spark", "bigquery"])
def test_what_is_written_goes_before_the_convention(compat: Compat) -> None:
    """ddof, constant and outside, each by itself."""
    frame = pl.DataFrame({"x": FIVE})
    plain = nf.fit(frame, {"x": "zscore"}).id
    assert nf.fit(frame, {"x": {"method": "zscore", "ddof": 0}}, compat=compat).id == plain
    assert through(FIVE, {"method": "minmax", "outside": "keep"}, compat, [9.0]) == [2.0]
    assert through([5.0, 5.0], {"method": "minmax", "constant": "keep"}, compat) == [5.0, 5.0]


@pytest.mark.parametrize("compat", ["sklearn", "r", "spark", "bigquery"])
def test_a_convention_stands_in_the_fit(compat: Compat) -> None:
    """As the options and policies it is, so that the fit replays without knowing any system."""
    (column,) = nf.fit(pl.DataFrame({"x": FIVE}), {"x": "minmax"}, compat=compat).columns
    assert (
        column.options
        == {
            "sklearn": {},
            "r": {"outside": "clip", "constant": "null"},
            "spark": {"constant": "midpoint"},
            "bigquery": {"outside": "clip"},
        }[compat]
    )
    scored = nf.fit(pl.DataFrame({"x": FIVE}), {"x": "zscore"}, compat=compat)
    assert scored.columns[0].options.get("ddof") == (None if compat == "sklearn" else 1)


@pytest.mark.parametrize("compat", ["r", "spark", "bigquery"])
def test_auto_follows_the_convention_of_the_method_it_chose(compat: Compat) -> None:
    """And leaves a constant column alone, whatever another system makes of one."""
    values = [NormalDist(50, 9).inv_cdf((i + 0.5) / 500) for i in range(500)]
    (column,) = nf.fit(pl.DataFrame({"x": values}), compat=compat).columns
    affine = column.transform.maps[0]
    assert (column.method, column.options["ddof"]) == ("zscore", 1)
    assert isinstance(affine, Affine)
    assert affine.scale == pytest.approx(np.std(values, ddof=1), rel=1e-15)
    assert through([5, 5, 5], "auto", compat) == [5, 5, 5]


def test_an_unknown_system_is_told() -> None:
    with pytest.raises(nf.ConfigError) as caught:
        nf.fit(pl.DataFrame({"x": FIVE}), compat="scikit")  # type: ignore[arg-type]
    assert str(caught.value) == "'scikit' is not known; known are sklearn, r, spark, bigquery"
