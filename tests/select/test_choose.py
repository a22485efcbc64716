"""The decision on shapes whose answer is known: guards in their order, then the comparison."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from normflow.profiles import observe_values
from normflow.select import Choice, Evidence, choose, score
from normflow.select.plot import normal_scores
from normflow.transforms import Transform
from tests.columns import ZOO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from normflow.profiles import ColumnProfile

RNG = np.random.default_rng(20131104)
NORMAL = RNG.normal(size=2000)
LOG_NORMAL = np.exp(RNG.normal(size=2000))

SHAPES: dict[str, tuple[Sequence[float | None] | NDArray[np.float64], str, str]] = {
    "no value": ([None, None, float("nan")], "no_values", "none"),
    "one value": ([3.5] * 40, "constant", "none"),
    "one value in 99.95 %": ([0.0] * 9995 + [1.0, 2.0, 3.0, 4.0, 5.0], "constant", "none"),
    "two values": ([3.0] * 99 + [8.0], "two_valued", "minmax"),
    "row numbers": (np.arange(1000.0, 2000.0), "row_id", "none"),
    "shuffled row numbers": (RNG.permutation(np.arange(5000.0)), "row_id", "none"),
    "five levels": (RNG.integers(1, 6, 300).astype(float), "ordinal", "zscore"),
    "twelve values": (RNG.normal(size=12), "few_rows", "zscore"),
    "mostly zeros": (np.where(RNG.random(2000) < 0.5, 0.0, LOG_NORMAL), "zero_inflated", "yeojohnson"),
    "normal": (NORMAL, "symmetric", "zscore"),
    "uniform": (RNG.random(2000), "symmetric", "zscore"),
    "normal with one outlier": (np.append(NORMAL, 200.0), "outliers", "robust"),
    "normal with 0.4 % outliers": (np.append(NORMAL, [30.0] * 8), "outliers", "robust"),
    "gamma with one outlier": (np.append(RNG.gamma(4, 1, 2000), 500.0), "outliers", "robust"),
    "log-normal": (LOG_NORMAL, "skewed", "boxcox"),
    "left-skewed log-normal": (-LOG_NORMAL, "skewed", "yeojohnson"),
    "exponential minus five": (RNG.exponential(size=2000) - 5, "skewed", "yeojohnson"),
    "exponential with one outlier": (np.append(RNG.exponential(size=2000), 1000.0), "skewed", "yeojohnson"),
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_known_shapes_get_their_rule_and_method(shape: str) -> None:
    values, rule, method = SHAPES[shape]
    choice = choose(observe_values(values))
    assert (choice.rule, choice.method) == (rule, method), choice.reason


@pytest.mark.parametrize("name", ZOO, ids=str)
def test_every_column_of_the_zoo_gets_a_choice_with_its_evidence(name: str) -> None:
    """A sentence, evidence, candidates with a score or a refusal; the same again in another order of rows."""
    values = ZOO[name]
    choice = choose(observe_values(values))
    assert choice.reason
    assert Choice.from_json(choice.to_json()) == choice
    assert all((one.score is None) == (one.refusal is not None) for one in choice.candidates)
    assert choose(observe_values(values[::-1])) == choice


def test_a_log_normal_column_is_told_as_a_plain_log() -> None:
    """λ near 0 is snapped to 0, so that people can read it."""
    transform = [one.to_json() for one in fitted(choose(observe_values(LOG_NORMAL)), LOG_NORMAL).maps]
    assert {"kind": "boxcox", "lam": 0.0} in transform


def fitted(choice: Choice, values: np.ndarray) -> Transform:
    from normflow.methods import method_named

    return method_named(choice.method, choice.options).fit(observe_values(values))


@pytest.mark.parametrize(
    "values", [NORMAL, np.append(NORMAL, 200.0), RNG.random(500)], ids=["normal", "outlier", "uniform"]
)
def test_mirrored_data_choose_the_mirrored_method(values: np.ndarray) -> None:
    """Left skew is as good as right skew."""
    right, left = choose(observe_values(values)), choose(observe_values(-values))
    assert (right.rule, right.method) == (left.rule, left.method)
    assert right.evidence.skew == pytest.approx(-float(left.evidence.skew or 0), abs=1e-12)


def test_the_sentence_names_the_evidence_the_effect_and_the_runner_up() -> None:
    reason = choose(observe_values(LOG_NORMAL)).reason
    skew = stats.skew(LOG_NORMAL)
    assert reason.startswith(
        f"skew {skew:.2f} and all values positive: Box-Cox λ = 0 (a plain log) brings it to "
    )
    assert reason.endswith("; runner-up Yeo-Johnson")


def test_evidence_agrees_with_scipy() -> None:
    """g1, g2, quantile skew of an exact histogram."""
    evidence = Evidence.of(observe_values(LOG_NORMAL))
    low, middle, high = np.quantile(LOG_NORMAL, [0.1, 0.5, 0.9])
    assert evidence.skew == pytest.approx(stats.skew(LOG_NORMAL), rel=1e-12)
    assert evidence.kurtosis == pytest.approx(stats.kurtosis(LOG_NORMAL), rel=1e-12)
    assert evidence.kelly == pytest.approx((high + low - 2 * middle) / (high - low), rel=1e-12)
    core = np.sort(LOG_NORMAL)[10:-10]
    assert evidence.core_skew == pytest.approx(stats.skew(core), rel=1e-12)


def test_skew_does_not_cancel_far_from_zero() -> None:
    """1e9 ± 1, against scipy on the deviations from the exact mean."""
    for body in (NORMAL, LOG_NORMAL, -LOG_NORMAL):
        x = np.sort(1e9 + body)
        evidence = Evidence.of(observe_values(x))
        assert evidence.skew == pytest.approx(stats.skew(deviations(x)), rel=1e-12, abs=1e-13)
        assert evidence.core_skew == pytest.approx(stats.skew(deviations(x[10:-10])), rel=1e-12, abs=1e-13)


def deviations(values: np.ndarray) -> np.ndarray:
    """The differences from the exact mean, each rounded once."""
    exact = [Fraction(value) for value in values.tolist()]
    mean = sum(exact, Fraction(0)) / len(exact)
    return np.array([float(value - mean) for value in exact])


def test_of_few_values_one_is_left_out_at_each_end() -> None:
    evidence = Evidence.of(observe_values(NORMAL[:50]))
    assert evidence.core_skew == pytest.approx(stats.skew(np.sort(NORMAL[:50])[1:-1]), rel=1e-12)
    assert Evidence.of(observe_values([1.0, 2.0, 5.0])).core_skew is None


def test_normality_does_not_cancel_far_from_zero() -> None:
    """1e9 ± 1e-3, against scipy on the deviations from the exact mean."""
    x = np.sort(1e9 + 1e-3 * LOG_NORMAL[:400])
    expected = stats.pearsonr(deviations(x), normal_scores(np.ones(400))).statistic
    profile = observe_values(x)
    assert profile.distinct > 390
    found = stats.pearsonr(
        np.repeat(deviations_of(profile), profile.points().counts),
        np.repeat(normal_scores(profile.points().counts), profile.points().counts),
    ).statistic
    assert score(profile, Transform.identity()).normality == pytest.approx(found, rel=1e-12)
    assert found == pytest.approx(expected, rel=1e-6)


def deviations_of(profile: ColumnProfile) -> np.ndarray:
    """The differences of the profile's values from one of them, which are exact."""
    values = profile.points().values
    return np.asarray(values - values[0])


