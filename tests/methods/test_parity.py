"""Methods against exact fractions, scipy, and scikit-learn wherever it is right itself."""

from __future__ import annotations

import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import scipy.special
import scipy.stats
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from normflow import transforms
from normflow.methods import (
    Asinh,
    BoxCox,
    Cbrt,
    Logit,
    MaxAbs,
    Method,
    MinMax,
    QuantileNormal,
    QuantileUniform,
    Robust,
    Sqrt,
    Squash,
    YeoJohnson,
    ZScore,
)
from normflow.profiles import observe_values
from normflow.transforms import Affine, Transform
from tests.methods.catalogue import PROFILES, exact_std, finite, power_of
from tests.transforms.catalogue import applied, column

DATA = Path(__file__).parents[2] / "configs" / "data"
SPREAD = [name for name, p in PROFILES.items() if p.n and not p.is_constant]
PAIRS: tuple[tuple[Method, Any], ...] = (
    (ZScore(), StandardScaler()),
    (MinMax(), MinMaxScaler()),
    (MinMax(range=(-1.0, 1.0)), MinMaxScaler(feature_range=(-1, 1))),
    (MaxAbs(), MaxAbsScaler()),
    (Robust(), RobustScaler()),
    (
        Robust(quantiles=(0.1, 0.9), unit_variance=True),
        RobustScaler(quantile_range=(10, 90), unit_variance=True),
    ),
)


def exact(method: Method, values: np.ndarray) -> list[Fraction]:
    """What the method's formula gives in fractions."""
    x = [Fraction(v) for v in values.tolist()]
    lo, hi = Fraction(values.min()), Fraction(values.max())
    if isinstance(method, ZScore):
        mean, std = exact_std(values, method.ddof)
        return [(v - mean) / Fraction(std) for v in x]
    if isinstance(method, MinMax):
        a, b = (Fraction(end) for end in method.range)
        return [(v - lo) / (hi - lo) * (b - a) + a for v in x]
    return [v / Fraction(np.abs(values).max()) for v in x]


def off(found: np.ndarray, wanted: list[Fraction]) -> float:
    """The largest error, in units of max(1, |y|)."""
    return max(
        float(abs(Fraction(y) - right) / max(Fraction(1), abs(right)))
        for y, right in zip(found.tolist(), wanted, strict=True)
    )


@pytest.mark.parametrize(
    "method", [ZScore(), ZScore(ddof=1), MinMax(), MinMax(range=(-1.0, 1.0)), MaxAbs()], ids=str
)
@pytest.mark.parametrize("name", SPREAD)
def test_affine_methods_agree_with_exact_fractions(method: Method, name: str) -> None:
    """To 1e-12, or to what one float64 can hold of the mean of numbers far from 0."""
    outcome, values = method.attempt(PROFILES[name]), finite(name)
    if isinstance(outcome, Transform):
        found = applied(column(values), outcome.stages("x", "_")).to_numpy()
        affine = outcome.maps[0]
        assert isinstance(affine, Affine)
        resolution = np.spacing(abs(affine.shift)) / affine.scale
        assert off(found, exact(method, values)) <= 1e-12 + resolution


@pytest.mark.parametrize(("method", "theirs"), PAIRS, ids=str)
@pytest.mark.parametrize("name", SPREAD)
def test_affine_methods_agree_with_scikit_learn(method: Method, theirs: Any, name: str) -> None:
    """Wherever its result is within 1e-12 of the exact one (or, for quantiles, is a number at all)."""
    outcome, values = method.attempt(PROFILES[name]), finite(name)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        wanted = theirs.fit_transform(values[:, None])[:, 0]
    if isinstance(outcome, str) or not _is_right(wanted, method, values):
        return
    found = applied(column(values), outcome.stages("x", "_")).to_numpy()
    assert found == pytest.approx(wanted, rel=2e-12, abs=2e-12)


def _is_right(theirs: np.ndarray, method: Method, values: np.ndarray) -> bool:
    if not np.isfinite(theirs).all():
        return False
    if isinstance(method, Robust):
        # where the quantiles are one value, or the scale is tiny, it divides by 1
        lo, hi = np.quantile(values, method.quantiles)
        return bool(hi - lo > 1e-14)
    return off(theirs, exact(method, values)) <= 1e-12


def test_scikit_learn_is_right_on_most_columns() -> None:
    """The comparison above is not empty."""
    right = 0
    for name in SPREAD:
        with np.errstate(all="ignore"):
            wanted = StandardScaler().fit_transform(finite(name)[:, None])[:, 0]
        right += _is_right(wanted, ZScore(), finite(name))
    assert right > 0.7 * len(SPREAD)


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


def weather() -> dict[str, np.ndarray]:
    """The numbers of the real data, by column."""
    frame = pl.read_parquet(DATA / "weather.parquet")
    measured = [name for name, dtype in frame.schema.items() if dtype.is_float()]
    return {name: frame[name].drop_nulls().cast(pl.Float64).to_numpy() for name in measured}


WEATHER = weather()
SEARCH_LOST = {"precip"}  # 94 % zeros, and λ = −228
every_measured_column = pytest.mark.parametrize("name", WEATHER)
QUANTILE = ((QuantileUniform(), "uniform"), (QuantileNormal(), "normal"))
# scikit-learn takes what is within 1e-7 of an end for the end, or loses that 1e-7 beside the values
ENDS_LOST = {"tiny 1e-18", "tiny 1e-160", "denormals", "beyond 2^53"}


def sklearn_quantiles(values: np.ndarray, distribution: str) -> QuantileTransformer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformer = QuantileTransformer(output_distribution=distribution, subsample=None)
        return transformer.fit(values[:, None])


