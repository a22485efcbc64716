"""What is counted and added for many groups at once: pairs in order, and sums that lose no bit."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.profiles.grouped import limbs
from normflow.profiles.grouped.limbs import Limbs, RunningLimbs, add_points
from normflow.profiles.grouped.ordering import Pairs, added, counted
from tests.profiles.values import finite

int64 = st.integers(-(2**63), 2**63 - 1)
near = st.integers(-(2**40), -(2**40) + 30)  # told apart by their last bits only
keys = st.one_of(int64, near, st.integers(-5, 5), st.integers(-9, 9).map(lambda n: n << 40))
group_numbers = st.one_of(st.integers(0, 3), st.integers(0, 2**31 - 1))
pairs = st.lists(st.tuples(group_numbers, keys), min_size=1, max_size=60)


def arrays(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(rows, np.int64).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


def listed(found: Pairs) -> list[tuple[tuple[int, int], int]]:
    groups, its_keys, counts = (one.tolist() for one in found)
    return list(zip(zip(groups, its_keys, strict=True), counts, strict=True))


@given(pairs)
def test_pairs_are_counted_in_order(rows: list[tuple[int, int]]) -> None:
    """However far apart groups and keys are."""
    by_group = sorted(rows, key=lambda pair: pair[0])
    assert listed(counted(*arrays(by_group))) == sorted(Counter(rows).items())


@given(pairs)
def test_counts_of_equal_pairs_add(rows: list[tuple[int, int]]) -> None:
    counts = np.arange(1, len(rows) + 1)
    expected: Counter[tuple[int, int]] = Counter()
    for pair, count in zip(rows, counts.tolist(), strict=True):
        expected[pair] += count
    assert listed(added(Pairs(*arrays(rows), counts))) == sorted(expected.items())


def ascending(rows: list[tuple[int, float, int]]) -> tuple[Pairs, np.ndarray]:
    rows = sorted(rows)
    groups, values, counts = (np.array(one) for one in zip(*rows, strict=True))
    values = values.astype(np.float64)
    return Pairs(groups.astype(np.int64), values.view(np.int64), counts.astype(np.int64)), values


points = st.lists(st.tuples(st.integers(0, 3), finite, st.integers(1, 1000)), min_size=1, max_size=40)


@given(st.lists(points, min_size=1, max_size=4), st.booleans())
def test_sums_are_exact_fractions(parts: list[list[tuple[int, float, int]]], soon: bool) -> None:
    """Whenever digits are carried."""
    with pytest.MonkeyPatch.context() as patch:
        if soon:
            patch.setattr(limbs, "LOAD", 0)
        first, second = RunningLimbs(), RunningLimbs()
        for part in parts:
            add_points(*ascending(part), first, second)
        order = np.array([2, 0, 3, 1])
        sums, squares = first.settled(order), second.settled(order)
    everything = [row for part in parts for row in part]
    for place, group in enumerate(order.tolist()):
        mine = [(Fraction(value), count) for other, value, count in everything if other == group]
        assert sums.number(place) == sum(value * count for value, count in mine) * 2**1074
        assert squares.number(place) == sum(value * value * count for value, count in mine) * 2**2148
        if squares.digits.shape[1]:
            assert ((squares.digits[:, :-1] >= 0) & (squares.digits[:, :-1] < 2**32)).all()


@pytest.mark.parametrize("value", [1.7e308, -1.7e308, 5e-324, -5e-324, 2.0**52, -(2.0**52), 1 / 3, -1.0])
def test_a_value_added_a_billion_times_is_a_billion_times_the_value(value: float) -> None:
    first, second = RunningLimbs(), RunningLimbs()
    for _ in range(5):
        add_points(*ascending([(0, value, 200_000_000), (1, -value, 1)]), first, second)
    sums, squares = (running.settled(np.arange(2)) for running in (first, second))
    assert sums.number(0) == Fraction(value) * 10**9 * 2**1074
    assert squares.number(0) == Fraction(value) ** 2 * 10**9 * 2**2148


@given(st.lists(st.integers(-(2**200), 2**200), min_size=1, max_size=5), st.integers(0, 3), st.integers(0, 3))
def test_equal_numbers_have_equal_digits(numbers: list[int], low: int, high: int) -> None:
    """However many digits they were added in: here as digits of 32 bits with zeros and signs around."""
    groups = np.arange(len(numbers))

    def added_at(width: int, base: int) -> Limbs:
        running = RunningLimbs()
        digits = [np.array([(n >> 32 * j) & (2**32 - 1) for n in numbers]) for j in range(width - 1)]
        digits.append(np.array([n >> 32 * (width - 1) for n in numbers]))
        running.add(groups, np.full(len(groups), base), digits, 1)
        return running.settled(groups)

    one = added_at(7, 5)
    assert [one.number(i) >> 160 for i in groups.tolist()] == numbers
    wide = RunningLimbs()
    wide.add(groups[:1], np.array([5 - low]), [np.array([0])] * (7 + low + high), 1)
    wide.add_limbs(groups, one)
    assert wide.settled(groups) == one
    assert hash(wide.settled(groups)) == hash(one)
