"""What every map promises; a map that joins the catalogue is tested for free."""

from __future__ import annotations

import json
import math
import re
import struct

import duckdb
import numpy as np
import polars as pl
import pytest

from normflow.transforms import ELEMENTARY as CLASSES
from normflow.transforms import Affine, Fill, Map, Nothing, Transform, from_json
from normflow.transforms.formula import FormulaMap
from tests.transforms import exact
from tests.transforms.catalogue import (
    ELEMENTARY,
    INVERTIBLE,
    MAPS,
    applied,
    column,
    holds,
    inside,
    label,
)

every_map = pytest.mark.parametrize("one", MAPS, ids=label)
every_one_to_one_map = pytest.mark.parametrize("one", INVERTIBLE, ids=label)


def close(found: np.ndarray, wanted: np.ndarray) -> bool:
    """To 1e-12·max(1, |y|), and null or NaN in the same places."""
    far = np.abs(found - wanted) > 1e-12 * np.maximum(1.0, np.abs(wanted))
    return bool(np.array_equal(np.isnan(found), np.isnan(wanted)) and not far.any())


def same_bits(found: np.ndarray, wanted: np.ndarray) -> bool:
    return found.tobytes() == wanted.tobytes()


def in_duckdb(text: str, values: np.ndarray) -> np.ndarray:
    with duckdb.connect() as connection:
        query = f"SELECT {text} FROM (SELECT unnest(?::DOUBLE[]) AS x)"  # noqa: S608 (our own text)
        rows = connection.execute(query, [values.tolist()]).fetchall()
    return np.array([math.nan if row[0] is None else row[0] for row in rows])


def streamed(one: Map, values: np.ndarray) -> np.ndarray:
    return applied(column(values), one.stages("x", "_")).to_numpy()


def test_every_kind_is_in_the_catalogue() -> None:
    """But for the one that maps nothing to a number."""
    assert {type(one) for one in ELEMENTARY} | {Nothing} == set(CLASSES)


@every_map
def test_the_stages_give_the_textbook_formula(one: Map) -> None:
    x = inside(one)[::7]
    assert close(streamed(one, x), np.array([float(exact.mapped(one, value)) for value in x]))


@every_map
def test_one_expression_and_its_stages_give_equal_bits(one: Map) -> None:
    x = inside(one)
    inline = column(x).select(one.expr(pl.col("x"))).to_series().to_numpy()
    assert same_bits(inline, streamed(one, x))


@every_map
def test_arrays_give_what_the_expression_gives(one: Map) -> None:
    x = inside(one)
    assert close(one.points(x), streamed(one, x))
    assert close(one.exact_points(x), streamed(one, x))


@every_map
def test_sql_gives_what_the_expression_gives(one: Map) -> None:
    x = inside(one)
    assert close(in_duckdb(one.sql('"x"'), x), streamed(one, x))


@every_map
def test_inverse_sql_gives_what_the_inverse_gives(one: Map) -> None:
    y = np.append(streamed(one, inside(one)), [-1e3, -3.0, 0.0, 0.5, 1e3])
    assert close_relatively(
        in_duckdb(one.inverse_sql("x"), y), applied(column(y), one.inverse_stages("x", "_"))
    )


def close_relatively(found: np.ndarray, wanted: pl.Series) -> bool:
    numbers = wanted.to_numpy()
    missing = np.isnan(numbers)
    with np.errstate(invalid="ignore"):
        near = np.abs(found - numbers) <= 1e-9 * np.maximum(1.0, np.abs(numbers))
    return bool(np.array_equal(np.isnan(found), missing) and (near | missing | (found == numbers)).all())


@every_one_to_one_map
def test_the_inverse_brings_values_back(one: Map) -> None:
    """Relative error 1e-9 where the inverse's condition number is at most 1e5, else 8 ulp × condition."""
    x = inside(one)[::5]
    x = x[x != 0.0]
    back = applied(column(streamed(one, x)), one.inverse_stages("x", "_")).to_numpy()
    condition = np.array([exact.inverse_condition(one, value) for value in x])
    allowed = np.where(condition <= 1e5, 1e-9, 8 * 2.0**-52 * condition)
    assert ((np.abs(back - x) <= allowed * np.abs(x)) | (condition > 1e15)).all()


@every_map
def test_inverse_and_its_stages_give_equal_bits(one: Map) -> None:
    frame = column(streamed(one, inside(one)))
    inline = frame.select(one.inverse(pl.col("x"))).to_series()
    assert inline.equals(applied(frame, one.inverse_stages("x", "_")), null_equal=True)


@every_map
def test_order_is_kept(one: Map) -> None:
    """Up to the last bits: a larger value is never mapped below a smaller one by more than 4 ulp."""
    y = streamed(one, inside(one))
    assert (np.diff(y) >= -4 * 2.0**-52 * np.maximum(np.abs(y[1:]), 1.0)).all()
    assert y[0] < y[-1]


@pytest.mark.parametrize("one", [one for one in MAPS if not holds(one, Fill)], ids=label)
def test_null_stays_null_and_nan_stays_nan(one: Map) -> None:
    start = (inside(one)[0], None, math.nan)
    assert applied(column(list(start)), one.stages("x", "_")).to_list()[1] is None
    assert math.isnan(applied(column(list(start)), one.stages("x", "_")).to_list()[2])
    assert applied(column(list(start)), one.inverse_stages("x", "_")).to_list()[1] is None
    assert math.isnan(applied(column(list(start)), one.inverse_stages("x", "_")).to_list()[2])
    assert math.isnan(one.points(np.array([math.nan]))[0])
    assert math.isnan(in_duckdb(one.sql("x"), np.array([math.nan]))[0])


