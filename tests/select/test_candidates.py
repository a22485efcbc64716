"""Candidates that the user names: auto chooses among these and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.profiles import observe_values
from normflow.select import Choice, choose
from normflow.transforms import Affine
from tests.select.test_thresholds import NORMAL

if TYPE_CHECKING:
    from normflow.spec import Goal

LOG_NORMAL = np.exp(NORMAL)


def chosen(values: Any, *names: str, goal: Goal = "model") -> Choice:
    return choose(observe_values(np.asarray(values, np.float64)), candidates=names, goal=goal)


@pytest.mark.parametrize("goal", ["model", "gaussian", "robust", "bounded"])
def test_the_highest_normal_plot_correlation_wins(goal: Goal) -> None:
    choice = chosen(LOG_NORMAL, "sqrt", "log", "zscore", goal=goal)
    assert (choice.method, choice.rule) == ("log", "named")
    assert {one.method for one in choice.candidates} == {"sqrt", "log", "zscore"}
    assert choice.runner_up == "sqrt"


def test_a_tie_goes_to_the_first_that_is_named() -> None:
    """Affine methods tie always."""
    assert chosen(NORMAL, "robust", "zscore").method == "robust"
    assert chosen(NORMAL, "zscore", "robust").method == "zscore"


def test_what_refuses_leaves_the_choice_to_the_others() -> None:
    choice = chosen([0.0, *LOG_NORMAL], "log", "yeojohnson")
    assert choice.method == "yeojohnson"
    assert {one.method: one.refusal for one in choice.candidates}["log"] == (
        "the smallest value is 0.0, and ln(x + 0.0) needs a positive x + 0.0; "
        "set offset: auto, or take yeojohnson"
    )
    assert chosen(-LOG_NORMAL, "log", "boxcox").reason == "none of the candidates that were named applies"


def test_no_values_and_a_constant_are_left_as_they_are() -> None:
    assert chosen([], "log").rule == "no_values"
    assert chosen([5.0] * 30, "log").rule == "constant"


def test_another_guard_stands_where_its_method_is_named() -> None:
    assert chosen([3.0, 8.0] * 30, "minmax", "zscore").rule == "two_valued"
    assert chosen([3.0, 8.0] * 30, "log", "sqrt").rule == "named"
    assert chosen(range(1000), "zscore", "log").method == "zscore"


def test_preserve_takes_affine_candidates_only() -> None:
    choice = chosen(LOG_NORMAL, "log", "maxabs", goal="preserve")
    assert choice.method == "maxabs"
    transform = choice.learned()
    assert transform is not None
    assert all(isinstance(one, Affine) for one in transform.maps)


def test_the_goals_soft_clip_follows_what_standardizes() -> None:
    assert chosen(LOG_NORMAL, "log").soft_clip == 4.0
    assert chosen(LOG_NORMAL, "log", goal="robust").soft_clip == 3.0
    assert chosen(LOG_NORMAL, "quantile_uniform").soft_clip is None
    assert chosen(LOG_NORMAL, "log", goal="gaussian").soft_clip is None
    assert chosen(LOG_NORMAL, "log", goal="bounded").unit == "fitted"
    assert chosen(LOG_NORMAL, "minmax", goal="bounded").unit is None


def test_a_line_names_its_goal_and_candidates_in_python() -> None:
    frame = pl.DataFrame({"x": LOG_NORMAL, "y": LOG_NORMAL, "z": LOG_NORMAL})
    fit = nf.fit(
        frame,
        {
            "x": {"method": "auto", "goal": "bounded"},
            "y": {"method": "auto", "candidates": ["sqrt", "cbrt"]},
            "*": "auto",
        },
        goal="robust",
    )
    goals = {one.column: (one.method, one.choice.goal) for one in fit.columns if one.choice}
    assert goals == {"x": ("boxcox", "bounded"), "y": ("cbrt", "robust"), "z": ("squash", "robust")}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            {"method": "auto", "candidates": "log"},
            "normalize.x.candidates: candidates is a list of methods' names, not 'log'; [log, yeojohnson]",
        ),
        (
            {"method": "auto", "candidates": ["lgo"]},
            "normalize.x.candidates: no method 'lgo'; did you mean 'log'?",
        ),
        (
            {"method": "auto", "candidates": ["log", "layer"]},
            "normalize.x.candidates: layer works on the members of a row, and auto on columns; leave it out",
        ),
        (
            {"method": "auto", "goal": "bound"},
            "normalize.x.goal: unknown goal 'bound'; did you mean 'bounded'?",
        ),
        (
            {"method": "log", "goal": "robust"},
            "normalize.x.goal: goal is for auto, and log is named; remove one",
        ),
    ],
    ids=str,
)
def test_what_is_no_goal_or_candidate_is_refused(line: Any, message: str) -> None:
    with pytest.raises(nf.ConfigError) as caught:
        nf.fit(pl.DataFrame({"x": LOG_NORMAL}), {"x": line})
    assert str(caught.value) == message
