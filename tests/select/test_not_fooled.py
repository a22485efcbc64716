"""What fools a rule that looks at one number, and the laws that a decision keeps."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

import normflow as nf
from normflow.fits.column import learn_column
from normflow.profiles import observe_values
from normflow.select import Choice, choose
from normflow.spec import Goal, MethodSpec
from tests.select.test_thresholds import NORMAL

RNG = np.random.default_rng(20131101)
GOALS: tuple[Goal, ...] = get_args(Goal)


def chosen(values: Any, goal: Goal = "model") -> Choice:
    return choose(observe_values(np.asarray(values, np.float64)), goal=goal)


@pytest.mark.parametrize("off", [30.0, 200.0, 1e6, 1e12])
@pytest.mark.parametrize("count", [1, 4])
def test_a_few_outliers_move_neither_the_choice_nor_the_numbers_of_the_core(off: float, count: int) -> None:
    choice = chosen(np.append(NORMAL, [off] * count))
    assert (choice.rule, choice.method) == ("outliers", "robust")
    transform = choice.learned()
    assert transform is not None
    assert transform.points(NORMAL).std() == pytest.approx(1.0, abs=0.02)


def test_heavy_tails_are_judged_by_their_core_and_not_by_how_many_rows_there_are() -> None:
    """The sample skew of Student's t with 2 degrees of freedom measures n; its core does not."""
    for n in (2000, 20_000, 100_000):
        values = np.abs(stats.t(2).ppf((np.arange(n) + 0.5) / n)) * np.where(np.arange(n) % 2, 1, -1)
        values[-1] *= 5  # one side of the tail is longer by chance
        assert chosen(values).rule in {"outliers", "symmetric"}


@pytest.mark.parametrize("share", [0.31, 0.5, 0.9])
def test_zeros_never_go_to_an_end_nor_divide_by_an_iqr_of_0(share: float) -> None:
    values = np.where(np.arange(3000) < share * 3000, 0.0, np.exp(RNG.normal(size=3000)))
    for goal in GOALS:
        fit = learn_column("x", observe_values(values), MethodSpec(method="auto"), goal=goal)
        y = fit.transform.points(values)
        assert np.isfinite(y).all()
        assert fit.method not in {"robust", "squash"}
        assert goal == "bounded" or abs(y[0]) < 2.0


@pytest.mark.parametrize("goal", GOALS)
def test_an_atom_in_the_middle_stays_in_the_middle(goal: Goal) -> None:
    values = np.concatenate([np.full(600, 5.0), 5.0 + NORMAL])
    y = learn_column("x", observe_values(values), MethodSpec(method="auto"), goal=goal).transform.points(
        values
    )
    assert y[0] == pytest.approx(np.median(y), abs=1e-9)


def test_a_column_with_a_zero_iqr_is_never_divided_by_it() -> None:
    """Three quarters are one value, and it is not 0."""
    values = np.concatenate([np.full(3000, 7.0), 7.0 + np.exp(RNG.normal(size=700))])
    for goal in GOALS:
        y = learn_column("x", observe_values(values), MethodSpec(method="auto"), goal=goal).transform.points(
            values
        )
        assert np.abs(y).max() < 60.0


@pytest.mark.parametrize("goal", GOALS)
def test_fewer_than_20_values_stay_affine_and_say_so(goal: Goal) -> None:
    choice = chosen(np.exp(RNG.normal(size=19) * 2), goal)
    assert (choice.rule, [one.id for one in choice.notices]) == ("few_rows", ["few_rows"])
    assert choice.method in {"zscore", "robust", "minmax"}
    assert choice.soft_clip is None


MIRRORED = {
    "normal": NORMAL,
    "an outlier": np.append(NORMAL, 200.0),
    "skewed, both signs": np.exp(NORMAL) - 1.5,
    "half zeros": np.append(np.zeros(600), np.exp(NORMAL)),
    "levels": np.repeat(np.arange(7.0), 20),
    "two values": np.repeat([3.0, 8.0], [90, 10]),
    "uniform": np.linspace(-3.0, 5.0, 777) + 0.001,
}


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("name", MIRRORED)
def test_mirrored_data_get_the_mirrored_map(name: str, goal: Goal) -> None:
    """−x gets the same rule and method, and the same numbers with the other sign; 0 to 1 turns around."""
    values = MIRRORED[name]
    line = MethodSpec(method="auto")
    right = learn_column("x", observe_values(values), line, goal=goal)
    left = learn_column("x", observe_values(-values), line, goal=goal)
    assert left.choice is not None
    assert right.choice is not None
    assert (left.method, left.choice.rule) == (right.method, right.choice.rule)
    y, mirrored = right.transform.points(values), left.transform.points(-values)
    turned = 1.0 - y if right.method == "minmax" or "unit" in right.options else -y
    assert mirrored == pytest.approx(turned, abs=1e-5)


def test_a_left_skewed_column_is_as_good_as_its_mirror_image() -> None:
    """λ becomes 2 − λ, the readable ones as well."""
    values = np.exp(NORMAL) - 3.0
    right, left = chosen(values), chosen(-values)
    assert right.method == left.method == "yeojohnson"
    scores = [next(one.normality for one in c.candidates if one.method == c.method) for c in (right, left)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-9)


def around_one(step: float) -> np.ndarray:
    """A column whose skew is 1 and a step of 1e-12, found by the exact histogram's own read-out."""

    def skew(value: float) -> float:
        found = observe_values(np.append(NORMAL, [value, value - 0.5, value - 1.0] * 8)).skew
        assert found is not None
        return found

    root = brentq(lambda value: skew(value) - 1.0, 2.0, 8.0, xtol=1e-15)
    slope = (skew(root + 1e-6) - skew(root - 1e-6)) / 2e-6
    value = root + step / slope
    return np.append(NORMAL, [value, value - 0.5, value - 1.0] * 8)


@pytest.mark.parametrize("step", [-1e-12, 1e-12])
def test_a_skew_within_1e_12_of_the_knee_decides_alike_however_the_rows_come(step: float) -> None:
    """Any order, any split, any engine and number of threads: the same rule, and the same bits."""
    values = around_one(step)
    whole = observe_values(values)
    assert whole.skew is not None
    assert abs(whole.skew - 1.0) < 3e-12
    assert (whole.skew < 1.0) == (step < 0)
    expected = choose(whole)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        mixed = rng.permutation(values)
        parts = np.split(mixed, np.sort(rng.integers(0, values.size, 3)))
        merged = sum((observe_values(part) for part in parts[1:]), observe_values(parts[0]))
        assert choose(merged) == expected
        frame = pl.DataFrame({"x": mixed})
        for data in (frame, frame.lazy(), pl.concat([frame[:300], frame[300:]], rechunk=False)):
            found = nf.fit(data, {"x": "auto"})["x"]
            assert found.choice == expected


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=60),
    st.randoms(use_true_random=False),
    st.sampled_from(GOALS),
)
def test_a_decision_does_not_depend_on_the_order_of_rows(values: list[float], rng: Any, goal: Goal) -> None:
    mixed = [*values]
    rng.shuffle(mixed)
    assert chosen(mixed, goal) == chosen(values, goal)