@pytest.mark.parametrize(("method", "distribution"), QUANTILE, ids=str)
@pytest.mark.parametrize("name", SPREAD)
def test_quantile_methods_agree_with_scikit_learn_on_values_and_between(
    method: Method, distribution: str, name: str
) -> None:
    if distribution == "normal" and name in ENDS_LOST:
        return
    values = finite(name)
    with np.errstate(over="ignore"):
        between = values[:-1] + np.diff(values) / 2
    x = np.unique(np.concatenate([values, between[np.isfinite(between)]]))
    transformer = sklearn_quantiles(values, distribution)
    with np.errstate(all="ignore"):
        wanted = transformer.transform(x[:, None])[:, 0]
    outcome = method.fit(PROFILES[name])
    held = np.isfinite(wanted)  # between denormals its slope overflows
    assert np.isfinite(outcome.points(x)).all()
    assert outcome.points(x)[held] == pytest.approx(wanted[held], abs=1e-9)
    y = wanted[held]
    with np.errstate(all="ignore"):
        theirs_back = transformer.inverse_transform(y[:, None])[:, 0]
    back = applied(column(y), outcome.inverse_stages("x", "_")).to_numpy()
    near = 1e-9 * np.maximum(np.abs(theirs_back), np.ptp(values / 2))
    assert (np.abs(back - theirs_back) <= near).all()


@pytest.mark.parametrize("name", sorted(ENDS_LOST & {*SPREAD}))
def test_where_scikit_learn_loses_the_ends_ours_are_the_ranks(name: str) -> None:
    values = np.unique(finite(name))
    x = finite(name)
    mapped = QuantileNormal().fit(PROFILES[name]).points(values)
    middle = [(np.sum(x < v) + np.sum(x <= v) - 1) / 2 / (x.size - 1) for v in values]
    assert mapped[0] == -5.199337582605575
    assert mapped[-1] == 5.19933758270342
    assert mapped[1:-1] == pytest.approx(scipy.stats.norm.ppf(middle[1:-1]), abs=1e-9)


@pytest.mark.parametrize(("method", "distribution"), QUANTILE, ids=str)
@every_measured_column
def test_quantile_methods_agree_with_scikit_learn_on_real_data(
    method: Method, distribution: str, name: str
) -> None:
    values = WEATHER[name]
    profile = observe_values(values)
    assert profile.exact
    wanted = sklearn_quantiles(values, distribution).transform(values[:, None])[:, 0]
    assert method.fit(profile).points(values) == pytest.approx(wanted, abs=1e-9)


def test_a_histogram_that_is_not_exact_gives_shares_to_two_thousandths() -> None:
    x = np.random.default_rng(0).normal(size=60_000)
    profile = observe_values(x, resolution=4096)
    assert not profile.exact
    found = QuantileUniform().fit(profile).points(x)
    assert np.max(np.abs(found - (scipy.stats.rankdata(x) - 1) / (x.size - 1))) < 2e-3


@pytest.mark.parametrize(("method", "theirs"), PAIRS, ids=str)
@every_measured_column
def test_affine_methods_agree_with_scikit_learn_on_real_data(method: Method, theirs: Any, name: str) -> None:
    values = WEATHER[name]
    wanted = theirs.fit_transform(values[:, None])[:, 0]
    if isinstance(method, Robust) and np.ptp(np.quantile(values, method.quantiles)) == 0.0:
        return  # where the quantiles are one value, it divides by 1
    assert method.fit(observe_values(values)).points(values) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


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


@pytest.mark.parametrize("bound", [3.0, 1.0, 4.0])
@pytest.mark.parametrize("name", [name for name in SPREAD if PROFILES[name].n >= 100])
def test_squash_is_the_formula_of_skrub_s_squashing_scaler(bound: float, name: str) -> None:
    """Z = (x − median)/(q75 − q25), then z/√(1 + (z/B)²).

    Where the quartiles are one value, skrub takes 2·(x − median)/(max − min) and we the standard deviation.
    """
    values = finite(name)
    lo, middle, hi = np.quantile(values, [0.25, 0.5, 0.75])
    if lo == hi:
        return
    with np.errstate(over="ignore"):
        z = (values - middle) / (hi - lo)
        wanted = z / np.sqrt(1.0 + (z / bound) ** 2)
    held = np.abs(z) < 1e150  # beyond, the formula as it stands overflows
    found = Squash(bound=bound).fit(PROFILES[name]).points(values)
    assert found[held] == pytest.approx(wanted[held], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", [name for name in SPREAD if PROFILES[name].n >= 100])
def test_roots_and_asinh_agree_with_numpy_and_scipy(name: str) -> None:
    values = finite(name)
    lo, middle, hi = np.quantile(values, [0.25, 0.5, 0.75])
    scale = hi - lo if hi > lo else values.std()
    for method, mapped in (
        (Sqrt(), np.sign(values) * np.sqrt(np.abs(values))),
        (Cbrt(), np.cbrt(values)),
        (Asinh(), np.arcsinh((values - middle) / scale)),
    ):
        outcome = method.attempt(PROFILES[name])
        if isinstance(outcome, Transform):
            assert outcome.points(values) == pytest.approx(scipy.stats.zscore(mapped), rel=1e-8, abs=1e-9)


def test_logit_agrees_with_scipy() -> None:
    values = finite("beta")
    found = Logit(bounds=(0.0, 1.0)).fit(PROFILES["beta"]).points(values)
    assert found == pytest.approx(scipy.stats.zscore(scipy.special.logit(values)), rel=1e-10, abs=1e-10)
