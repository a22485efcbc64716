"""λ is the λ of the largest likelihood, wherever it lies."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from normflow import transforms
from normflow.errors import FitError
from normflow.methods import BoxCox, YeoJohnson
from normflow.methods.likelihood import Likelihood, maximum
from normflow.methods.root import increasing_root
from normflow.profiles import observe_values
from normflow.transforms import Transform
from tests.methods.catalogue import PROFILES, finite, power_of
from tests.transforms import exact

SPREAD = [name for name, p in PROFILES.items() if p.n and not p.is_constant]
POSITIVE = [name for name in SPREAD if finite(name).min() > 0]
# two values have no likelihood to speak of; for the others scipy looks elsewhere, or finds no bounds
BEYOND_SCIPY = {"two-valued rare", "years", "one outlier past 1e154 IQRs"}
# float64 cannot tell λ apart on these: three or four neighbouring numbers, or λ near 1e160
HOPELESS = {"offset 1e15", "beyond 2^53", "denormals", "tiny 1e-160"}


def loss(family: type[BoxCox | YeoJohnson], values: np.ndarray, lam: float) -> Decimal:
    """Minus the log-likelihood per row by its definition, in 150-digit decimals."""
    with exact.decimals(150):
        x = [Decimal(v) for v in values.tolist()]
        if family is BoxCox:
            y = [exact._forward(transforms.BoxCox(lam), v) for v in x]
            logs = [v.ln() for v in x]
        else:
            y = [exact._forward(transforms.YeoJohnson(lam), v) for v in x]
            logs = [(1 + abs(v)).ln().copy_sign(v) for v in x]
        mean = mean_of(y)
        variance = mean_of([(v - mean) ** 2 for v in y])
        return variance.ln() / 2 - (Decimal(lam) - 1) * mean_of(logs)


def mean_of(numbers: list[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0)) / len(numbers)


def fitted(family: type[BoxCox | YeoJohnson], values: np.ndarray) -> float:
    points = observe_values(values).points()
    make = Likelihood.box_cox if family is BoxCox else Likelihood.yeo_johnson
    likelihood = make(points.values, points.counts.astype(np.float64))
    return maximum(likelihood, likelihood)


@pytest.mark.parametrize(
    ("family", "name"),
    [(BoxCox, name) for name in POSITIVE if name not in HOPELESS]
    + [(YeoJohnson, name) for name in SPREAD if name not in HOPELESS],
    ids=str,
)
def test_lambda_is_within_1e_6_of_the_largest_exact_likelihood(
    family: type[BoxCox | YeoJohnson], name: str
) -> None:
    """The loss is convex, so a λ that is better than both neighbours is within their distance of the best."""
    values = finite(name)
    values = values[:: 5 if values.size > 100 else 1]  # decimals are slow
    lam = fitted(family, values)
    step = 1e-6 * max(1.0, abs(lam))
    assert loss(family, values, lam) < min(loss(family, values, lam - step), loss(family, values, lam + step))


@pytest.mark.parametrize(
    "name",
    [name for name in POSITIVE if PROFILES[name].n >= 100 and name not in {"two-valued rare", "years"}],
)
def test_box_cox_s_lambda_is_scipy_s(name: str) -> None:
    """Years lie at λ = 24, beyond where scipy looks; two values have no likelihood to speak of."""
    _, wanted = scipy.stats.boxcox(finite(name))
    assert fitted(BoxCox, finite(name)) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    "name",
    [name for name in SPREAD if PROFILES[name].n >= 100 and name not in BEYOND_SCIPY],
)
def test_yeo_johnson_s_lambda_is_scipy_s(name: str) -> None:
    wanted = scipy.stats.yeojohnson_normmax(finite(name))
    assert fitted(YeoJohnson, finite(name)) == pytest.approx(wanted, abs=1e-6)


@given(st.lists(st.floats(-100, 100).map(lambda v: round(v, 2)), min_size=3, max_size=30, unique=True))
@settings(max_examples=60, deadline=None)
def test_yeo_johnson_of_the_mirrored_data_has_two_less_lambda(values: list[float]) -> None:
    x = np.array(values)
    lam = fitted(YeoJohnson, x)
    assert fitted(YeoJohnson, -x) == pytest.approx(2 - lam, abs=1e-6 * max(1.0, abs(lam)))


@given(
    st.lists(st.floats(0.01, 100).map(lambda v: round(v, 2)), min_size=3, max_size=30, unique=True),
    st.floats(1e-3, 1e3),
)
@settings(max_examples=60, deadline=None)
def test_box_cox_s_lambda_does_not_depend_on_the_unit(values: list[float], unit: float) -> None:
    x = np.array(values)
    lam = fitted(BoxCox, x)
    assert fitted(BoxCox, x * unit) == pytest.approx(lam, abs=1e-6 * max(1.0, abs(lam)))


def test_a_histogram_that_is_not_exact_gives_lambda_to_a_thousandth() -> None:
    x = np.random.default_rng(0).gamma(2.0, size=40_000)
    profile = observe_values(x, resolution=4096)
    assert not profile.exact
    transform = BoxCox().fit(profile)
    assert power_of(transform) == pytest.approx(scipy.stats.boxcox(x)[1], abs=1e-3)


def test_the_coarse_start_leaves_no_trace() -> None:
    x = np.sort(np.random.default_rng(1).standard_t(2, 3000))
    points = observe_values(x).condensed(200)
    full = Likelihood.yeo_johnson(x, np.ones(x.size))
    coarse = Likelihood.yeo_johnson(points.values, points.counts.astype(np.float64))
    assert maximum(full, coarse) == pytest.approx(maximum(full, full), abs=1e-9)


def test_years_are_no_trouble_with_prescaling() -> None:
    """Powers of years leave float64's precision long before λ = −700; those of x/median do not."""
    x = 2000 + np.random.default_rng(2).gamma(2.0, size=2000)
    profile = observe_values(x)
    refusal = BoxCox().refuses(profile)
    assert refusal is not None
    assert "flattens its values to (nearly) one number" in refusal
    mapped = BoxCox(prescale=True).fit(profile).points(x)
    wanted = scipy.stats.zscore(scipy.stats.boxcox(x / np.median(x))[0])
    assert mapped == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(("bounds", "lam"), [((-3.0, 0.1), 0.1), ((0.5, 2.0), 0.5), ((-3.0, 4.0), None)])
