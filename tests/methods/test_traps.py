"""Columns on which the usual way goes wrong, and the library that many use with it."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
import scipy.stats
from sklearn.preprocessing import (
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

import normflow as nf
from normflow.methods import (
    BoxCox,
    MaxAbs,
    MeanNorm,
    MinMax,
    QuantileNormal,
    Robust,
    YeoJohnson,
    ZScore,
)
from normflow.profiles import observe_values
from tests.methods.catalogue import PROFILES, exact_std, finite
from tests.transforms.catalogue import applied, column

FIVE = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


def theirs(scaler: Any, values: np.ndarray) -> np.ndarray:
    """What scikit-learn gives, whatever it warns of."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found: np.ndarray = scaler.fit_transform(values[:, None])[:, 0]
    return found


def test_a_nan_in_a_constant_column_poisons_nothing() -> None:
    """(x − mean)/std is NaN in every row: one NaN makes the mean NaN, and without it std is 0."""
    values = np.array([1.5, 1.5, math.nan, 1.5])
    with np.errstate(all="ignore"):
        assert np.isnan((values - values.mean()) / values.std()).all()
        assert np.isnan((values - np.nanmean(values)) / np.nanstd(values)).all()
    fit = nf.fit(pl.DataFrame({"x": values}), {"x": "zscore"})
    assert fit.transform(pl.DataFrame({"x": values}))["x"].to_list() == [0.0, 0.0, None, 0.0]


@pytest.mark.parametrize("scale", [1e-8, 1e-18, 1e-160, 1e150])
def test_a_column_of_any_magnitude_is_a_column(scale: float) -> None:
    """scikit-learn divides by 1 instead of a range below 2.2e-15, and its quantiles see ends within 1e-7."""
    small = observe_values(FIVE * scale)
    assert MinMax().fit(small).points(FIVE * scale) == pytest.approx([0, 0.25, 0.5, 0.75, 1], abs=1e-15)
    assert Robust().fit(small).points(FIVE * scale) == pytest.approx([-1, -0.5, 0, 0.5, 1], abs=1e-15)
    assert ZScore().fit(small).points(FIVE * scale) == pytest.approx(scipy.stats.zscore(FIVE), rel=1e-14)
    normal = QuantileNormal().fit(small).points(FIVE * scale)
    assert normal[1:4] == pytest.approx(scipy.stats.norm.ppf([0.25, 0.5, 0.75]), abs=1e-15)


def test_scikit_learn_leaves_tiny_columns_as_they_are() -> None:
    """The day it does not, the sentence above may go."""
    assert theirs(MinMaxScaler(), FIVE * 1e-18).max() == pytest.approx(4e-18)
    assert theirs(RobustScaler(), FIVE * 1e-18).max() == pytest.approx(2e-18)
    assert set(theirs(QuantileTransformer(output_distribution="normal", n_quantiles=5), FIVE * 1e-8)) == {
        -5.199337582605575
    }


def test_years_near_2000_are_refused_or_spread_never_made_one_number() -> None:
    """λ is −698 (Box-Cox), where 2000^λ is below what float64 tells from 0: scikit-learn gives one number.

    Its Yeo-Johnson stops at λ = −3.4 with a standard deviation of 4.5e-15.
    """
    years = 2000 + np.random.default_rng(2).gamma(2.0, size=2000)
    assert np.unique(theirs(PowerTransformer("box-cox"), years)).size == 1
    assert theirs(PowerTransformer("yeo-johnson"), years).std() < 1e-12
    profile = observe_values(years)
    for method in (BoxCox(), YeoJohnson()):
        refusal = method.refuses(profile)
        assert refusal is not None
        assert "to (nearly) one number" in refusal
        assert refusal.endswith("; set prescale: true")
    for spread in (BoxCox(prescale=True), YeoJohnson(prescale=True)):
        mapped = spread.fit(profile).points(years)
        assert mapped.std() == pytest.approx(1.0, abs=1e-9)
        assert np.unique(mapped).size == np.unique(years).size


@pytest.mark.parametrize("lam", [-3.0, -0.5, 0.0, 0.5, 1.5, 3.0])
def test_yeo_johnson_brings_numbers_of_1e_12_back(lam: float) -> None:
    """((1 + x)^λ − 1)/λ and back keeps four digits of them, and so does scikit-learn."""
    from normflow.transforms import YeoJohnson as Map

    small = np.abs(np.random.default_rng(0).normal(size=50)) * 1e-12
    if lam:
        naive = (((small + 1.0) ** lam - 1.0) / lam * lam + 1.0) ** (1.0 / lam) - 1.0
        assert np.max(np.abs(naive / small - 1.0)) > 1e-5
    for x in (small, -small):
        back = applied(
            applied(column(x), Map(lam).stages("x", "_")).to_frame(), Map(lam).inverse_stages("x", "_")
        )
        assert back.to_numpy() == pytest.approx(x, rel=4e-16, abs=0.0)


