"""What a decision says, word by word."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from normflow.fits import Shape
from normflow.profiles import ColumnProfile, observe_values
from normflow.select import Choice, choose
from normflow.select.wording import shown
from normflow.transforms import Squash
from tests.select.test_thresholds import NORMAL, PAIRS, core, with_outlier

ROOMY = [0.5 + i for i in range(5)]
ROOMIER = [0.5 + i for i in range(9)]
OUTLIER = with_outlier(NORMAL, 5.0)
SAID = (
    f"skew 5.00 comes from outliers, {core(OUTLIER):.2f} without the outer 0.5 %: "
    "median and IQR; runner-up Yeo-Johnson"
)

REASONS: dict[str, tuple[Any, str]] = {
    "constant": ([1234567.25] * 30, "always 1234567.25: carries no information"),
    "nearly constant": (
        [16777217.0] * 99_999 + [1.0, 2.0],
        "in 99.99% of the values 16777217: carries no information",
    ),
    "two values": ([1234567.0, 1234568.0] * 20, "two values, 1234567 and 1234568: mapped to 0 and 1"),
    "row id": (
        range(1000),
        "1,000 distinct whole numbers filling 0 to 999: looks like a row id, passed through",
    ),
    "levels": ([*range(5)] * 10, "5 whole-number levels: standardized, steps kept"),
    "few": (ROOMY, "only 5 values: too few to judge a shape, standardized"),
    "symmetric": (NORMAL, "skew 0.00 is small: z-score; runner-up median and IQR"),
    "outliers": (
        OUTLIER,
        SAID,
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_says(name: str) -> None:
    values, sentence = REASONS[name]
    assert choose(observe_values(np.asarray(values, np.float64))).reason == sentence


def test_an_estimate_is_said_to_be_one() -> None:
    profile = observe_values(np.arange(20_000.0))
    assert not profile.exact
    assert choose(profile).reason == (
        f"about {profile.distinct:,} distinct whole numbers filling 0 to 19999: "
        "looks like a row id, passed through"
    )


def test_a_count_that_may_be_too_high_is_said_to_be_one() -> None:
    """A bucket holds 7.0 and perhaps a neighbour."""
    profile = observe_values([7.0] * 100_000 + [10.0 + i for i in range(20)], resolution=8)
    assert not profile.exact
    assert choose(profile).reason.startswith("in up to 99.98% of the values ")


def test_no_number_is_minus_zero() -> None:
    assert [shown(value) for value in (-0.001, -0.01, 0.0, None)] == ["0.00", "-0.01", "0.00", "undefined"]


def test_most_zeros_are_not_said_to_be_all() -> None:
    """99.6 % is no 100 %."""
    choice = choose(observe_values(np.append(np.zeros(4980), np.exp(NORMAL[:20]))))
    assert choice.rule == "zero_inflated"
    assert choice.reason.startswith("99% of the values are 0, the rest positive, skew ")


def told(values: Any, *, resolution: int = 16_384) -> dict[str, str]:
    profile = observe_values(np.asarray(values, np.float64), resolution=resolution)
    return {notice.id: notice.text for notice in choose(profile).notices}


def test_warnings_say() -> None:
    spread = [0.5 + i for i in range(50)]
    assert told([*spread, 9999999.0, 9999999.0]) == {
        "sentinel": "2 rows hold 9999999, far off the rest: if it means 'missing', exclude it by a range"
    }
    wide = [*np.linspace(0.5, 50, 40_000), 9999.0, 9998.5, 9999.0]
    assert told(wide, resolution=64)["sentinel"].startswith("up to 3 rows hold 9999, far off the rest")
    assert told(range(100_000, 300_000, 1000)) == {
        "code_id": "200 distinct whole numbers of one length: looks like a code; exclude it with 'none'"
    }
    assert told([*range(50), 2.0**53 + 2]) == {
        "beyond_2_53": "whole numbers up to 9.00719925474099e+15: above 2^53 neighbours share one float64"
    }


TWO_SCALES = np.concatenate([np.zeros(10), np.exp(np.linspace(-30, 10, 20_000)), 1e9 + NORMAL.repeat(100)])


def test_quartiles_of_wide_buckets_are_told() -> None:
    """They were not looked at again: the profile was made before, or merged since."""
    assert told(TWO_SCALES, resolution=512)["coarse"] == (
        "the quartiles are known only to a bucket wider than 1 % of the IQR: "
        "fit from the rows, which are then read again for them"
    )
    assert "coarse" not in told(TWO_SCALES, resolution=1 << 20)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([0.0] * 900 + np.exp(NORMAL[:100]).tolist(), "the IQR is 0, and there is nothing to scale by"),
        ([-1.7e308, 1.7e308, 1.6e308, -1.6e308] * 10 + ROOMIER, "the IQR is beyond float64"),
    ],
    ids=["zero", "infinite"],
)
def test_median_and_iqr_are_refused_with_the_reason(values: list[float], sentence: str) -> None:
    assert {one.method: one.refusal for one in choose(observe_values(values)).candidates}[
        "robust"
    ] == sentence


def written(choice: Choice, profile: ColumnProfile) -> np.ndarray:
    """What the column becomes, the soft clip included."""
    transform = choice.learned()
    assert transform is not None
    assert choice.soft_clip is not None
    t = transform.points(profile.points().values)
    return np.asarray(t / np.sqrt(1 + (t / choice.soft_clip) ** 2))


@pytest.mark.parametrize("name", ["30 % zeros", "skew below 1", "skew above -1"])
def test_the_skew_in_the_reason_is_that_of_what_is_written(name: str) -> None:
    """A soft clip takes the skew of a heavy tail further down than the power alone."""
    profile = observe_values(np.asarray(PAIRS[name][-1 if "skew" in name else 1]))
    choice = choose(profile)
    skew = float(stats.skew(written(choice, profile).repeat(profile.points().counts)))
    assert f" brings it to {skew:.2f}" in choice.reason
    transform = choice.learned()
    assert transform is not None
    after = Shape.after(profile, transform.then(Squash(choice.soft_clip or 0.0)))
    assert f" brings it to {after.skew:.2f}" in choice.reason
    own = next(one.score for one in choice.candidates if one.method == choice.method)
    assert own is not None
    assert own.skew == pytest.approx(skew, abs=1e-5)  # of some hundred points
