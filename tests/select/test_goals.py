"""What each goal gives, on columns whose answer is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest
from scipy import stats

from normflow.fits.column import learn_column
from normflow.profiles import observe_values
from normflow.select import choose
from normflow.spec import Goal, MethodSpec
from normflow.transforms import Affine
from tests.columns import ZOO
from tests.select.test_thresholds import NORMAL, skewed, with_outlier

if TYPE_CHECKING:
    from normflow.fits import ColumnFit

RNG = np.random.default_rng(4)
LOG_NORMAL = np.exp(NORMAL)
TWO_HUMPS = np.concatenate([NORMAL[::2] - 5, NORMAL[1::2] + 5])
HALF_ZEROS = np.concatenate([np.zeros(1000), LOG_NORMAL])
OUTLIER = with_outlier(NORMAL, 20.0)
GOALS: tuple[Goal, ...] = get_args(Goal)


def fitted(values: Any, goal: Goal, **line: Any) -> ColumnFit:
    profile = observe_values(np.asarray(values, np.float64))
    return learn_column("x", profile, MethodSpec(method="auto", **line), goal=goal)


def written(values: Any, goal: Goal, **line: Any) -> np.ndarray:
    return fitted(values, goal, **line).transform.points(np.asarray(values, np.float64))


CHOSEN: dict[str, tuple[Any, dict[Goal, str]]] = {
    "normal": (
        NORMAL,
        {
            "model": "zscore",
            "gaussian": "zscore",
            "robust": "squash",
            "bounded": "minmax",
            "preserve": "zscore",
        },
    ),
    "log-normal": (
        LOG_NORMAL,
        {
            "model": "boxcox",
            "gaussian": "boxcox",
            "robust": "squash",
            "bounded": "boxcox",
            "preserve": "zscore",
        },
    ),
    "two humps": (TWO_HUMPS, {"model": "zscore", "gaussian": "quantile_normal", "bounded": "minmax"}),
    "an outlier": (
        OUTLIER,
        {"model": "robust", "robust": "squash", "bounded": "robust", "preserve": "robust"},
    ),
    "half zeros": (
        HALF_ZEROS,
        {
            "model": "yeojohnson",
            "gaussian": "quantile_normal",
            "robust": "yeojohnson",
            "bounded": "yeojohnson",
            "preserve": "zscore",
        },
    ),
    "two values": ([3.0] * 30 + [8.0] * 30, dict.fromkeys(GOALS, "minmax")),
    "one value": ([3.0] * 30, dict.fromkeys(GOALS, "none")),
    "row numbers": (range(300), dict.fromkeys(GOALS, "none")),
    "levels": ([*range(5)] * 30, {**dict.fromkeys(GOALS, "zscore"), "bounded": "minmax"}),
    "twelve values": (
        LOG_NORMAL[::83],
        {**dict.fromkeys(GOALS, "zscore"), "robust": "robust", "bounded": "minmax"},
    ),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_each_goal_gets_its_method(name: str) -> None:
    values, methods = CHOSEN[name]
    assert {goal: fitted(values, goal).method for goal in methods} == methods


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("name", ZOO, ids=str)
def test_every_column_of_the_zoo_is_chosen_for_and_kept_on_record(name: str, goal: Goal) -> None:
    """A sentence, a path that ends in the rule that held, and the same after JSON and in another order."""
    profile = observe_values(ZOO[name])
    choice = choose(profile, goal=goal)
    assert choice.reason
    assert [step.held for step in choice.path] == [False] * (len(choice.path) - 1) + [True]
    assert type(choice).from_json(choice.to_json()) == choice
    assert choose(observe_values(ZOO[name][::-1]), goal=goal) == choice
    learn_column("x", profile, MethodSpec(method="auto"), goal=goal)


@pytest.mark.parametrize(
    "values", [NORMAL, LOG_NORMAL, -LOG_NORMAL, TWO_HUMPS, OUTLIER, HALF_ZEROS, range(11)]
)
def test_bounded_gives_0_to_1_and_both_ends(values: Any) -> None:
    y = written([*values, *values], "bounded")
    assert (y.min(), y.max()) == (0.0, 1.0)


@pytest.mark.parametrize("values", [NORMAL, LOG_NORMAL, OUTLIER, HALF_ZEROS])
def test_a_declared_range_gives_the_ends_of_bounded(values: np.ndarray) -> None:
    """The declared ends, not the data's, go to 0 and 1; here 0 is declared, where Box-Cox ends."""
    lo, hi = min(0.0, 2 * float(values.min())), 2 * float(values.max())
    fit = fitted(values, "bounded", declared=(lo, hi))
    ends = fit.transform.points(np.array([lo, hi]))
    assert ends == pytest.approx([0.0, 1.0], abs=1e-15)
    assert fit.after.min is not None
    assert fit.after.min >= 0.0


