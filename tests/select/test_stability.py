"""The stability of a choice: what the sum of all parts but one would give."""

from __future__ import annotations

import numpy as np
import pytest

from normflow.profiles import ColumnProfile, observe_values
from normflow.select import Stability, choose, method_without, stability
from tests.select.test_thresholds import NORMAL

RNG = np.random.default_rng(7)


def profiles(*parts: np.ndarray) -> list[ColumnProfile]:
    return [observe_values(part) for part in parts]


def test_each_part_is_left_out_once_and_the_others_are_merged() -> None:
    """Against the profiles of the rows that are left, bit for bit."""
    parts = [RNG.normal(size=n) for n in (50, 1, 300, 20, 70)]
    seen: list[ColumnProfile] = []

    def again(profile: ColumnProfile) -> str:
        seen.append(profile)
        return "zscore"

    assert stability(profiles(*parts), "zscore", again) == Stability(partitions=5, agree=5)
    left = [np.concatenate([*parts[:i], *parts[i + 1 :]]) for i in range(5)]
    assert seen == profiles(*left)


def test_a_choice_that_hangs_on_one_part_is_told() -> None:
    """Nine days of normal values and one of log-normal ones, which alone makes the skew."""
    parts = profiles(*[RNG.normal(10, 1, 300)] * 9, 8 + np.exp(1.5 * RNG.normal(size=300)))
    whole = sum(parts[1:], parts[0])
    choice = choose(whole)
    found = stability(parts, choice.method, lambda one: method_without(one, choice))
    assert choice.method != "zscore"
    assert found == Stability(partitions=10, agree=9, others={"zscore": 1})
    assert found.share == 0.9


@pytest.mark.parametrize("count", [1, 33])
def test_one_part_and_many_are_not_looked_at(count: int) -> None:
    assert stability(profiles(*[NORMAL] * count), "zscore", lambda _: "zscore") is None


def test_a_coarser_profile_is_that_of_a_coarser_look() -> None:
    values = np.exp(RNG.normal(size=5000))
    for resolution in (64, 512, 8192):
        assert observe_values(values).coarser(resolution) == observe_values(values, resolution=resolution)
