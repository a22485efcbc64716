"""The maps that policies store: what is cut off, kept, filled or made null."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from normflow.errors import FitError
from normflow.transforms import Affine, Clip, Fill, Log, Map, Nothing, Transform, Within, from_json
from tests.transforms.catalogue import applied, column
from tests.transforms.test_contract import in_duckdb

INF, NAN = math.inf, math.nan
VALUES = [-INF, -2.0, 0.0, -0.0, 1.0, 3.0, INF, None, NAN]


def shown(values: list[float | None]) -> list[str]:
    return [str(value) for value in values]


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (Clip(-1.0, 2.0), [-1.0, -1.0, 0.0, -0.0, 1.0, 2.0, 2.0, None, NAN]),
        (Within(-2.0, 1.0), [None, -2.0, 0.0, -0.0, 1.0, None, None, None, NAN]),
        (Fill(7.0), [-INF, -2.0, 0.0, -0.0, 1.0, 3.0, INF, 7.0, NAN]),
        (Nothing(), [None] * 9),
    ],
    ids=str,
)
def test_polars_and_duckdb_give_what_is_meant(one: Map, wanted: list[float | None]) -> None:
    assert shown(applied(column(VALUES), one.stages("x", "_")).to_list()) == shown(wanted)
    no_null = np.array([v for v in VALUES if v is not None])
    expected = [w for v, w in zip(VALUES, wanted, strict=True) if v is not None]
    in_sql = in_duckdb(one.sql("x"), no_null).tolist()
    assert shown(in_sql) == shown([NAN if w is None else w for w in expected])


def test_in_an_array_nan_is_null() -> None:
    x = np.array([-2.0, NAN, 3.0])
    assert shown(Fill(7.0).points(x).tolist()) == shown([-2.0, 7.0, 3.0])
    assert shown(Clip(0.0, 1.0).points(x).tolist()) == shown([0.0, NAN, 1.0])
    assert shown(Within(0.0, 5.0).points(x).tolist()) == shown([NAN, NAN, 3.0])
    assert shown(Nothing().points(x).tolist()) == shown([NAN] * 3)


def test_null_is_filled_in_sql() -> None:
    assert Fill(7.0).sql("x") == "coalesce(x, 7.0e0)"


@pytest.mark.parametrize("one", [Clip(-1.0, 2.0), Within(-1.0, 2.0), Fill(7.0)], ids=str)
def test_the_inverse_leaves_every_number_where_it_is(one: Map) -> None:
    """Beyond the ends too: a rounding on the way back must not lose the rows that were cut off."""
    values = [-5.0, math.nextafter(-1.0, -2.0), 0.5, math.nextafter(2.0, 3.0), None]
    assert (
        applied(column(values), [*one.inverse_stages("x", "_"), {"x": one.inverse(_x())}]).to_list() == values
    )
    assert one.inverse_sql("x") == "x"


def test_the_inverse_of_nothing_is_null() -> None:
    assert applied(column([1.0, NAN]), Nothing().inverse_stages("x", "_")).to_list() == [None, None]


def test_domain_image_and_preimage_of_a_chain_count_with_policies() -> None:
    clipped = Transform((Clip(1.0, 8.0), Log()))
    assert clipped.domain() == (-INF, INF)
    assert clipped.image(-INF, INF) == (0.0, math.log(8.0))
    assert Transform((Clip(-1.0, 8.0), Log())).domain() == (0.0, INF)
    kept = Transform((Within(1.0, 8.0), Affine(shift=1.0)))
    assert kept.domain() == (1.0, 8.0)
    assert kept.image(-INF, INF) == (0.0, 7.0)
    assert kept.image(2.0, INF) == (1.0, 7.0)
    filled = Transform((Fill(50.0), Affine(shift=0.0, scale=2.0)))
    assert filled.domain() == (-INF, INF)
    assert filled.image(0.0, 10.0) == (0.0, 25.0)
    assert filled.preimage(0.0, 5.0) == (0.0, 10.0)
    assert Clip(0.0, 1.0).preimage(0.0, 0.5) == (-INF, 0.5)
    assert Nothing().image(-INF, 3.0) == Nothing().preimage(-INF, 3.0) == (-INF, 3.0)


def test_an_interval_without_a_number_is_refused() -> None:
    with pytest.raises(FitError) as refusal:
        Clip(2.0, 1.0)
    assert str(refusal.value) == "clip: an interval from 2.0 to 1.0 holds no number"
    with pytest.raises(FitError, match=r"within: an interval from 2.0 to 1.0 holds no number"):
        Within(2.0, 1.0)
    with pytest.raises(FitError, match="fill: value would be nan, beyond what a float64 holds"):
        Fill(NAN)
    with pytest.raises(FitError, match=r"clip: nothing of \[5.0, 6.0\] lies in \[0.0, 1.0\]"):
        Clip(0.0, 1.0).preimage(5.0, 6.0)


def test_clip_of_one_number_and_nothing_are_stored() -> None:
    for one in (Clip(1.0, 1.0), Within(1.0, 1.0), Nothing()):
        assert from_json(one.to_json()) == one


def _x() -> pl.Expr:
    return pl.col("x")
