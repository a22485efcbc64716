"""Points stand for all finite values, in ascending order, and stay inside their buckets."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.profiles import observe_values
from tests.columns import ZOO
from tests.profiles.values import finite_columns, finite_of


@pytest.mark.parametrize("column", ZOO.values(), ids=ZOO)
def test_exact_points_are_the_values_and_their_counts(column: list[float | None]) -> None:
    points = observe_values(column).points()
    expected = sorted(Counter(value + 0.0 for value in finite_of(column)).items())
    assert list(zip(points.values.tolist(), points.counts.tolist(), strict=True)) == expected


@given(finite_columns, st.sampled_from([2, 5, 8]))
def test_points_ascend_inside_their_buckets(values: list[float], resolution: int) -> None:
    profile = observe_values(values, resolution=resolution)
    points = profile.points()
    assert points.total == len(values)
    assert (points.values[1:] > points.values[:-1]).all()
    assert ((points.low <= points.values) & (points.values <= points.high)).all()
    for value in values:
        place = np.flatnonzero((points.low <= value) & (value <= points.high))
        assert len(place) == 1


@given(finite_columns, st.integers(1, 20))
def test_condensed_points_keep_count_order_and_range(values: list[float], k: int) -> None:
    whole, few = observe_values(values).points(), observe_values(values).condensed(k)
    assert few.total == whole.total
    assert len(few.values) <= max(k, 2 * k + 1)
    assert (few.values[1:] >= few.values[:-1]).all()
    assert ((few.low <= few.values) & (few.values <= few.high)).all()
    if len(values):
        assert (few.low[0], few.high[-1]) == (whole.low[0], whole.high[-1])


def test_few_points_are_left_as_they_are() -> None:
    profile = observe_values([3.0, 1.0, 2.0, 2.0])
    assert profile.condensed(3) is profile.points()


def test_a_point_that_stands_for_much_stays_what_it_is() -> None:
    values = [*np.linspace(-1, 1, 999).tolist(), *[0.123] * 500]
    few = observe_values(values).condensed(50)
    assert 500 in few.counts[few.values == 0.123]


def test_condensing_keeps_the_mean() -> None:
    values = np.exp(np.random.default_rng(4).normal(size=5000))
    few = observe_values(values).condensed()
    assert len(few.values) == pytest.approx(512, abs=1)
    assert np.average(few.values, weights=few.counts) == pytest.approx(values.mean(), rel=1e-12)
