"""A profile is a function of the values alone: no cut, order or grouping leaves a trace in a bit of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import normflow as nf
from normflow.errors import FormatError
from normflow.profiles import ColumnProfile, Profile, observe_values, profile
from tests.columns import ZOO
from tests.profiles.values import columns, resolutions

if TYPE_CHECKING:
    import random

Column = list[float | None]


def same(one: ColumnProfile, other: ColumnProfile) -> bool:
    return one == other and hash(one) == hash(other) and one.to_bytes() == other.to_bytes()


@given(columns, resolutions)
def test_nothing_is_the_identity(column: Column, resolution: int) -> None:
    profile = observe_values(column, resolution=resolution)
    assert same(profile + ColumnProfile(), profile)
    assert same(ColumnProfile() + profile, profile)


@given(columns, columns, resolutions)
def test_merging_commutes_and_equals_the_whole(one: Column, other: Column, resolution: int) -> None:
    left, right = observe_values(one, resolution=resolution), observe_values(other, resolution=resolution)
    assert same(left + right, right + left)
    assert same(left + right, observe_values(one + other, resolution=resolution))


@given(columns, columns, columns, resolutions)
def test_merging_associates(one: Column, two: Column, three: Column, resolution: int) -> None:
    a, b, c = (observe_values(column, resolution=resolution) for column in (one, two, three))
    assert same((a + b) + c, a + (b + c))


@given(st.randoms(use_true_random=False), columns, resolutions)
def test_order_leaves_no_trace(chance: random.Random, column: Column, resolution: int) -> None:
    shuffled = list(column)
    chance.shuffle(shuffled)
    assert same(
        observe_values(shuffled, resolution=resolution), observe_values(column, resolution=resolution)
    )


@pytest.mark.parametrize("resolution", [8, 64, 16_384])
@pytest.mark.parametrize("column", ZOO.values(), ids=ZOO)
def test_the_zoo_merges_at_any_cut_and_in_any_order(column: Column, resolution: int) -> None:
    whole = observe_values(column, resolution=resolution)
    for cut in {0, 1, len(column) // 3, len(column) // 2, len(column)}:
        parts = [observe_values(part, resolution=resolution) for part in (column[:cut], column[cut:])]
        assert same(parts[0] + parts[1], whole)
        assert same(parts[1] + parts[0], whole)
    assert same(observe_values(column[::-1], resolution=resolution), whole)


@pytest.mark.parametrize("column", ZOO.values(), ids=ZOO)
def test_mirrored_values_have_a_mirrored_profile(column: Column) -> None:
    one = observe_values(column, resolution=64)
    other = observe_values([None if value is None else -value for value in column], resolution=64)
    assert one.histogram.level == other.histogram.level
    assert (-1 - other.histogram.keys[::-1]).tolist() == one.histogram.keys.tolist()
    assert other.histogram.counts[::-1].tolist() == one.histogram.counts.tolist()
    assert one.sums.first == -other.sums.first


def test_profiles_of_different_resolutions_do_not_merge() -> None:
    with pytest.raises(FormatError) as caught:
        observe_values([1.0], resolution=8) + observe_values([1.0], resolution=64)
    assert str(caught.value) == (
        "profiles of 8 and of 64 buckets do not merge; profile the data again with one resolution"
    )


def typed(dtype: pl.DataType, n: int = 1) -> Profile:
    """A profile of one column of a type."""
    return Profile({"x": observe_values([float(n)])}, 1, {"x": dtype})


TYPES = (pl.Null(), pl.Int64(), pl.Float32(), pl.Decimal(10, 2), pl.String(), pl.Date(), pl.Boolean())


@pytest.mark.parametrize("one", TYPES, ids=str)
@pytest.mark.parametrize("two", TYPES, ids=str)
def test_types_merge_in_any_order(one: pl.DataType, two: pl.DataType) -> None:
    a, b = typed(one, 1), typed(two, 2)
    assert a + b == b + a
    assert (a + b).to_bytes() == (b + a).to_bytes()
    for three in TYPES:
        c = typed(three, 3)
        assert (a + b) + c == a + (b + c)
        assert ((a + b) + c).to_bytes() == (c + (b + a)).to_bytes()


def test_a_part_without_a_value_takes_the_type_of_the_others() -> None:
    """And so its column is fitted; different numbers are Float64, anything else is text."""
    empty = profile(pl.DataFrame({"x": [None, None]}))
    numbers = profile(pl.DataFrame({"x": [1, 2, 3, 4]}))
    for whole in (empty + numbers, numbers + empty):
        assert whole.dtypes == {"x": "Int64"}
        assert (whole["x"].rows, whole["x"].n, whole["x"].missing) == (6, 4, 2 / 6)
        assert [one.column for one in nf.fit(whole).columns] == ["x"]
    assert (typed(pl.Int64()) + typed(pl.Float32())).dtypes == {"x": "Float64"}
    assert (typed(pl.Int64()) + typed(pl.Date())).dtypes == {"x": "String"}


def test_the_bytes_of_a_frame_do_not_know_the_order_of_its_columns() -> None:
    x, y = observe_values([1.0, 2.0]), observe_values([3.0])
    left = Profile({"x": x, "y": y}, 2, {"x": pl.Int8(), "y": pl.Float64()})
    right = Profile({"y": y, "x": x}, 2, {"y": pl.Float64(), "x": pl.Int8()})
    assert left == right
    assert left.to_bytes() == right.to_bytes()
    assert Profile.from_bytes(right.to_bytes()) == left
    only_x, only_y = Profile({"x": x}, 2), Profile({"y": y}, 1)
    assert (only_x + only_y).to_bytes() == (only_y + only_x).to_bytes()


def test_a_column_that_one_side_lacks_is_nothing_there() -> None:
    a, b = observe_values([1.0, 2.0]), observe_values([3.0])
    left, right = Profile({"x": a}, 2), Profile({"x": b, "y": b}, 1)
    assert left + right == right + left == Profile({"x": a + b, "y": b}, 3)
    assert left + Profile() == Profile() + left == left
    assert (left + right).columns == ("x", "y")