def test_bounds_confine_lambda(bounds: tuple[float, float], lam: float | None) -> None:
    """The likelihood has one maximum: the best λ within bounds is the best of all, or the nearer bound."""
    profile = PROFILES["cents"]
    free = power_of(BoxCox().fit(profile))
    assert power_of(BoxCox(lambda_bounds=bounds).fit(profile)) == (free if lam is None else lam)


def test_a_lambda_that_flattens_or_overflows_is_refused() -> None:
    years = PROFILES["years"]
    assert BoxCox(lambda_bounds=(-60.0, -50.0)).refuses(years) == (
        "boxcox with lam -50.0 flattens its values to (nearly) one number, 0.02; set prescale: true"
    )
    assert BoxCox(lambda_bounds=(200.0, 300.0)).refuses(years) == (
        "boxcox with lam 200.0 takes its values beyond float64"
    )
    assert BoxCox().refuses(PROFILES["normal"]) == (
        f"the smallest value is {PROFILES['normal'].min}, and boxcox needs x > 0; take yeojohnson"
    )


def test_lambda_snaps_to_a_readable_one_within_its_confidence_interval() -> None:
    x = np.exp(np.random.default_rng(3).normal(size=400))
    free = power_of(BoxCox().fit(observe_values(x)))
    assert 0.0 < abs(free) < 0.06
    assert scipy.stats.boxcox_llf(free, x) - scipy.stats.boxcox_llf(0.0, x) < 1.92
    assert power_of(BoxCox(snap=True).fit(observe_values(x))) == 0.0
    assert power_of(BoxCox(snap=True, lambda_bounds=(0.001, 1.0)).fit(observe_values(x))) != 0.0


def test_lambda_does_not_snap_where_the_likelihood_falls() -> None:
    x = np.exp(np.random.default_rng(4).normal(size=30_000))
    x = (1 + 0.03 * np.log(x)) ** (1 / 0.03)  # the λ of this is 0.03
    profile = observe_values(x)
    free = power_of(BoxCox().fit(profile))
    assert 0.0 < free < 0.06
    assert scipy.stats.boxcox_llf(free, x) - scipy.stats.boxcox_llf(0.0, x) > 1.92
    assert power_of(BoxCox(snap=True).fit(profile)) == free


def test_lambda_is_a_multiple_of_two_to_the_minus_24() -> None:
    for name in ("cents", "bytes", "row ids"):
        assert (power_of(YeoJohnson().fit(PROFILES[name])) * 2**24).is_integer()


def test_yeo_johnson_is_prescaled_by_median_and_iqr() -> None:
    profile = PROFILES["student t2"]
    lo, middle, hi = np.quantile(finite("student t2"), [0.25, 0.5, 0.75])
    first = YeoJohnson(prescale=True).fit(profile).maps[0]
    assert first == transforms.Affine(shift=middle, scale=(hi - lo) / 1.349)


def test_without_standardizing_the_map_stands_alone() -> None:
    transform = YeoJohnson(standardize=False).fit(PROFILES["cents"])
    assert transform == Transform(YeoJohnson().fit(PROFILES["cents"]).maps[:1])


def test_a_search_that_finds_nothing_is_refused() -> None:
    with pytest.raises(FitError, match="the search for the best parameter found none near"):
        increasing_root(lambda _: 1.0, 0.0, 1.0, 1e-10)
    with pytest.raises(FitError, match="the search for the best parameter found none near"):
        increasing_root(lambda x: float("nan") if x else -1.0, 0.0, 1.0, 1e-10)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.floats(-100, 100))
@settings(max_examples=100, deadline=None)
def test_the_root_of_a_rising_function_is_found(root: float, rise: float, start: float) -> None:
    found = increasing_root(lambda x: np.arctan(x - root) + 1e-3 * (x - root), start, rise, 1e-10)
    assert found == pytest.approx(root, rel=1e-9, abs=1e-9)