def test_normality_is_the_correlation_with_normal_scores() -> None:
    """Against scipy's correlation of the sorted values with Φ⁻¹ of their mid-ranks."""
    values = np.sort(RNG.exponential(size=400))
    expected = stats.pearsonr(values, stats.norm.ppf((np.arange(400) + 0.5) / 400)).statistic
    assert score(observe_values(values), Transform.identity()).normality == pytest.approx(expected, rel=1e-12)
    assert np.allclose(normal_scores(np.ones(5)), stats.norm.ppf(np.array([0.1, 0.3, 0.5, 0.7, 0.9])))


@pytest.mark.parametrize("sentinel", [-999.0, 9999.0])
def test_sentinels_are_told_and_kept(sentinel: float) -> None:
    """Three rows of 9999 far off the rest: a warning with what to do, and no value dropped silently."""
    choice = choose(observe_values(np.append(20 + 5 * NORMAL[:300], [sentinel] * 3)))
    assert "sentinel" in {notice.id for notice in choice.notices}


def test_codes_are_told() -> None:
    """Distinct whole numbers of one length look like a code."""
    codes = np.asarray(RNG.choice(np.arange(100_000, 999_999), 500, replace=False), np.float64)
    assert [notice.id for notice in choose(observe_values(codes)).notices] == ["code_id"]


def test_whole_numbers_beyond_2_53_are_told() -> None:
    """Above 2^53 neighbours share one float64."""
    values = np.asarray(2.0**53 + 2 * RNG.integers(0, 10**6, 300), np.float64)
    assert "beyond_2_53" in {notice.id for notice in choose(observe_values(values)).notices}


def test_a_wide_bucket_is_no_atom() -> None:
    """Many distinct values around 1e9 and a few near zero share one bucket; that is no constant column."""
    values = np.concatenate([1e9 + RNG.random(100_000), np.exp(RNG.normal(0, 30, 60))])
    profile = observe_values(values, resolution=8)
    assert profile.top_share is not None
    assert profile.top_share > 0.99
    assert choose(profile).rule != "constant"
