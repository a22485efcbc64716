"""Power methods: scikit-learn's and scipy's numbers, and a λ that outliers do not move."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from sklearn.preprocessing import PowerTransformer

from normflow import transforms
from normflow.methods import BoxCox, YeoJohnson
from normflow.profiles import observe_values
from normflow.transforms import Transform
from normflow.transforms import YeoJohnson as YeoJohnsonMap
from tests.methods.catalogue import PROFILES, finite, power_of
from tests.methods.weather import WEATHER
from tests.transforms.catalogue import applied, column

SPREAD = [name for name, p in PROFILES.items() if p.n and not p.is_constant]
FIVE = PROFILES["one to five"]
every_measured_column = pytest.mark.parametrize("name", WEATHER)


@pytest.mark.parametrize(
    "name", ["log-normal", "cents", "row ids", "uniform with nulls", "beta", "one to five"]
)
def test_box_cox_agrees_with_scikit_learn(name: str) -> None:
    values = finite(name)
    wanted = PowerTransformer("box-cox").fit_transform(values[:, None])[:, 0]
    assert BoxCox().fit(PROFILES[name]).points(values) == pytest.approx(wanted, abs=1e-6, rel=1e-6)


@pytest.mark.parametrize(
    "name",
    [
        "normal",
        "student t2",
        "integers",
        "bytes",
        "bimodal",
        "zero-inflated",
        "atoms",
        "negative log-normal",
        "cents",
    ],
)
def test_yeo_johnson_agrees_with_scikit_learn(name: str) -> None:
    values = finite(name)
    wanted = PowerTransformer("yeo-johnson").fit_transform(values[:, None])[:, 0]
    assert YeoJohnson().fit(PROFILES[name]).points(values) == pytest.approx(wanted, abs=2e-6, rel=2e-6)


SEARCH_LOST = {"precip"}  # 94 % zeros, and λ = −228


@pytest.mark.parametrize("name", sorted(SEARCH_LOST))
def test_where_scipy_s_search_ends_early_ours_finds_a_larger_likelihood(name: str) -> None:
    values = WEATHER[name]
    lam = power_of(YeoJohnson().fit(observe_values(values)))
    theirs = scipy.stats.yeojohnson_normmax(values)
    assert scipy.stats.yeojohnson_llf(lam, values) > scipy.stats.yeojohnson_llf(theirs, values) + 1000


@every_measured_column
def test_power_methods_agree_with_scikit_learn_and_scipy_on_real_data(name: str) -> None:
    values = WEATHER[name]
    profile = observe_values(values)
    ours = YeoJohnson().attempt(profile)
    if isinstance(ours, Transform) and name not in SEARCH_LOST:
        assert power_of(ours) == pytest.approx(scipy.stats.yeojohnson_normmax(values), abs=1e-6)
        wanted = PowerTransformer("yeo-johnson").fit_transform(values[:, None])[:, 0]
        assert ours.points(values) == pytest.approx(wanted, abs=2e-6, rel=2e-6)
    positive = BoxCox().attempt(profile)
    if isinstance(positive, Transform):
        mapped, lam = scipy.stats.boxcox(values)
        assert power_of(positive) == pytest.approx(lam, abs=1e-6)
        wanted = PowerTransformer("box-cox").fit_transform(values[:, None])[:, 0]
        assert positive.points(values) == pytest.approx(wanted, abs=2e-6, rel=2e-6)
        alone = BoxCox(standardize=False).fit(profile).points(values)
        assert alone == pytest.approx(mapped, rel=1e-4)


@pytest.mark.parametrize("lam", [-1.3, -0.5, 0.0, 0.4, 1.0, 2.0, 2.7])
@pytest.mark.parametrize("name", ["student t2", "cents", "bimodal", "bytes"])
def test_the_power_maps_are_scipy_s(lam: float, name: str) -> None:
    values = finite(name)
    found = transforms.YeoJohnson(lam).points(values)
    assert found == pytest.approx(scipy.stats.yeojohnson(values, lam), rel=1e-12, abs=1e-14)
    positive = values[values > 0]
    assert transforms.BoxCox(lam).points(positive) == pytest.approx(
        scipy.stats.boxcox(positive, lam), rel=1e-12, abs=1e-14
    )


@pytest.mark.parametrize("lam", [0.3, 1.0, 1.6])
def test_a_robust_lambda_is_not_moved_by_five_percent_of_outliers(lam: float) -> None:
    normal = np.random.default_rng(7).normal(size=2000)
    x = applied(column(normal), YeoJohnsonMap(lam).inverse_stages("x", "_")).drop_nulls().to_numpy()
    spoiled = np.append(x, np.full(100, 30 * np.quantile(x, 0.99)))
    clean, dirty = observe_values(x), observe_values(spoiled)
    assert power_of(YeoJohnson(robust=True).fit(clean)) == pytest.approx(lam, abs=0.1)
    assert power_of(YeoJohnson(robust=True).fit(dirty)) == pytest.approx(lam, abs=0.15)
    assert abs(power_of(YeoJohnson().fit(dirty)) - lam) > 0.3
    assert YeoJohnson(robust=True).needs() == (0.25, 0.5, 0.75)


def test_where_the_iqr_is_zero_a_robust_lambda_is_that_of_all_values() -> None:
    profile = PROFILES["two-valued rare"]
    assert YeoJohnson(robust=True).attempt(profile) == YeoJohnson().attempt(profile)
