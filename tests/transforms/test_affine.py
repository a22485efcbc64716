from __future__ import annotations

import math

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normflow.division import true_division
from normflow.errors import FitError
from normflow.transforms import Affine
from tests.transforms.catalogue import applied, column

finite = st.floats(-1e100, 1e100)
positive = st.floats(1e-100, 1e100)


def test_a_literal_divisor_would_lose_the_last_bit() -> None:
    """Polars multiplies by the reciprocal of a literal; the day it divides, `true_division` may go."""
    frame = column([49.0] * 3)
    assert frame.select(pl.col("x") / 49.0)["x"].to_list() == [0.9999999999999999] * 3
    assert frame.select(true_division(pl.col("x"), 49.0))["x"].to_list() == [1.0] * 3


@pytest.mark.parametrize("rows", [1, 2, 3, 1000])
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
@pytest.mark.parametrize("with_null", [False, True])
def test_division_is_true_whatever_the_chunk(rows: int, engine: str, *, with_null: bool) -> None:
    values = np.random.default_rng(rows).normal(size=rows) * 100
    frame = column([*([None] if with_null else []), *values.tolist()])
    for scale in (49.0, 0.1, 7.3, 3.0):
        found = frame.lazy().select(Affine(shift=0.0, scale=scale).expr(pl.col("x"))).collect(engine=engine)  # type: ignore[call-overload]
        assert found["x"].drop_nulls().to_numpy().tobytes() == (values / scale).tobytes()


@given(st.lists(finite, min_size=1, max_size=5), finite, positive, positive, finite)
@settings(max_examples=60, deadline=None)
def test_polars_numpy_python_and_duckdb_agree_bit_for_bit(
    x: list[float], shift: float, scale: float, gain: float, offset: float
) -> None:
    one = Affine(shift=shift, scale=scale, gain=gain, offset=offset)
    wanted = [(value - one.shift) / one.scale * one.gain + one.offset for value in x]
    assert applied(column(x), one.stages("x", "_")).to_list() == wanted
    assert one.points(np.array(x)).tolist() == wanted
    with duckdb.connect() as connection:
        text = f"SELECT {one.sql('x')} FROM (SELECT unnest(?::DOUBLE[]) AS x)"  # noqa: S608 (our own text)
        assert [row[0] for row in connection.execute(text, [x]).fetchall()] == wanted


def test_what_changes_nothing_is_left_out() -> None:
    assert Affine(shift=0.0).sql("x") == "x"
    assert Affine(shift=2.0).sql("x") == "(x - 2.0e0)"
    assert Affine(shift=-2.0, scale=1e-5).sql("x") == "((x - (-2.0e0)) / 1e-05)"
    assert (
        Affine(shift=0.0, scale=4.0, gain=2.0, offset=-1.0).sql("x") == "(((x / 4.0e0) * 2.0e0) + (-1.0e0))"
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"shift": math.inf}, "affine: shift would be inf, beyond what a float64 holds"),
        ({"shift": 0.0, "scale": math.nan}, "affine: scale would be nan, beyond what a float64 holds"),
        ({"shift": 0.0, "scale": 0.0}, "affine: scale would be 0.0, and must be positive"),
        ({"shift": 0.0, "gain": -1.0}, "affine: gain would be -1.0, and must be positive"),
    ],
)
def test_numbers_that_make_no_affine_map_are_refused(fields: dict[str, float], sentence: str) -> None:
    with pytest.raises(FitError) as refusal:
        Affine(**fields)
    assert str(refusal.value) == sentence


def test_integers_are_stored_as_floats() -> None:
    assert repr(Affine(shift=1, scale=2).to_json()) == repr(
        {"kind": "affine", "shift": 1.0, "scale": 2.0, "gain": 1.0, "offset": 0.0}
    )


def test_the_formula_shows_only_what_is_done() -> None:
    assert Affine(shift=0.0).formula() == "x"
    assert Affine(shift=3.0).formula("temp") == "temp − 3"
    assert Affine(shift=-3.0, scale=1.5).formula() == "(x + 3)/1.5"
    assert Affine(shift=0.0, scale=4.0, gain=2.0, offset=-1.0).formula() == "x/4·2 − 1"
    assert Affine(shift=0.0, scale=2.0).formula("ln(x + 1)") == "ln(x + 1)/2"
    assert Affine(shift=0.0, scale=2.0).formula("ln(x) + 1") == "(ln(x) + 1)/2"