def test_a_declared_range_is_told_where_the_values_fill_little_of_it_or_leave_it() -> None:
    def told(lo: float, hi: float) -> dict[str, str]:
        profile = observe_values(np.linspace(20, 25, 401) + 0.001)
        choice = choose(profile, goal="bounded", declared=(lo, hi))
        return {one.id: one.text for one in choice.notices}

    assert told(0.0, 50.0) == {}
    assert told(0.0, 100.0) == {
        "narrow": "values fill 5.0% of the declared range 0 to 100, and so of 0 to 1: "
        "declare a narrower range, or name minmax with bounds: fitted"
    }
    assert told(22.0, 30.0) == {
        "outside_declared": "values from 20.001 to 25.001 leave the declared range 22 to 30: "
        "widen it, or let the contract stop them"
    }


@pytest.mark.parametrize("values", [NORMAL, LOG_NORMAL, TWO_HUMPS, OUTLIER, HALF_ZEROS])
def test_preserve_shifts_and_scales_and_does_nothing_else(values: np.ndarray) -> None:
    assert all(isinstance(one, Affine) for one in fitted(values, "preserve").transform.maps)


@pytest.mark.parametrize("values", [NORMAL, LOG_NORMAL, -LOG_NORMAL, OUTLIER])
def test_robust_is_median_and_iqr_with_a_soft_clip_at_3(values: np.ndarray) -> None:
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    z = (values - middle) / (high - low)
    assert written(values, "robust") == pytest.approx(z / np.sqrt(1 + (z / 3) ** 2), abs=1e-12)


@pytest.mark.parametrize("n", [399, 400, 899, 900, 20_000])
def test_gaussian_takes_more_knots_for_more_values(n: int) -> None:
    choice = choose(observe_values(RNG.random(n) ** 3 * RNG.choice([-1, 1], n)), goal="gaussian")
    assert choice.options == {"n_quantiles": 32 if n < 400 else 64 if n < 900 else 256, "ranks": "mid"}


@pytest.mark.parametrize("n", [100, 1000, 30_000])
def test_gaussian_leaves_what_is_as_normal_as_so_many_values_can_tell(n: int) -> None:
    """The normal-plot correlation within 1.5/n (at least 1e-4) of 1, against scipy's correlation."""
    scores = stats.norm.ppf((np.arange(n) + 0.5) / n)
    allowed = max(1.5 / n, 1e-4)

    def bent(by: float) -> tuple[np.ndarray, float]:
        x = scores + by * scores**2 * np.sign(scores)
        return x, 1.0 - float(stats.pearsonr(x, scores).statistic)

    inside = next(by for by in np.linspace(2.0, 0.0, 2000) if bent(by)[1] < 0.95 * allowed)
    outside = next(by for by in np.linspace(0.0, 2.0, 2000) if bent(by)[1] > 1.05 * allowed)
    assert choose(observe_values(bent(inside)[0]), goal="gaussian").rule == "normal"
    assert choose(observe_values(bent(outside)[0]), goal="gaussian").rule == "not_normal"


def test_gaussian_puts_zeros_in_the_middle_of_their_ranks() -> None:
    """Half of the rows are 0: Φ⁻¹(¼), and not the lower end."""
    fit = fitted(HALF_ZEROS, "gaussian")
    assert fit.transform.points(np.array([0.0]))[0] == pytest.approx(stats.norm.ppf(0.25), abs=1e-12)


def test_gaussian_is_as_normal_as_scipys_ranks() -> None:
    y = written(TWO_HUMPS, "gaussian")
    ranks = stats.norm.ppf((stats.rankdata(TWO_HUMPS) - 0.5) / TWO_HUMPS.size)
    assert stats.pearsonr(y, ranks).statistic > 0.9999


@pytest.mark.parametrize(
    ("values", "goal", "reason"),
    [
        (NORMAL, "gaussian", "normal-plot correlation 1.0000 is within 0.0015 of the best: z-score"),
        (skewed(3.0), "preserve", "skew 3.00 is kept, as all distances: z-score"),
        (LOG_NORMAL[::83], "bounded", "only 13 values: too few to judge a shape, brought to 0 to 1"),
        (LOG_NORMAL[::83], "robust", "only 13 values: too few to judge a shape, scaled by median and IQR"),
    ],
)
def test_the_reason_of_a_goal_says(values: np.ndarray, goal: Goal, reason: str) -> None:
    assert choose(observe_values(values), goal=goal).reason.partition("; runner-up")[0] == reason
