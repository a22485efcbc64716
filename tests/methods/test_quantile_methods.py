"""Quantile methods: scikit-learn's numbers, and ranks where it loses them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import scipy.stats
from sklearn.preprocessing import QuantileTransformer

from normflow.methods import Method, QuantileNormal, QuantileUniform
from normflow.profiles import observe_values
from normflow.transforms import Interpolate, NormalQuantile, Transform
from tests.methods.catalogue import PROFILES, finite
from tests.methods.weather import WEATHER
from tests.transforms.catalogue import applied, column

SPREAD = [name for name, p in PROFILES.items() if p.n and not p.is_constant]
FIVE = PROFILES["one to five"]
every_measured_column = pytest.mark.parametrize("name", WEATHER)


def rows(transform: Transform, values: list[float]) -> list[float]:
    return applied(column(values), transform.stages("x", "_")).to_list()


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


def test_quantile_uniform_runs_through_as_many_quantiles_as_there_are_values() -> None:
    assert QuantileUniform().fit(FIVE) == Transform(
        (Interpolate((1.0, 2.0, 3.0, 4.0, 5.0), (0.0, 0.25, 0.5, 0.75, 1.0)),)
    )
    assert QuantileUniform(n_quantiles=2).fit(FIVE) == Transform((Interpolate((1.0, 5.0), (0.0, 1.0)),))


def test_of_many_knots_at_one_value_the_first_and_the_last_are_stored() -> None:
    (line,) = QuantileUniform().fit(observe_values([0.0] * 5 + [1.0] * 4 + [2.0])).maps
    assert isinstance(line, Interpolate)
    assert line.xs == (0.0, 0.0, 1.0, 1.0, 2.0)
    assert line.ys == pytest.approx((0.0, 4 / 9, 5 / 9, 8 / 9, 1.0), rel=1e-15)


def test_quantile_normal_is_cut_off_where_it_is_said() -> None:
    assert QuantileNormal().fit(FIVE).maps[1] == NormalQuantile()
    assert rows(QuantileNormal(clip=3.0).fit(FIVE), [0.0, 1.0, 3.0, 5.0, 9.0]) == [-3, -3, 0, 3, 3]


def test_a_closer_look_is_taken_at_all_quantiles_only_when_asked() -> None:
    assert QuantileUniform().needs() == ()
    assert QuantileUniform(n_quantiles=3).reads(FIVE) == (0.0, 0.5, 1.0)
    assert len(QuantileNormal().reads(PROFILES["normal"])) == 500