@pytest.mark.parametrize("one", [one for one in MAPS if not holds(one, Fill)], ids=label)
def test_outside_the_domain_is_null(one: Map) -> None:
    outside = np.array([end + away for end, away in zip(one.domain(), (-1.0, 1.0), strict=True)])
    outside = outside[np.isfinite(outside)]
    assert applied(column(outside), one.stages("x", "_")).null_count() == outside.size
    assert np.isnan(one.points(outside)).all()
    assert np.isnan(in_duckdb(one.sql("x"), outside)).all()


@every_map
def test_the_image_of_the_domain_bounds_what_comes_out(one: Map) -> None:
    lo, hi = one.image(*one.domain())
    y = streamed(one, inside(one))
    assert lo < hi
    assert ((y >= lo) & (y <= hi)).all()


@every_map
def test_the_image_of_an_interval_is_where_its_ends_go(one: Map) -> None:
    x = inside(one)[[5, -5]]
    assert same_bits(np.array(one.image(*x)), streamed(one, x))


@every_map
def test_the_preimage_of_the_whole_image_is_the_domain(one: Map) -> None:
    assert one.preimage(*one.image(*one.domain())) == one.domain()


@every_one_to_one_map
def test_the_preimage_of_the_image_is_the_interval(one: Map) -> None:
    x = inside(one)
    lo, hi = x[x.size // 2], x[x.size * 2 // 3]
    assert one.preimage(*one.image(lo, hi)) == pytest.approx((lo, hi), rel=1e-5, abs=1e-6)


@every_one_to_one_map
def test_outside_the_image_the_inverse_is_null(one: Map) -> None:
    ends = [end for end in one.image(*one.domain()) if math.isfinite(end)]
    outside = np.array([end * 1.5 for end in ends if end])
    assert applied(column(outside), one.inverse_stages("x", "_")).null_count() == outside.size


@every_map
def test_json_keeps_every_bit(one: Map) -> None:
    text = json.dumps(one.to_json(), allow_nan=False)
    back = from_json(json.loads(text))
    assert back == one
    assert json.dumps(back.to_json()) == text


@every_map
def test_the_stages_stream(one: Map) -> None:
    """No node of the physical plan holds a whole column."""
    lazy = pl.LazyFrame({"x": [1.0, 2.0]})
    for step in [*one.stages("x", "_"), *one.inverse_stages("x", "_")]:
        lazy = lazy.with_columns(**step)
    plan = lazy.show_graph(raw_output=True, plan_stage="physical", engine="streaming")
    assert plan is not None
    assert not re.search("in-memory-map|columnar-function|multiplexer|scalar-window|sort", plan.lower())


with_parameters = [one for one in ELEMENTARY if isinstance(one, FormulaMap) and one.takes_columns]


@pytest.mark.parametrize("one", with_parameters, ids=label)
def test_parameters_may_be_columns(one: FormulaMap) -> None:
    """As in a table with one set of parameters a group; forms for special numbers give way to the general."""
    x = inside(one)
    numbers = {name: value for name, value in one.to_json().items() if name != "kind"}
    frame = column(x).with_columns(pl.lit(value).alias(name) for name, value in numbers.items())
    by_group = one.by_group({name: pl.col(name) for name in numbers})
    found = frame.select(by_group.expr(pl.col("x")).alias("y"))["y"].to_numpy()
    assert close(found, streamed(one, x))
    back = frame.with_columns(y=pl.Series(found)).select(x=by_group.inverse(pl.col("y")))["x"]
    assert close_relatively(back.to_numpy(), applied(column(found), one.inverse_stages("x", "_")))


affine_maps = pytest.mark.parametrize("one", [one for one in MAPS if isinstance(one, Affine)], ids=label)


@affine_maps
def test_affine_has_equal_bits_in_every_reading(one: Affine) -> None:
    x = inside(one)
    in_python = [
        struct.unpack("<d", struct.pack("<d", (v - one.shift) / one.scale * one.gain + one.offset))[0]
        for v in x.tolist()
    ]
    wanted = np.array(in_python) + 0.0  # −0.0 aside
    for found in (streamed(one, x), one.points(x), one.exact_points(x), in_duckdb(one.sql("x"), x)):
        assert same_bits(found + 0.0, wanted)


@affine_maps
def test_affine_comes_back_to_twelve_digits(one: Affine) -> None:
    """Relative to what float64 tells apart: x itself, or the shift it was measured from."""
    x = inside(one)
    back = one.preimage(*one.image(x[0], x[-1]))
    scale = max(abs(one.shift), *np.abs(x[[0, -1]]))
    assert back == pytest.approx((x[0], x[-1]), rel=1e-12, abs=1e-12 * scale)


def test_a_chain_reads_its_maps_from_left_to_right() -> None:
    chain = Transform((Affine(shift=1.0), Affine(shift=0.0, scale=2.0)))
    assert chain.points(np.array([5.0])) == 2.0
    assert column([5.0]).select(chain.inverse(pl.lit(2.0))).item() == 5.0
