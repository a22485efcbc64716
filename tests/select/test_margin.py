"""The margin: a method stays while one threshold, moved by so much of itself, would give it again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import brentq

from normflow.profiles import observe_values
from normflow.select import Choice, Kept, choose
from tests.select.test_thresholds import NORMAL, PAIRS, skewed

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile
    from normflow.spec import Goal


def chosen(values: Any, earlier: Any = None, *, margin: float = 0.05, goal: Goal = "model") -> Choice:
    before = None if earlier is None else choose(observe_values(np.asarray(earlier, np.float64)), goal=goal)
    return choose(observe_values(np.asarray(values, np.float64)), earlier=before, margin=margin, goal=goal)


def test_a_method_stays_while_the_skew_is_within_5_percent_of_1() -> None:
    """Both ways: a power stays down to 0.95, and standardizing up to 1.05."""
    assert chosen(skewed(0.96), skewed(1.2)).method == "boxcox"
    assert chosen(skewed(0.94), skewed(1.2)).method == "zscore"
    assert chosen(skewed(1.04), skewed(0.8)).method == "zscore"
    assert chosen(skewed(1.06), skewed(0.8)).method == "boxcox"


def test_a_kept_method_says_so_and_what_it_would_have_been() -> None:
    kept = chosen(skewed(0.96), skewed(1.2))
    assert kept.rule == "kept"
    assert kept.kept == Kept(threshold="skew", margin=0.05, instead="zscore", rule="symmetric")
    assert kept.reason == (
        "Box-Cox kept from the earlier fit: the skew is within 5% of its threshold; "
        "afresh it would be z-score (rule symmetric)"
    )
    assert Choice.from_json(kept.to_json()) == kept


def test_the_margin_is_the_users() -> None:
    assert chosen(skewed(0.85), skewed(1.2), margin=0.2).method == "boxcox"
    assert chosen(skewed(0.999), skewed(1.2), margin=0.0).method == "zscore"


def test_a_method_that_would_be_chosen_again_is_not_called_kept() -> None:
    assert chosen(skewed(1.01), skewed(1.2)).rule == "skewed"


def test_a_kept_method_stays_from_refit_to_refit() -> None:
    """What is kept is the earlier method, whether it was chosen or kept."""
    first = chosen(skewed(0.96), skewed(1.2))
    second = choose(observe_values(skewed(0.97)), earlier=first)
    assert (second.rule, second.method) == ("kept", "boxcox")


def test_another_goal_begins_afresh() -> None:
    earlier = choose(observe_values(skewed(1.2)), goal="bounded")
    assert choose(observe_values(skewed(0.97)), earlier=earlier).rule == "symmetric"


def test_a_method_that_no_threshold_gives_is_not_kept() -> None:
    earlier = replace(choose(observe_values(skewed(1.2))), method="cbrt")
    assert choose(observe_values(skewed(0.97)), earlier=earlier).method == "zscore"


@pytest.mark.parametrize(
    ("name", "threshold"),
    [("30 % zeros", "zero_share"), ("a core below 1", "core"), ("a range of 1.05 n", "id_span")],
)
def test_each_threshold_has_its_margin(name: str, threshold: str) -> None:
    """On both sides of a threshold the earlier method stays."""
    _, inside, outside = PAIRS[name]
    for now, earlier in ((inside, outside), (outside, inside)):
        found = chosen(now, earlier)
        assert found.method == chosen(earlier).method
        assert found.kept is not None
        assert found.kept.threshold == threshold


def test_the_margin_of_a_fresh_choice_is_told() -> None:
    """How far the measure lies from its threshold, as a share of it."""
    assert chosen(skewed(1.2)).margin == pytest.approx(0.2, abs=1e-9)
    assert chosen(NORMAL).margin == pytest.approx(1.0, abs=1e-9)


def test_among_named_candidates_the_earlier_one_stays_near_the_best() -> None:
    """Its distance from a normal column is 3 % larger than that of the best."""
    names = ("log", "sqrt")

    def tried(lam: float) -> tuple[ColumnProfile, float]:
        profile = observe_values((1 + 0.9 * lam * NORMAL) ** (1 / lam))
        gaps = {
            one.method: 1 - (one.normality or 0.0) for one in choose(profile, candidates=names).candidates
        }
        return profile, gaps["log"] / gaps["sqrt"]

    profile, _ = tried(brentq(lambda lam: tried(lam)[1] - 1.03, 0.2, 0.3))
    afresh = choose(profile, candidates=names)
    assert afresh.method == "sqrt"
    earlier = replace(afresh, method="log", options={})
    kept = choose(profile, candidates=names, earlier=earlier, margin=0.05)
    assert kept.method == "log"
    assert kept.kept == Kept(threshold="lead", margin=0.05, instead="sqrt", rule="named")
    assert choose(profile, candidates=names, earlier=earlier, margin=0.02).method == "sqrt"
