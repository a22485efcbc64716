"""Exported models in onnxruntime against Polars: 1e-12 in float64, 1e-6 in float32."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import polars as pl
import pytest

import normflow as nf
from normflow.onnx import to_onnx
from tests.columns import ZOO
from tests.fits.test_scorer import METHODS, POLICIES

if TYPE_CHECKING:
    from collections.abc import Mapping

VALUES = [None, 0.0, 1.0, -1.0, 0.3, 2.5, -7.25, 0.999999, 1e-18, 1e9, -1e100, 1e100, math.inf, -math.inf]


def run(fit: nf.Fit, frame: pl.DataFrame, dtype: Any = "float64") -> dict[str, np.ndarray[Any, Any]]:
    session = onnxruntime.InferenceSession(to_onnx(fit, dtype=dtype), providers=["CPUExecutionProvider"])
    feed = {}
    for one in session.get_inputs():
        name, _, index = one.name.partition("[")
        values = frame[name].arr.get(int(index[:-1])) if index else frame[name]
        feed[one.name] = values.cast(pl.Float64).fill_null(math.nan).to_numpy().astype(dtype).reshape(-1, 1)
    names = [one.name for one in session.get_outputs()]
    return {name: found[:, 0] for name, found in zip(names, session.run(None, feed), strict=True)}


def same(
    fit: nf.Fit, frame: pl.DataFrame, rel: float = 1e-12, tiny: float = 1e-13, dtype: Any = "float64"
) -> None:
    wanted = fit.transform(frame)
    for name, found in run(fit, frame, dtype).items():
        known = wanted[name.removesuffix("_out") if name not in wanted.columns else name]
        if known.dtype == pl.Boolean:
            assert found.tolist() == known.to_list()
        else:
            expected = known.cast(pl.Float64).fill_null(math.nan).to_numpy()
            np.testing.assert_allclose(found.astype(np.float64), expected, rtol=rel, atol=tiny)


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_on_every_column_that_hurts(method: str, name: str) -> None:
    taught = pl.DataFrame({"x": ZOO[name]}, schema={"x": pl.Float64})
    try:
        fit = nf.fit(taught, {"x": method})
    except (nf.FitError, nf.EmptySourceError):
        return  # what it refuses, it refuses
    if fit["x"].passes_through:
        with pytest.raises(nf.FitError, match="no column"):
            to_onnx(fit)
        return
    # the last bit of ln 1e9 is 1e-6 of the spread of ln(1e9 ± 1)
    rel = 1e-4 if (method, name) == ("log", "offset 1e9") else 1e-12
    same(fit, pl.DataFrame({"x": [*VALUES, *ZOO[name]]}, schema={"x": pl.Float64}), rel=rel)


@pytest.mark.parametrize("method", [one for one in METHODS if one != "none"])
def test_float32_inputs_and_outputs(method: str) -> None:
    values = np.random.default_rng(5).uniform(0.05, 0.95, 400).astype(np.float32)
    fit = nf.fit(pl.DataFrame({"x": values}), {"x": method})
    found = run(fit, pl.DataFrame({"x": values}), "float32")
    wanted = fit.transform(pl.DataFrame({"x": values}))["x"].to_numpy()
    for one in found.values():
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, wanted, rtol=1e-6, atol=1e-6)
    assert list(found) == ["x_out"]


@pytest.mark.parametrize("method", ["zscore", "yeojohnson", "quantile_normal", "none"])
@pytest.mark.parametrize("policies", POLICIES, ids=str)
def test_every_policy(method: str, policies: Mapping[str, object]) -> None:
    taught = pl.DataFrame({"x": [0.0, 0.5, 1.0, None, 3.5, 4.0, 9.0]})
    line = {"method": method, **policies}
    same(nf.fit(taught, {"x": line}), pl.DataFrame({"x": VALUES}))


def test_columns_and_places_of_arrays_have_inputs_of_their_own() -> None:
    frame = pl.DataFrame(
        {"e": [[1.0, 2.0], [3.0, 5.0], [4.0, 4.5]], "x": [1, 2, 9], "word": ["a", "b", "c"]},
        schema={"e": pl.Array(pl.Float64, 2), "x": pl.Int64, "word": pl.String},
    )
    fit = nf.fit(frame, {"e": "zscore", "x": {"method": "minmax", "suffix": "_1"}})
    found, wanted = run(fit, frame), fit.transform(frame)
    assert sorted(found) == ["e[0]_out", "e[1]_out", "x_1"]
    assert found["e[1]_out"].tolist() == wanted["e"].arr.get(1).to_list()
    assert found["x_1"].tolist() == wanted["x_1"].to_list()


def test_an_output_takes_no_inputs_name() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0], "x_out": [5.0, 9.0]})
    found = run(nf.fit(frame, {"x": "center", "x_out": "minmax"}), frame)
    assert {name: one.tolist() for name, one in found.items()} == {
        "x_out_out": [-0.5, 0.5],
        "x_out_out_out": [0.0, 1.0],
    }


def test_one_group_of_a_fit_is_a_model() -> None:
    frame = pl.DataFrame({"k": ["a"] * 40 + ["b"] * 40, "x": [float(i * i) for i in range(80)]})
    fit = nf.fit(frame, {"x": "zscore"}, by="k")
    with pytest.raises(nf.FitError, match="no groups"):
        to_onnx(fit)
    some = frame.filter(pl.col("k") == "b")
    assert run(fit.group({"k": "b"}), some)["x_out"].tolist() == pytest.approx(
        fit.transform(some)["x"].to_list()
    )


def test_what_a_model_cannot_say_is_refused() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0], "y": [1.0, 2.0]})
    with pytest.raises(nf.FitError, match="policy of error"):
        to_onnx(nf.fit(frame, {"x": {"method": "zscore", "outside": "error"}}))
    with pytest.raises(nf.FitError, match="row-wise"):
        to_onnx(nf.fit(frame, {"x": {"method": "unit", "columns": ["x", "y"]}}))
