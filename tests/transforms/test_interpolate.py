"""Broken lines: what is special about knots."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normflow.errors import FitError
from normflow.transforms import Interpolate, Transform, from_json
from normflow.transforms.arithmetic import Knots
from normflow.transforms.arithmetic.knots import MANY
from normflow.transforms.arithmetic.stretches import Stretches
from tests.transforms import exact
from tests.transforms.catalogue import BROKEN_LINES, applied, column, label
from tests.transforms.test_contract import close, in_duckdb, same_bits

finite = st.floats(allow_nan=False, allow_infinity=False)
LARGEST = sys.float_info.max


def line(xs: list[float]) -> Interpolate:
    """The xs as the quantiles of a column."""
    return Interpolate(tuple(sorted(xs)), tuple(np.linspace(0.0, 1.0, len(xs))))


def both_ways(values: np.ndarray, one: Interpolate) -> np.ndarray:
    """The mean of the ascending and the descending interpolation, as scikit-learn computes it."""
    xs, ys = np.array(one.xs), np.array(one.ys)
    found: np.ndarray = 0.5 * (np.interp(values, xs, ys) - np.interp(-values, -xs[::-1], -ys[::-1]))
    return found


@pytest.mark.parametrize("one", BROKEN_LINES, ids=label)
def test_between_the_ends_it_is_the_mean_of_both_interpolations(one: Interpolate) -> None:
    x = np.sort(np.append(np.random.default_rng(1).uniform(one.xs[0], one.xs[-1], 1000), one.xs))
    x = x[(x > one.xs[0]) & (x < one.xs[-1])]
    assert one.points(x) == pytest.approx(both_ways(x, one), rel=1e-14, abs=1e-15)


def test_a_value_that_stands_for_many_rows_goes_to_the_middle_of_its_share() -> None:
    one = Interpolate((0.0, 1.0, 1.0, 1.0, 2.0), (0.0, 0.25, 0.5, 0.75, 1.0))
    assert one.points(np.array([0.5, 1.0, math.nextafter(1.0, 2.0), 1.5])).tolist() == [
        0.125,
        0.5,
        pytest.approx(0.75),
        0.875,
    ]


def test_the_first_and_the_last_value_go_to_the_ends_however_many_rows_they_stand_for() -> None:
    one = Interpolate((0.0, 0.0, 0.0, 1.0, 1.0), (0.0, 0.25, 0.5, 0.75, 1.0))
    assert one.points(np.array([-math.inf, -1.0, 0.0, 1.0, 7.0, math.inf])).tolist() == [0, 0, 0, 1, 1, 1]


def test_the_inverse_brings_knots_back_bit_for_bit_and_stays_at_the_ends_beyond() -> None:
    for one in BROKEN_LINES:
        y = column([-1.0, *one.ys, 2.0])
        assert applied(y, one.inverse_stages("x", "_")).to_list() == [one.xs[0], *one.xs, one.xs[-1]]


def test_the_inverse_brings_values_between_the_knots_back() -> None:
    """To 1e-12, or as far as y tells them apart."""
    for one in BROKEN_LINES:
        x = np.random.default_rng(2).uniform(one.xs[0], one.xs[-1], 1000)
        back = applied(applied(column(x), one.stages("x", "_")).to_frame(), one.inverse_stages("x", "_"))
        slope = np.diff(one.points(np.array([x - 1e-6, x + 1e-6]).T), axis=1)[:, 0] / 2e-6
        assert (np.abs(back.to_numpy() - x) <= 1e-12 * np.abs(x) + 4 * 2.0**-53 / slope).all()


@given(
    st.lists(finite, min_size=2, max_size=12).filter(lambda xs: min(xs) < max(xs)),
    st.lists(finite, min_size=1),
)
@settings(max_examples=200, deadline=None)
def test_any_knots_give_the_exact_line_to_the_last_bits(xs: list[float], values: list[float]) -> None:
    """Neighbouring floats, denormals and both ends of float64 among them."""
    one = line(xs)
    x = np.array([*values, *xs])
    wanted = [float(exact.mapped(one, value)) for value in x.tolist()]
    assert one.points(x) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


@given(
    st.lists(finite, min_size=2, max_size=6).filter(lambda xs: min(xs) < max(xs)),
    st.lists(st.floats(0, 1), min_size=1),
)
@settings(max_examples=100, deadline=None)
def test_the_inverse_of_any_knots_lies_between_them(xs: list[float], shares: list[float]) -> None:
    one = line(xs)
    y = sorted(shares)
    back = applied(column(y), one.inverse_stages("x", "_")).to_numpy()
    assert np.isfinite(back).all()
    assert (min(xs) <= back).all()
    assert (back <= max(xs)).all()


@pytest.mark.parametrize(
    "xs",
    [
        [-LARGEST, LARGEST],
        [-LARGEST, -1.0, 5e-324, LARGEST],
        [5e-324, 1e-323, 1.5e-323],
        [1.0, math.nextafter(1.0, 2.0), 1e300],
        [1e9 - 1, 1e9, 1e9, 1e9 + 1],
    ],
    ids=str,
)
def test_numpy_polars_and_duckdb_agree_where_differences_leave_float64(xs: list[float]) -> None:
    one = line(xs)
    values = np.array([*xs, 0.0, 1.0, 1e308, -1e308, 2.0, 1.2e-323, 1e299, 1e9 - 0.3])
    wanted = np.array([float(exact.mapped(one, value)) for value in values.tolist()])
    found = applied(column(values), one.stages("x", "_")).to_numpy()
    assert close(found, wanted)
    assert same_bits(one.points(values), found)
    assert same_bits(one.exact_points(values), found)
    assert close(in_duckdb(one.sql("x"), values), wanted)
    shares = np.linspace(0.0, 1.0, 11)
    back = applied(column(shares), one.inverse_stages("x", "_")).to_numpy()
    assert in_duckdb(one.inverse_sql("x"), shares) == pytest.approx(back, rel=1e-12)


def test_a_row_does_not_see_its_neighbours() -> None:
    """Nulls and NaN stay in their rows, in every order and chunk."""
    one = BROKEN_LINES[0]
    values = [0.2, None, math.nan, -7e9, 0.1, 0.65]
    once = applied(column(values), one.stages("x", "_"))
    reversed_ = applied(column(values[::-1]), one.stages("x", "_"))
    assert once.equals(reversed_.reverse(), null_equal=True)
    chunks = pl.concat([column(values[:2]), column(values[2:])], rechunk=False)
    assert applied(chunks, one.stages("x", "_")).equals(once, null_equal=True)
    assert once.is_null().to_list() == [False, True, False, False, False, False]
    assert once.is_nan().to_list()[2]


@given(st.lists(finite, min_size=2, max_size=50).filter(lambda xs: min(xs) < max(xs)))
def test_knots_come_back_from_json_bit_for_bit(xs: list[float]) -> None:
    chain = Transform((line(xs),))
    text = json.dumps(chain.to_json(), allow_nan=False)
    back = from_json(json.loads(text))
    assert back == chain
    assert json.dumps(back.to_json(), allow_nan=False) == text


@pytest.mark.parametrize(
    ("xs", "ys", "sentence"),
    [
        ((), (), "interpolate: 0 xs and 0 ys, and it takes two or more knots"),
        ((1.0,), (0.0,), "interpolate: 1 xs and 1 ys, and it takes two or more knots"),
        ((1.0, 2.0), (0.0, 0.5, 1.0), "interpolate: 2 xs and 3 ys, and it takes two or more knots"),
        ((1.0, math.nan), (0.0, 1.0), "interpolate: xs hold nan, beyond what a float64 holds"),
        ((1.0, 2.0), (0.0, math.inf), "interpolate: ys hold inf, beyond what a float64 holds"),
        ((2.0, 1.0), (0.0, 1.0), "interpolate: xs must rise, and 1.0 follows 2.0"),
        ((1.0, 2.0), (0.0, 0.0), "interpolate: ys must rise, and 0.0 follows 0.0"),
        ((1.0, 1.0), (0.0, 1.0), "interpolate: all xs are 1.0, and a line needs two"),
    ],
)
def test_numbers_that_make_no_line_are_refused(
    xs: tuple[float, ...], ys: tuple[float, ...], sentence: str
) -> None:
    with pytest.raises(FitError) as refusal:
        Interpolate(xs, ys)
    assert str(refusal.value) == sentence


def test_knots_cannot_be_columns() -> None:
    assert not Interpolate.takes_columns
    with pytest.raises(FitError) as refusal:
        BROKEN_LINES[0].by_group({"xs": pl.col("xs")})
    assert str(refusal.value) == (
        "interpolate: its knots cannot be columns, one set a group; take a power map"
    )


RNG = np.random.default_rng(5)
SHAPES = {
    "normal": RNG.normal(size=50_000),
    "log-normal": np.exp(RNG.normal(size=50_000)),
    "cents": np.round(RNG.gamma(2, 30, 50_000), 2),
    "heavy tails": RNG.standard_t(1, 50_000),
    "two scales": np.where(RNG.random(50_000) < 0.5, RNG.normal(size=50_000), 1e9 + RNG.normal(size=50_000)),
    "beyond a finite range": np.append(RNG.normal(size=9_998), [-1.7e308, 1.7e308]).repeat(5),
    "one knot apart": 1e9 + RNG.integers(0, 3, 50_000),
}


@pytest.mark.parametrize("name", SHAPES)
def test_many_numbers_find_their_stretch_as_few_do(name: str) -> None:
    """A table finds the knots of long arrays; the numbers are those of a search, bit for bit."""
    x = SHAPES[name]
    ys = np.linspace(0, 1, 1000)
    knots = Knots.through(np.quantile(x, ys).tolist(), ys.tolist())
    around = np.concatenate([x, knots.x, np.nextafter(knots.x, -np.inf), np.nextafter(knots.x, np.inf)])
    around = np.append(around, [np.nan, np.inf, -np.inf, -0.0])
    few = np.concatenate([knots.at(around[i : i + 1000]) for i in range(0, len(around), 1000)])
    assert len(around) > MANY
    assert np.array_equal(knots.at(around), few, equal_nan=True)
    inside = np.clip(around[:-4], knots.x[0], knots.x[-1])
    if name != "beyond a finite range":
        place = np.minimum(np.searchsorted(knots.x, inside, side="right"), len(knots.x) - 1) - 1
        assert np.array_equal(Stretches.between(knots.x).of(inside), place)
