"""The normal distribution in plain arithmetic against scipy's."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import scipy.special
from sklearn.preprocessing import QuantileTransformer

from normflow.errors import FitError
from normflow.transforms import NormalQuantile, normal
from normflow.transforms.arithmetic import Arrays, Inline, InlineSql, Libm, Scalars, Sql
from tests.transforms import exact
from tests.transforms.catalogue import applied, column
from tests.transforms.test_contract import in_duckdb

SHARES = np.unique(
    np.concatenate(
        [
            np.linspace(1e-6, 1 - 1e-6, 5001),
            10.0 ** np.linspace(-307, -1, 3001),
            1 - 10.0 ** np.linspace(-15.9, -1, 1001),
            [0.075, 0.925, 0.5, np.exp(-25.0), 0.5 - 2.0**-53, 2.0**-1022, 1 - 2.0**-53],
        ]
    )
)
DEVIATIONS = np.concatenate(
    [np.linspace(-37.5, 8.2, 9001), [0.0, -5.65685424949238, -0.66291, 1e-300, -1e-20]]
)


def test_the_quantile_is_scipy_s_to_a_relative_error_of_1e_15() -> None:
    """Near u = ½ and in both tails; 4 ulp of scipy's own there."""
    with np.errstate(all="ignore"):
        found = normal.quantile(SHARES, Arrays())
    wanted = scipy.special.ndtri(SHARES)
    assert found == pytest.approx(wanted, rel=2e-15, abs=1e-300)


def test_the_probability_is_scipy_s() -> None:
    """To what scipy's is right itself: its tail is off by 2e-13 at −37."""
    with np.errstate(all="ignore"):
        found = normal.probability(DEVIATIONS, Arrays())
    assert found == pytest.approx(scipy.special.ndtr(DEVIATIONS), rel=4e-13, abs=0.0)


def test_the_probability_is_exact_to_a_relative_error_of_1e_15_in_the_lower_tail() -> None:
    y = DEVIATIONS[(DEVIATIONS < 0.0)][::40]
    with np.errstate(all="ignore"):
        found = normal.probability(y, Arrays())
    assert found == pytest.approx(
        [float(exact.normal_probability(value)) for value in y.tolist()], rel=1e-15, abs=0.0
    )


def test_the_quantile_is_exact_to_a_relative_error_of_1e_15() -> None:
    u = SHARES[::150]
    with np.errstate(all="ignore"):
        found = normal.quantile(u, Arrays())
    wanted = [float(exact.normal_quantile(value)) for value in u.tolist()]
    assert found == pytest.approx(wanted, rel=1e-15, abs=1e-300)


def test_every_reading_gives_the_same_quantile() -> None:
    with np.errstate(all="ignore"):
        wanted = normal.quantile(SHARES, Arrays())
        by_libm = normal.quantile(SHARES, Libm())
    by_polars = column(SHARES).select(normal.quantile(pl.col("x"), Inline()).alias("x"))["x"].to_numpy()
    sparse = SHARES[::50]
    by_duckdb = in_duckdb(normal.quantile(Sql("x"), InlineSql()).text, sparse)
    assert by_libm == pytest.approx(wanted, rel=2e-15, abs=1e-300)
    assert by_polars == pytest.approx(wanted, rel=2e-15, abs=1e-300)
    assert by_duckdb == pytest.approx(wanted[::50], rel=2e-15, abs=1e-300)


def test_every_reading_gives_the_same_probability() -> None:
    with np.errstate(all="ignore"):
        wanted = normal.probability(DEVIATIONS, Arrays())
    by_polars = (
        column(DEVIATIONS).select(normal.probability(pl.col("x"), Inline()).alias("x"))["x"].to_numpy()
    )
    by_duckdb = in_duckdb(normal.probability(Sql("x"), InlineSql()).text, DEVIATIONS)
    assert by_polars == pytest.approx(wanted, rel=2e-15, abs=0.0)
    assert by_duckdb == pytest.approx(wanted, rel=2e-15, abs=0.0)


def test_the_ends_are_scikit_learn_s() -> None:
    theirs = QuantileTransformer(output_distribution="normal", n_quantiles=3)
    x = np.array([[1.0], [2.0], [3.0]])
    lo, _, hi = theirs.fit_transform(x)[:, 0].tolist()
    assert (NormalQuantile().lo, NormalQuantile().hi) == (lo, hi)


def test_0_and_1_go_to_the_ends_and_the_ends_go_back() -> None:
    for one in (NormalQuantile(), NormalQuantile(-37.5, 8.2), NormalQuantile(-1.5, 0.5)):
        assert applied(column([0.0, 1.0]), one.stages("x", "_")).to_list() == [one.lo, one.hi]
        back = applied(column([one.lo, one.hi, -1e300, 1e300]), one.inverse_stages("x", "_"))
        assert back.to_list() == [0.0, 1.0, 0.0, 1.0]


def test_shares_come_back() -> None:
    """To 1e-13 relative to u where u is small, and to 1e-15 where 1 − u is."""
    one = NormalQuantile(-37.5, 8.2)
    inside = SHARES[(SHARES > 1e-307) & (SHARES < 1 - 1e-15)]
    back = applied(applied(column(inside), one.stages("x", "_")).to_frame(), one.inverse_stages("x", "_"))
    condition = 1.0 + scipy.special.ndtri(inside) ** 2
    assert (np.abs(back.to_numpy() - inside) <= 8 * 2.0**-53 * condition * inside).all()


@pytest.mark.parametrize("ends", [(-38.0, 5.0), (-5.0, 8.3), (0.0, 1.0), (-1.0, 0.0), (1.0, -1.0)])
def test_ends_beyond_what_probabilities_reach_are_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(FitError) as refusal:
        NormalQuantile(*ends)
    assert str(refusal.value) == (
        f"normal_quantile: ends of {ends[0]} and {ends[1]} must lie between -37.5 and 8.2,"
        " one on each side of 0"
    )


def test_one_number_has_the_bits_of_the_formula() -> None:
    """Where a row at a time takes only the approximation that counts."""
    draw = np.random.default_rng(4)
    edges = [0.075, 0.925, np.nextafter(0.075, 0), np.nextafter(0.925, 1), 0.0, 0.5, 1.0, 5e-324, 2.0**-1022]
    shares = [*edges, *draw.uniform(size=4000), *10.0 ** -draw.uniform(0, 307, 2000), -0.1, 1.1, math.nan]
    ends = NormalQuantile(lo=-37.5, hi=8.2)
    for one in (NormalQuantile(), ends):
        at, scalars = one.number(), Scalars()
        for share in map(float, shares):
            known = one.forward(share, scalars)
            assert at(share) == known or (math.isnan(at(share)) and math.isnan(known))
