"""Methods against exact fractions, scipy, and scikit-learn wherever it is right itself."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.special
import scipy.stats
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from normflow.methods import (
    Asinh,
    Cbrt,
    Logit,
    MaxAbs,
    Method,
    MinMax,
    Robust,
    Sqrt,
    Squash,
    ZScore,
)
from normflow.profiles import observe_values
from normflow.transforms import Affine, Transform
from tests.methods.catalogue import PROFILES, exact_std, finite
from tests.methods.weather import WEATHER
from tests.transforms.catalogue import applied, column

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


every_measured_column = pytest.mark.parametrize("name", WEATHER)


@pytest.mark.parametrize(("method", "theirs"), PAIRS, ids=str)
@every_measured_column
def test_affine_methods_agree_with_scikit_learn_on_real_data(method: Method, theirs: Any, name: str) -> None:
    values = WEATHER[name]
    wanted = theirs.fit_transform(values[:, None])[:, 0]
    if isinstance(method, Robust) and np.ptp(np.quantile(values, method.quantiles)) == 0.0:
        return  # where the quantiles are one value, it divides by 1
    assert method.fit(observe_values(values)).points(values) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


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
