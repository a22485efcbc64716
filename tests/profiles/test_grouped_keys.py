"""Keys of groups are values of any type: what is equal is one group, null among them, in one order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from normflow.profiles import GroupedProfile, observe_groups

NAN, INF = float("nan"), float("inf")

# name -> (keys as they come, their type, keys as they are held)
KEYS: dict[str, tuple[list[Any], pl.DataType, list[Any]]] = {
    "text": (["b", None, "a", "b", ""], pl.String(), [None, "", "a", "b"]),
    "categories": (["b", None, "a", "b"], pl.Categorical(), [None, "a", "b"]),
    "enum": (["b", None, "a", "b"], pl.Enum(["b", "a"]), [None, "b", "a"]),
    "whole": ([3, None, -1, 3], pl.Int64(), [None, -1, 3]),
    "bytes": ([255, None, 0], pl.UInt8(), [None, 0, 255]),
    "wide": ([1 << 100, None, -3], pl.Int128(), [None, -3, 1 << 100]),
    "floats": ([0.0, -0.0, INF, None, -INF, 1.5], pl.Float64(), [None, -INF, 0.0, 1.5, INF]),
    "small floats": ([0.0, -0.0, None, 1.5], pl.Float32(), [None, 0.0, 1.5]),
    "flags": ([True, None, False, True], pl.Boolean(), [None, False, True]),
    "dates": (
        [dt.date(2013, 1, 2), None, dt.date(1969, 1, 1)],
        pl.Date(),
        [None, dt.date(1969, 1, 1), dt.date(2013, 1, 2)],
    ),
    "instants": (
        [dt.datetime(2013, 1, 2, tzinfo=dt.UTC), None],
        pl.Datetime("us", "UTC"),
        [None, dt.datetime(2013, 1, 2, tzinfo=dt.UTC)],
    ),
    "times": ([dt.time(3), None, dt.time(1)], pl.Time(), [None, dt.time(1), dt.time(3)]),
    "durations": ([dt.timedelta(3), None], pl.Duration("us"), [None, dt.timedelta(3)]),
    "decimals": ([Decimal("1.50"), None, Decimal("1.5")], pl.Decimal(10, 2), [None, Decimal("1.50")]),
    "binary": ([b"b", None, b"a\0"], pl.Binary(), [None, b"a\0", b"b"]),
    "nothing": ([None, None], pl.Null(), [None]),
}


def grouped(table: pl.DataFrame, by: list[str]) -> GroupedProfile:
    return observe_groups(table.lazy(), by, ["x"], batch_rows=2)[1]


@pytest.mark.parametrize(("given", "dtype", "held"), KEYS.values(), ids=KEYS)
def test_keys_of_any_type_are_held_sorted(given: list[Any], dtype: pl.DataType, held: list[Any]) -> None:
    """As they come, backwards, merged and stored."""
    keys = pl.Series("k", given, dtype)
    table = pl.DataFrame({"k": keys, "x": [float(i) for i in range(len(keys))]})
    found = grouped(table, ["k"])
    assert found.keys.schema == {"k": dtype}
    assert found.keys["k"].to_list() == held
    assert found.rows.tolist() == [sum(one == other for one in given) for other in held]
    assert grouped(table[::-1], ["k"]) == found
    assert grouped(table[:1], ["k"]) + grouped(table[1:], ["k"]) == found
    back = GroupedProfile.from_bytes(found.to_bytes())
    assert back == found
    assert back.keys.schema == {"k": dtype}


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64])
def test_all_nan_are_one_key_and_both_zeros_are_zero(dtype: type[pl.DataType]) -> None:
    keys = pl.Series([NAN, -0.0, -NAN, 0.0, None, NAN], dtype=dtype)
    found = grouped(pl.DataFrame({"k": keys, "x": 1.0}), ["k"])
    assert [str(key) for key in found.keys["k"]] == ["None", "0.0", "nan"]
    assert found.rows.tolist() == [1, 2, 3]


def test_several_columns_are_one_key() -> None:
    table = pl.DataFrame(
        {
            "place": ["b", "a", None, "a", "b", None],
            "month": [1, 2, None, None, 1, None],
            "x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        }
    )
    found = grouped(table, ["place", "month"])
    assert found.keys.rows() == [(None, None), ("a", None), ("a", 2), ("b", 1)]
    assert [column.mean for column in found.each("x")] == [4.5, 4.0, 2.0, 3.0]
    other = grouped(table, ["month", "place"])
    assert other.keys.columns == ["month", "place"]
    assert [column.mean for column in other.each("x")] == [4.5, 4.0, 3.0, 2.0]


def test_names_are_never_patterns_and_a_key_may_be_a_column_too() -> None:
    table = pl.LazyFrame(
        {"^k.*$": [1, 2, 1], "*": ["a", "a", "b"], "number": [1.0, 2.0, 3.0], "k": [0, 0, 0]}
    )
    whole, found = observe_groups(table, ["*", "^k.*$"], ["number", "^k.*$"])
    assert found.keys.rows() == [("a", 1), ("a", 2), ("b", 1)]
    assert found.columns == whole.columns == ("number", "^k.*$")
    assert [column.mean for column in found.each("^k.*$")] == [1.0, 2.0, 1.0]
    assert GroupedProfile.from_bytes(found.to_bytes()) == found


def test_long_texts_that_came_in_another_order_are_the_same_bytes() -> None:
    words = [f"a text that is longer than a view of it, and is number {i}" for i in range(50)]
    table = pl.DataFrame({"k": [*words, None], "flag": [True, None, False] * 17, "x": 1.0})
    one, other = grouped(table, ["k", "flag"]), grouped(table[::-1], ["k", "flag"])
    assert one.to_bytes() == other.to_bytes()
    assert GroupedProfile.from_bytes(one.to_bytes()) == one


def test_categories_that_came_in_another_order_are_the_same_bytes() -> None:
    """Polars numbers categories as it meets them."""
    words = [f"later {i}" for i in (9, 3, 7)]
    tables = [
        pl.DataFrame({"k": pl.Series(order, dtype=pl.Categorical(pl.Categories(name, "one"))), "x": 1.0})
        for name, order in (("first", words), ("second", words[::-1]))
    ]
    kept = [grouped(table.with_columns(pl.col("k").cast(pl.Categorical)), ["k"]) for table in tables]
    assert kept[0].to_bytes() == kept[1].to_bytes()


@pytest.mark.parametrize("rows", [1, 2])
def test_a_key_that_is_nan_in_every_row_is_one_group(rows: int) -> None:
    """Two batches of one row each meet, although an eager join of Polars 2.1 does not see it."""
    frame = pl.LazyFrame({"g": [NAN] * rows, "x": [1.0] * rows})
    _, groups = observe_groups(frame, ["g"], ["x"], resolution=16, batch_rows=1)
    assert groups.keys.height == 1
    assert groups.keys["g"].is_nan().all()
