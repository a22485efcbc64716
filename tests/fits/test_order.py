"""The order of work on a value: nonfinite, outside, clip, fill, map, type; no other order does the same."""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf

if TYPE_CHECKING:
    from collections.abc import Callable

Value = float | None
PROBES: list[Value] = [None, math.nan, math.inf, -math.inf, -1.0, 0.0, 2.0, 20.0, 39.0, 40.0, 50.0, 1e300]


def finite(x: Value) -> Value:
    """`nonfinite: clip` on a column of 0 to 40."""
    if x is None or math.isfinite(x):
        return x
    return None if math.isnan(x) else 40.0 if x > 0 else 0.0


def inside(x: Value) -> Value:
    """`outside: null`."""
    return x if x is not None and (0.0 <= x <= 40.0 or math.isnan(x)) else None


def clipped(x: Value) -> Value:
    """`clip: [5, 35]`."""
    return x if x is None or math.isnan(x) else min(max(x, 5.0), 35.0)


def filled(x: Value) -> Value:
    """`nulls: 100`."""
    return 100.0 if x is None else x


def mapped(x: Value) -> Value:
    """`minmax` to [0, 80]."""
    return None if x is None else x * 2.0


ORDER: tuple[Callable[[Value], Value], ...] = (finite, inside, clipped, filled, mapped)


def through(steps: tuple[Callable[[Value], Value], ...]) -> list[Value]:
    found = []
    for value in PROBES:
        for step in steps:
            value = step(value)  # noqa: PLW2901  (it goes from step to step)
        found.append(value)
    return found


def same(one: list[Value], other: list[Value]) -> bool:
    return pl.Series(one, dtype=pl.Float64).equals(pl.Series(other, dtype=pl.Float64), null_equal=True)


@pytest.fixture
def found() -> list[Value]:
    """What a fit with all policies makes of the probes."""
    line = {
        "method": "minmax",
        "range": [0, 80],
        "nonfinite": "clip",
        "outside": "null",
        "clip": [5, 35],
        "nulls": 100,
    }
    fit = nf.fit(pl.DataFrame({"x": [0.0, 10.0, 40.0]}), {"x": line})
    return fit.transform(pl.DataFrame({"x": PROBES}))["x"].to_list()


def test_the_order_is_fixed(found: list[Value]) -> None:
    assert same(found, through(ORDER))


def test_any_other_order_gives_other_values(found: list[Value]) -> None:
    """All 119 of them, so that a change of the order cannot pass unseen."""
    others = [order for order in permutations(ORDER) if order != ORDER]
    assert [order for order in others if same(found, through(order))] == []


def test_what_is_read_is_cast_first() -> None:
    """A Float32 tenth is its own Float64, and lies outside a range that ends at the Float64 tenth."""
    fit = nf.fit(pl.DataFrame({"x": [0.0, 0.1]}), {"x": {"method": "none", "outside": "null"}})
    frame = pl.DataFrame({"x": pl.Series([0.1, 0.05], dtype=pl.Float32)})
    assert fit.transform(frame)["x"].is_null().to_list() == [True, False]


def test_the_constant_policy_stands_in_the_place_of_the_map() -> None:
    """What was clipped and filled goes through it."""
    line = {"method": "minmax", "constant": "midpoint", "nulls": 7, "clip": [0, 6]}
    fit = nf.fit(pl.DataFrame({"x": [5.0, 5.0]}), {"x": line})
    out = fit.transform(pl.DataFrame({"x": [5.0, 9.0, None]}))["x"].to_list()
    assert out == [0.5, 1.5, 2.5]


def test_the_type_comes_last() -> None:
    """The suffix names a column of that type, and the indicator is a boolean."""
    line = {"method": "minmax", "dtype": "Float32", "suffix": "_n", "nulls": {"fill": 1, "indicator": True}}
    out = nf.fit(pl.DataFrame({"x": [0, 3]}), {"x": line}).transform(pl.DataFrame({"x": [1, None]}))
    assert out.schema == {"x": pl.Int64, "x_n": pl.Float32, "x_missing": pl.Boolean}
    third = pl.Series([1 / 3], dtype=pl.Float32).item()
    assert out["x_n"].to_list() == [third, third]
