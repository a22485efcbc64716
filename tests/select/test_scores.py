"""The scores of candidates, against scipy and a plain reading of R's pearson.test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from normflow.methods import method_named
from normflow.profiles import observe_values
from normflow.select import Score, choose, score
from normflow.transforms import Transform

RNG = np.random.default_rng(11)
N = 60_000
COLUMNS = {
    "normal": RNG.normal(5, 2, 1500),
    "log-normal": np.exp(RNG.normal(size=1500)),
    "levels": RNG.binomial(20, 0.4, 1500).astype(np.float64),
    "five values": np.array([1.0, 2.0, 4.0, 8.0, 9.0]),
}
LARGE = {
    "normal": RNG.normal(5, 2, N),
    "log-normal": np.exp(RNG.normal(size=N)),
    "half zeros": np.where(RNG.random(N) < 0.5, 0.0, RNG.exponential(size=N)),
    "two humps": np.concatenate([RNG.normal(-3, 1, N // 2), RNG.normal(3, 1, N // 2)]),
}


def pearson_test(x: np.ndarray) -> float:
    """P/df as nortest::pearson.test has them (adjust = TRUE), with no row beyond the classes."""
    n = x.size
    classes = math.ceil(2 * n ** (2 / 5))
    places = np.floor(1 + classes * stats.norm.cdf(x, x.mean(), x.std(ddof=1))).astype(int)
    counts = np.bincount(np.minimum(places, classes), minlength=classes + 1)[1:]
    return float(((counts - n / classes) ** 2 / (n / classes)).sum() / (classes - 3))


def scored(values: np.ndarray, method: str = "none", soft_clip: float | None = None) -> Score:
    profile = observe_values(values)
    return score(profile, method_named(method).fit(profile), soft_clip)


@pytest.mark.parametrize("name", COLUMNS)
def test_scores_of_an_exact_histogram_are_those_of_the_rows(name: str) -> None:
    x = COLUMNS[name]
    found = scored(x)
    assert found.skew == pytest.approx(stats.skew(x), abs=1e-12)
    assert found.kurtosis == pytest.approx(stats.kurtosis(x), abs=1e-11)
    assert found.pearson == pytest.approx(pearson_test(x), rel=1e-12)


@pytest.mark.parametrize("name", LARGE)
def test_scores_of_a_condensed_histogram_are_close(name: str) -> None:
    x = LARGE[name]
    found = scored(x)
    assert found.skew == pytest.approx(stats.skew(x), rel=1e-3, abs=1e-3)
    assert found.kurtosis == pytest.approx(stats.kurtosis(x), rel=1e-3, abs=2e-3)
    assert found.pearson == pytest.approx(pearson_test(x), rel=0.15, abs=0.25)


def test_scores_after_a_transform_are_those_of_what_is_written() -> None:
    x = COLUMNS["log-normal"]
    z = np.log(x)
    z = (z - z.mean()) / z.std()
    y = z / np.sqrt(1 + (z / 4) ** 2)
    found = scored(x, "log", 4.0)
    assert found.skew == pytest.approx(stats.skew(y), abs=1e-10)
    assert found.kurtosis == pytest.approx(stats.kurtosis(y), abs=1e-10)
    assert found.pearson == pytest.approx(pearson_test(y), rel=1e-12)


def test_what_has_no_spread_has_no_score() -> None:
    assert score(observe_values([1.0, 1.0]), Transform.identity()) == Score(None, None)
    assert score(observe_values([]), Transform.identity()) == Score(None, None)
    assert scored(np.array([1.0, 2.0])).pearson is None


def test_a_choice_tells_the_scores_before_and_after() -> None:
    choice = choose(observe_values(COLUMNS["log-normal"]))
    assert choice.before is not None
    assert choice.before.pearson is not None
    assert choice.before.skew == pytest.approx(stats.skew(COLUMNS["log-normal"]), abs=1e-12)
    assert choice.before.pearson == pytest.approx(pearson_test(COLUMNS["log-normal"]), rel=1e-12)
    assert [one.method for one in choice.candidates] == ["zscore", "robust", "boxcox", "yeojohnson"]
    chosen = next(one for one in choice.candidates if one.method == choice.method)
    assert chosen.score is not None
    assert chosen.score.pearson is not None
    assert chosen.score.pearson < choice.before.pearson
    assert chosen.formula is not None
