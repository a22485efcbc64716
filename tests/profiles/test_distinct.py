"""Distinct counts are exact while the histogram is, and within four standard errors elsewhere."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given

from normflow.profiles import observe_values
from normflow.profiles.distinct import Distinct, RunningDistinct
from normflow.profiles.workbench import Workbench
from tests.profiles.values import columns, finite_of

FOUR_SIGMA = 4 * 1.04 / 64


@given(columns)
def test_few_values_are_counted_exactly(column: list[float | None]) -> None:
    profile = observe_values(column)
    assert profile.distinct == len(set(finite_of(column)))


DRAW = np.random.default_rng(5)
MANY = {
    "normal": DRAW.normal(size=100_000),
    "whole numbers": np.arange(100_000.0),
    "even numbers": 2 * np.arange(60_000.0),
    "cents": np.arange(1, 50_000) / 100,
    "signed eighths": (np.arange(90_000) - 40_000) / 8,
    "codes": 1e5 + 7.0 * np.arange(40_000),
    "timestamps": 1.7e9 + 60.0 * np.arange(80_000),
    "repeated": np.repeat(DRAW.normal(size=20_000), 5),
}


@pytest.mark.parametrize("values", MANY.values(), ids=MANY)
def test_many_values_are_estimated_within_four_standard_errors(values: np.ndarray) -> None:
    profile, exact = observe_values(values), len(np.unique(values))
    assert not profile.exact
    assert abs(profile.distinct / exact - 1) <= FOUR_SIGMA


@pytest.mark.parametrize("many", [1, 5, 100, 3000, 9000, 12_000, 20_000, 10**6])
def test_the_estimate_holds_at_every_size(many: int) -> None:
    """No gap between small counts and large ones."""
    estimate = Distinct.of(np.random.default_rng(many).random(many)).estimate
    assert abs(estimate - many) <= max(1, FOUR_SIGMA * many)


def test_nothing_is_estimated_as_nothing() -> None:
    assert Distinct().estimate == 0
    assert Distinct.of(np.empty(0)) == Distinct()


def test_registers_are_a_function_of_the_set_of_values() -> None:
    """Repeats, order, cuts and the sign of zero leave no trace."""
    values = np.append(np.random.default_rng(6).normal(size=50_000), [0.0])
    running, bench = RunningDistinct(), Workbench()
    for part in np.array_split(np.repeat(values[::-1], 3), 7):
        running.add(part.view(np.uint64), bench)
    assert running.settled() == Distinct.of(values)
    assert Distinct.of(-values[-1:]) == Distinct.of(values[-1:])
    assert Distinct.of(values[:9]) + Distinct.of(values[5:]) == Distinct.of(values)


def register(value: float) -> tuple[int, int]:
    """Which register a value goes to and its rank there: splitmix64 of its bits, in plain Python."""
    (bits,) = struct.unpack("<Q", struct.pack("<d", value))
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB % 2**64
    bits ^= bits >> 31
    return bits % 4096, 53 - (bits >> 12).bit_length()


def test_registers_are_those_of_splitmix64() -> None:
    """Stored states of all machines and versions merge only while no value changes its register or rank."""
    values = [0.0, 1.5, -2.5, 1e300, 5e-324, *np.random.default_rng(8).normal(size=20_000).tolist()]
    expected = [0] * 4096
    for place, rank in map(register, values):
        expected[place] = max(expected[place], rank)
    assert list(Distinct.of(np.array(values)).registers) == expected
    assert [register(value) for value in values[:4]] == [(0, 53), (1128, 1), (2398, 2), (2794, 1)]


def test_registers_appear_with_the_first_level_and_hold_zero_too() -> None:
    values = [0.0, *np.arange(1.0, 9.0).tolist()]
    assert not observe_values(values, resolution=8).registers.registers
    raised = observe_values([*values, 0.5], resolution=8)
    assert raised.registers == Distinct.of(np.array([*values, 0.5]))


def test_the_top_share_is_that_of_the_commonest_value() -> None:
    assert observe_values([1.0, 1.0, 2.0, None]).top_share == 2 / 3
    assert observe_values([0.0, 0.0, -0.0, 2.0]).top_share == 3 / 4
    assert observe_values([None]).top_share == 0.0