def test_scikit_learn_s_yeo_johnson_loses_them() -> None:
    values = np.append(np.random.default_rng(0).normal(size=50) * 1e-12, FIVE)
    power = PowerTransformer("yeo-johnson", standardize=False).fit(values[:, None])
    back = power.inverse_transform(power.transform(values[:, None]))[:, 0]
    assert np.max(np.abs(back / values - 1.0)) > 1e-4
    ours = YeoJohnson(standardize=False).fit(observe_values(values))
    again = applied(applied(column(values), ours.stages("x", "_")).to_frame(), ours.inverse_stages("x", "_"))
    assert again.to_numpy()[:50] == pytest.approx(values[:50], rel=1e-14, abs=0.0)
    assert again.to_numpy() == pytest.approx(values, rel=1e-9, abs=0.0)


def test_infinities_teach_nothing_and_become_null() -> None:
    """The mean of a column with an infinity is infinite, and its z-scores are all NaN."""
    values = [1.0, math.inf, 2.0, 3.0, -math.inf, 4.0, 5.0]
    frame = pl.DataFrame({"x": values})
    naive = frame.select((pl.col("x") - pl.col("x").mean()) / pl.col("x").std())["x"]
    assert naive.is_nan().all()
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="infinity"):
        StandardScaler().fit(np.array(values)[:, None])
    found = nf.fit(frame, {"x": "zscore"}).transform(frame)["x"]
    assert found.is_null().to_list() == [False, True, False, False, True, False, False]
    assert found.drop_nulls().to_numpy() == pytest.approx(scipy.stats.zscore(FIVE), rel=1e-15)


def test_a_large_offset_does_not_cancel() -> None:
    """The mean of the squares less the square of the mean is 0 at 1e9 ± 1."""
    values = finite("offset 1e9")
    assert (values * values).mean() - values.mean() ** 2 == 0.0
    mean, std = exact_std(values)
    found = ZScore().fit(PROFILES["offset 1e9"]).points(values)
    wanted = [float((Fraction(v) - mean) / Fraction(std)) for v in values.tolist()]
    resolution = float(np.spacing(1e9)) / std
    assert found == pytest.approx(wanted, abs=resolution)
    assert MinMax().fit(PROFILES["offset 1e9"]).points(values).tolist() == [0.0, 0.5, 1.0, 0.75]


def test_integers_beyond_2_53_neither_wrap_nor_lose_their_spread() -> None:
    """Their squares wrap around in 64 bits without a word, and scikit-learn's std is 1 instead of 3."""
    integers = [2**53, 2**53 + 2, 2**53 + 4, 2**53 + 8]
    frame = pl.DataFrame({"x": integers})
    assert frame.select((pl.col("x") * pl.col("x")).sum()).item() < 2**106
    assert theirs(StandardScaler(), np.array(integers)).tolist() == [-4.0, -2.0, 0.0, 4.0]
    scaled = nf.fit(frame, {"x": "minmax"}).transform(frame)["x"].to_list()
    assert scaled == [0.0, 0.25, 0.5, 1.0]
    standard = nf.fit(frame, {"x": "zscore"}).transform(frame)["x"].to_numpy()
    assert np.diff(standard) == pytest.approx(np.diff(integers) / np.std([0.0, 2.0, 4.0, 8.0]), rel=1e-15)


def test_float32_is_read_as_float64() -> None:
    """Polars computes `float32 − number` in Float32, and scikit-learn stays there: 0.7 goes to 1.0000001."""
    values = np.array([0.1, 0.2, 0.7], dtype=np.float32)
    assert theirs(MinMaxScaler(), values).max() > 1.0
    large = pl.DataFrame({"x": np.array([16777216, 16777218, 16777220], dtype=np.float32)})
    assert large.select(pl.col("x") - 16777217.12)["x"].to_list()[0] == -2.0
    for frame in (pl.DataFrame({"x": values}), large):
        x = frame["x"].cast(pl.Float64).to_numpy()
        for name, wanted in (
            ("minmax", (x - x.min()) / (x.max() - x.min())),
            ("zscore", (x - x.mean()) / x.std()),
        ):
            found = nf.fit(frame, {"x": name}).transform(frame)["x"]
            assert found.dtype == pl.Float64
            assert found.to_numpy() == pytest.approx(wanted, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("method", [ZScore(), MinMax(), MaxAbs(), MeanNorm(), Robust()], ids=str)
def test_a_column_without_spread_is_never_divided_by_its_rounding(
    method: ZScore | MinMax | MaxAbs | MeanNorm | Robust,
) -> None:
    """Numpy's std of a thousand times 333333.3333333 is not 0, and x − mean over it is ±1."""
    values = np.full(1000, 333333.3333333)
    assert 0.0 < values.std() < 1e-9
    assert set(method.fit(observe_values(values)).points(values)) == {0.0}


def test_every_method_meets_every_trap() -> None:
    """The zoo holds them; here it is seen that none is missing."""
    wanted = {"constant with a nan", "tiny 1e-18", "years", "nan and infinities", "offset 1e9", "beyond 2^53"}
    assert wanted <= PROFILES.keys()
