"""Every threshold of the rules, by two columns on either side of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from normflow.profiles import observe_values
from normflow.select import Candidate, Choice, Evidence, Score, choose
from normflow.select.decide import _best_power
from normflow.select.guards import POWER, Verdict, row_id
from normflow.select.guards import constant as constant_rule
from normflow.select.notices import notices
from normflow.select.thresholds import USUAL
from tests.methods.catalogue import power_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.select.trial import Trial

# Φ⁻¹ of equally spaced ranks: a normal column without chance
NORMAL = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)


def rule(values: Any) -> str:
    return chosen(values).rule


def chosen(values: Any) -> Choice:
    return choose(observe_values(np.asarray(values, np.float64)))


def told(values: Any) -> set[str]:
    return {notice.id for notice in chosen(values).notices}


def skewed(target: float) -> np.ndarray:
    """A log-normal column of that skew."""
    solved = brentq(lambda s: stats.skew(np.exp(s * NORMAL)) - target, 0.01, 2.0, xtol=1e-12)
    return np.asarray(np.exp(solved * NORMAL))


def with_outlier(body: np.ndarray, skew: float) -> np.ndarray:
    """The column and one large value that brings its skew there."""

    def off(value: float) -> float:
        return float(stats.skew(np.append(body, value)) - skew)

    return np.append(body, brentq(off, body.max(), 1e4 * body.max(), xtol=1e-9))


def core(values: np.ndarray) -> float:
    """Skew without 0.5 % at each end."""
    drop = int(0.005 * values.size)
    return float(stats.skew(np.sort(values)[drop:-drop]))


def with_core(target: float) -> np.ndarray:
    """A log-normal column whose core skew is that, with room for one outlier."""
    outlier = 1e6
    solved = brentq(lambda s: core(np.append(np.exp(s * NORMAL), outlier)) - target, 0.01, 2.0, xtol=1e-12)
    return np.asarray(np.exp(solved * NORMAL))


PAIRS: dict[str, tuple[str, Any, Any]] = {
    "99.9 % of one value": (
        "constant",
        [0.0] * 9990 + [float(i) for i in range(1, 11)],
        [0.0] * 9989 + [float(i) for i in range(1, 12)],
    ),
    "two distinct values": ("two_valued", [3.0] * 30 + [8.0] * 30, [3.0] * 30 + [8.0] * 30 + [5.0]),
    "a range of 1.05 n": ("row_id", [*range(999), 1049], [*range(999), 1050]),
    "all distinct": ("row_id", range(1000), [*range(999), 998]),
    "whole numbers": ("row_id", range(1000), [*range(999), 999.5]),
    "ten levels": ("ordinal", [*range(10)] * 30, [*range(11)] * 30),
    "fewer than 20 values": ("few_rows", NORMAL[::53][:19], NORMAL[::50]),
    "30 % zeros": (
        "zero_inflated",
        np.append(np.zeros(30), np.exp(NORMAL[100:800:10])),
        np.append(np.zeros(29), np.exp(NORMAL[100:810:10])),
    ),
    "no value below zero": (
        "zero_inflated",
        np.append(np.zeros(300), np.exp(NORMAL)[:700]),
        np.concatenate([np.zeros(300), np.exp(NORMAL)[:699], [-1e-9]]),
    ),
    "more than ten values with many zeros": (
        "zero_inflated",
        [0.0] * 40 + [0.5 + i for i in range(10)] * 3,
        [0.0] * 40 + [0.5 + i for i in range(9)] * 3,
    ),
    "skew below 1": ("symmetric", skewed(0.999), skewed(1.001)),
    "skew above -1": ("symmetric", -skewed(0.999), -skewed(1.001)),
    "an outlier that brings the skew to 1": (
        "outliers",
        with_outlier(NORMAL, 1.001),
        with_outlier(NORMAL, 0.999),
    ),
    "a skew three times that of the core": (
        "outliers",
        with_outlier(with_core(0.5), 1.501),
        with_outlier(with_core(0.5), 1.499),
    ),
    "a core below 1": (
        "outliers",
        with_outlier(with_core(0.999), 20.0),
        with_outlier(with_core(1.001), 20.0),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_rule_holds_on_this_side_and_not_on_the_other(name: str) -> None:
    wanted, inside, outside = PAIRS[name]
    assert rule(inside) == wanted
    assert rule(outside) != wanted


SENTINEL = [float(v) for v in range(500)]

NOTICES: dict[str, tuple[str, Any, Any]] = {
    "codes: 200 rows": ("code_id", range(100_000, 300_000, 1000), range(100_000, 299_000, 1000)),
    "codes: from 100,000": ("code_id", range(100_000, 101_000, 5), range(99_000, 100_000, 5)),
    "codes: one length": ("code_id", [*range(100_000, 999_999, 3000)], [*range(100_000, 1_000_001, 3000)]),
    "codes: 98 % distinct": (
        "code_id",
        [*range(100_000, 198_000, 100), *[100_000] * 20],
        [*range(100_000, 197_900, 100), *[100_000] * 21],
    ),
    "codes: whole": ("code_id", range(100_000, 300_000, 1000), [*range(100_000, 300_000, 1000), 100_000.5]),
    "sentinel: two rows": ("sentinel", [*SENTINEL, 9999.0, 9999.0], [*SENTINEL, 9999.0]),
    "sentinel: six values": (
        "sentinel",
        [1.0, 2.0, 3.0, 4.0, 5.0, 99.0, 99.0],
        [1.0, 2.0, 3.0, 4.0, 4.0, 99.0, 99.0],
    ),
    "sentinel: as far off as the rest is wide": (
        "sentinel",
        [*SENTINEL[:400], 499.5, 999.0, 999.0],
        [*SENTINEL[:400], 499.75, 999.0, 999.0],
    ),
    "sentinel: nines": ("sentinel", [*SENTINEL, 9999.0, 9999.0], [*SENTINEL, 9998.0, 9998.0]),
    "sentinel: whole nines": ("sentinel", [*SENTINEL, 9999.0, 9999.0], [*SENTINEL, 9999.5, 9999.5]),
    "sentinel: below": ("sentinel", [-999.0, -999.0, *SENTINEL], [-499.0, -499.0, *SENTINEL]),
    "beyond 2^53": ("beyond_2_53", [*range(50), 2.0**53 + 2], [*range(50), 2.0**53]),
    "beyond -2^53": ("beyond_2_53", [*range(50), -(2.0**53) - 2], [*range(50), -(2.0**53)]),
    "beyond 2^53: whole": ("beyond_2_53", [*range(50), 2.0**53 + 2], [0.5, *range(50), 2.0**53 + 2]),
}


@pytest.mark.parametrize("name", NOTICES)
def test_the_warning_is_told_on_this_side_and_not_on_the_other(name: str) -> None:
    wanted, inside, outside = NOTICES[name]
    assert wanted in told(inside)
    assert wanted not in told(outside)


EVIDENCE = Evidence.of(observe_values(np.arange(1000.0)))


@pytest.mark.parametrize(
    ("ask", "inside", "outside"),
    [
        (row_id, {"distinct": 950}, {"distinct": 949}),
        (
            constant_rule,
            {"n": 100_000, "top_share": 0.9995, "distinct": 53},
            {"n": 100_000, "top_share": 0.9995, "distinct": 54},
        ),
    ],
)
def test_an_estimate_of_the_distinct_values_may_be_off_by_five_percent(
    ask: Callable[[Evidence], Verdict | None], inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    """Three standard errors; a count may not be off at all."""
    assert ask(replace(EVIDENCE, exact=False, **inside)) is not None
    assert ask(replace(EVIDENCE, exact=False, **outside)) is None
    assert row_id(replace(EVIDENCE, exact=True, distinct=999)) is None


def test_an_estimate_of_the_codes_may_be_off_by_five_percent() -> None:
    profile = observe_values(np.arange(100_000.0, 300_000.0, 200.0))
    for distinct, found in ((930, ["code_id"]), (929, [])):
        evidence = replace(Evidence.of(profile), exact=False, distinct=distinct)
        assert [notice.id for notice in notices(evidence, profile)] == found


class Fixed:
    """Two candidates with given normal-plot correlations."""

    declared = None

    def __init__(self, boxcox: float, yeojohnson: float) -> None:
        self.known = {"boxcox": boxcox, "yeojohnson": yeojohnson}

    def of(self, name: str, _clip: float | None) -> Candidate:
        """The candidate of that name."""
        return Candidate(method=name, score=Score(self.known[name], 0.0))


def test_box_cox_wins_up_to_one_ten_thousandth_below_yeo_johnson() -> None:
    def method(lead: float) -> str:
        verdict, trial = Verdict(rule="skewed", method=POWER, because=""), Fixed(0.99, 0.99 + lead)
        found = _best_power(verdict, cast("Trial", trial), USUAL)
        assert found
        return found.method

    assert [method(lead) for lead in (-0.1, 0.99e-4, 1.01e-4)] == ["boxcox", "boxcox", "yeojohnson"]


def test_lambda_stays_within_minus_3_and_4_or_5() -> None:
    """Exactly at the bound on columns whose best λ lies beyond it."""

    def powers(values: np.ndarray) -> list[float]:
        tried = {one.method: one.transform for one in chosen(values).candidates}
        found = [tried["boxcox"], tried["yeojohnson"]]
        return [power_of(one) for one in found if one is not None]

    steep = np.exp(-(10 + NORMAL[5:-5]) / 2)
    assert powers((10 + NORMAL) ** (-1 / 6))[0] == -3.0
    assert powers((10 + NORMAL) ** (1 / 8))[0] == 4.0
    assert powers(np.append(np.zeros(3000), steep**-4))[-1] == -3.0
    assert powers(-np.append(np.zeros(3000), steep**-4))[-1] == 5.0


@pytest.mark.parametrize(
    ("values", "clip"),
    [
        (PAIRS["30 % zeros"][1], 4.0),
        (PAIRS["a core below 1"][1], 4.0),
        (NORMAL, 4.0),
        (skewed(2.0), 4.0),
        (PAIRS["two distinct values"][1], None),
        (PAIRS["ten levels"][1], None),
        (PAIRS["fewer than 20 values"][1], None),
        (range(1000), None),
    ],
    ids=["zeros", "outliers", "symmetric", "skewed", "two values", "levels", "few", "row id"],
)
def test_the_soft_clip_is_at_4_after_the_rules_of_shape(values: Any, clip: float | None) -> None:
    assert chosen(values).soft_clip == clip


def test_outliers_are_scaled_to_unit_variance() -> None:
    choice = chosen(PAIRS["a core below 1"][1])
    assert (choice.method, choice.options) == ("robust", {"unit_variance": True})
