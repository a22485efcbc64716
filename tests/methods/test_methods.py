"""Golden numbers, and each method's own rules."""

from __future__ import annotations

import math
import sys
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import normflow as nf
from normflow.methods import (
    METHODS,
    Asinh,
    BoxCox,
    Cbrt,
    Center,
    Decimal,
    Log,
    Logit,
    MaxAbs,
    MeanNorm,
    MinMax,
    Robust,
    Sqrt,
    Squash,
    YeoJohnson,
    ZScore,
)
from normflow.profiles import observe_values
from normflow.transforms import Affine, Transform
from tests.methods.catalogue import PROFILES
from tests.transforms.catalogue import applied, column

FIVE = PROFILES["one to five"]


def rows(transform: Transform, values: list[float]) -> list[float]:
    return applied(column(values), transform.stages("x", "_")).to_list()


def test_zscore_of_one_to_five() -> None:
    assert rows(ZScore().fit(FIVE), [1, 2, 3, 4, 5]) == [
        -1.414213562373095,
        -0.7071067811865475,
        0,
        0.7071067811865475,
        1.414213562373095,
    ]


def test_zscore_with_ddof_1_is_bigquery_s_documented_example() -> None:
    assert rows(ZScore(ddof=1).fit(FIVE), [1, 2, 3, 4, 5]) == [
        -1.2649110640673518,
        -0.6324555320336759,
        0,
        0.6324555320336759,
        1.2649110640673518,
    ]


def test_center_minmax_maxabs_and_robust_of_one_to_five() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0]
    assert rows(Center().fit(FIVE), values) == [-2, -1, 0, 1, 2]
    assert rows(MinMax().fit(FIVE), values) == [0, 0.25, 0.5, 0.75, 1]
    assert rows(MinMax(bounds=(0.0, 10.0)).fit(FIVE), values) == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert rows(MaxAbs().fit(FIVE), values) == [0.2, 0.4, 0.6, 0.8, 1]
    assert rows(Robust().fit(FIVE), values) == [-1, -0.5, 0, 0.5, 1]


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=20, unique=True),
    st.floats(-1e3, 1e3),
    st.floats(1e-3, 1e3),
)
@settings(max_examples=100, deadline=None)
def test_minmax_hits_both_end_points_exactly(values: list[float], a: float, width: float) -> None:
    b = a + width
    lo, *_, hi = rows(MinMax(range=(a, b)).fit(observe_values(values)), sorted(values))
    assert (lo, hi) == (a, b)


def test_minmax_refuses_a_range_float64_cannot_hold() -> None:
    assert MinMax().refuses(PROFILES["huge 1.7e308"]) == (
        "the largest less the smallest value, 1.7e+308 − -1.7e+308, is beyond float64"
    )


def test_zscore_refuses_where_the_smallest_value_leaves_float64() -> None:
    assert ZScore().refuses(PROFILES["huge 1.7e308"]) == (
        "(x − 4e+307)/1.38744e+308 takes -1.7e+308 beyond float64"
    )


@pytest.mark.parametrize(
    "method", [Robust(), Squash(), YeoJohnson(prescale=True, lambda_bounds=(-3.0, 5.0))], ids=str
)
def test_where_the_iqr_is_zero_the_scale_is_the_standard_deviation(
    method: Robust | Squash | YeoJohnson,
) -> None:
    profile = PROFILES["two-valued rare"]
    assert profile.iqr == 0.0
    assert method.fit(profile).maps[0] == Affine(shift=3.0, scale=profile.std() or 0.0)


def test_squash_is_robust_scaling_and_a_soft_bound() -> None:
    profile = PROFILES["one outlier"]
    z = Robust().fit(profile).points(np.array([-1.0, 0.0, 2.0, 200.0, 1e300]))
    y = Squash(bound=2.0).fit(profile).points(np.array([-1.0, 0.0, 2.0, 200.0, 1e300]))
    assert y == pytest.approx(z / np.hypot(1, z / 2), rel=1e-15)
    assert (np.abs(y) <= 2.0).all()


def test_log_takes_the_logarithm_and_standardizes() -> None:
    logs = np.log([1.0, 2.0, 3.0, 4.0, 5.0])
    wanted = (logs - logs.mean()) / logs.std()
    assert rows(Log().fit(FIVE), [1, 2, 3, 4, 5]) == pytest.approx(wanted.tolist(), rel=1e-14)


def test_log_refuses_a_value_at_or_below_minus_its_offset() -> None:
    assert Log().refuses(PROFILES["bytes"]) == (
        "the smallest value is 0.0, and ln(x + 0.0) needs a positive x + 0.0; "
        "set offset: auto, or take yeojohnson"
    )
    assert Log(offset=1.0).refuses(PROFILES["bytes"]) is None


@pytest.mark.parametrize(
    ("values", "offset"),
    [
        ([1.0, 2.0], 0.0),
        ([0.0, 2.0], 1.0),
        ([-3.0, 2.0], 4.0),
        ([-1e20, 5.0], math.nextafter(1e20, math.inf)),
    ],
)
def test_log_s_automatic_offset_is_the_least_that_takes_the_smallest_value_to_one(
    values: list[float], offset: float
) -> None:
    """Or 0 where all values are positive already; where a float64 loses the 1, the next float64."""
    transform = Log(offset="auto").fit(observe_values(values))
    assert transform.domain() == (-offset, math.inf)
    assert np.isfinite(rows(transform, values)).all()


def test_log_of_numbers_it_cannot_tell_apart_is_refused() -> None:
    refusal = Log().refuses(PROFILES["offset 1e15"])
    assert refusal == "log flattens its values to (nearly) one number, 34.538776394910684"


def test_mean_normalization_of_one_to_five() -> None:
    assert rows(MeanNorm().fit(FIVE), [1, 2, 3, 4, 5]) == [-0.5, -0.25, 0, 0.25, 0.5]


@pytest.mark.parametrize(
    ("largest", "scale"),
    [
        (5.0, 10.0),
        (986.0, 1000.0),
        (1000.0, 10000.0),
        (999.9999999999999, 1000.0),
        (0.00123, 0.01),
        (0.01, 0.1),
        (1e-6, 1e-5),
        (1e23, 1e24),
        (math.nextafter(1e23, 0.0), 1e23),
        (5e-324, 1e-323),
        (9.9e307, 1e308),
    ],
)
def test_decimal_divides_by_the_smallest_power_of_ten_above_every_magnitude(
    largest: float, scale: float
) -> None:
    """−986 and 917 become −0.986 and 0.917 in the textbook; j may be negative."""
    for values in ([0.0, largest], [-largest, largest / 2]):
        transform = Decimal().fit(observe_values(values))
        assert transform == Transform((Affine(shift=0.0, scale=scale),))
        assert 0.09999999999999999 <= max(abs(y) for y in rows(transform, values)) < 1.0


@given(st.floats(5e-324, 9e307))
@settings(max_examples=200, deadline=None)
def test_decimal_s_power_is_the_smallest(largest: float) -> None:
    (affine,) = Decimal().fit(observe_values([0.0, largest])).maps
    assert isinstance(affine, Affine)
    assert largest < affine.scale
    below = float(f"1e{round(math.log10(affine.scale)) - 1}")
    assert Fraction(largest) >= Fraction(below)


def test_decimal_refuses_where_the_power_leaves_float64() -> None:
    assert Decimal().refuses(observe_values([0.0, 1.5e308])) == (
        "the largest magnitude is 1.5e+308, and the next power of ten is beyond float64"
    )


def test_roots_are_taken_with_their_sign_and_standardized() -> None:
    values = [-8.0, -1.0, 0.0, 1.0, 27.0]
    profile = observe_values(values)
    for method, mapped in (
        (Sqrt(), [-math.sqrt(8), -1, 0, 1, math.sqrt(27)]),
        (Cbrt(), [-2, -1, 0, 1, 3]),
    ):
        wanted = (np.array(mapped) - np.mean(mapped)) / np.std(mapped)
        assert rows(method.fit(profile), values) == pytest.approx(wanted.tolist(), rel=1e-14)


@pytest.mark.parametrize("method", [Log, Sqrt, Cbrt, Asinh, Logit, BoxCox, YeoJohnson])
def test_ddof_1_divides_by_n_less_one_after_every_map(
    method: type[Log | Sqrt | Cbrt | Asinh | Logit | BoxCox | YeoJohnson],
) -> None:
    population, sample = method().fit(FIVE).maps[-1], method(ddof=1).fit(FIVE).maps[-1]
    assert isinstance(population, Affine)
    assert isinstance(sample, Affine)
    assert sample.shift == population.shift
    assert sample.scale == pytest.approx(population.scale * math.sqrt(5 / 4), rel=1e-15)


def test_asinh_is_centred_on_the_median_and_scaled_by_the_iqr() -> None:
    assert Asinh().fit(FIVE).maps[0] == Affine(shift=3.0, scale=2.0)
    assert Asinh(loc=0.0).fit(FIVE).maps[0] == Affine(shift=0.0, scale=2.0)
    assert Asinh(scale=10.0).fit(FIVE).maps[0] == Affine(shift=3.0, scale=10.0)
    rare = PROFILES["two-valued rare"]
    assert Asinh().fit(rare).maps[0] == Affine(shift=3.0, scale=rare.std() or 0.0)


def test_a_column_that_asinh_or_a_cube_root_flattens_is_refused() -> None:
    far = PROFILES["offset 1e9"]
    assert Asinh(loc=0.0, scale=1.0).refuses(far) == (
        "asinh flattens its values to (nearly) one number, 21.416413017631356; set loc: auto and scale: auto"
    )
    assert Cbrt().refuses(far) == (
        "cbrt flattens its values to (nearly) one number, 1000.0000000416667; take zscore"
    )


def test_logit_squeezes_fitted_ends_by_half_a_row() -> None:
    """U = (x − 1)/4·(1 − 1/5) + 1/10 for five values."""
    u = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    logits = np.log(u / (1 - u))
    found = rows(Logit().fit(FIVE), [1, 2, 3, 4, 5])
    assert found == pytest.approx((logits / logits.std()).tolist(), rel=1e-14, abs=1e-15)
    assert Logit(eps=0.25).fit(FIVE).maps[0] == Affine(shift=1.0, scale=4.0, gain=0.5, offset=0.25)


def test_logit_on_given_bounds_takes_them_as_they_are() -> None:
    assert Logit(bounds=(0.0, 10.0)).fit(FIVE).maps[0] == Affine(shift=0.0, scale=10.0)
    assert Logit(bounds=(0.0, 10.0)).fit(FIVE).domain() == (0.0, 10.0)


def test_logit_takes_a_probability_as_small_as_there_is() -> None:
    """At 1e-20, (2u − 1)/(1 − u) is −1, and the C library's log1p(−1) is an error, not −∞."""
    values = [1e-20, 5e-324, 0.25, 0.75]
    u = np.array(values)
    logits = np.log(u) - np.log1p(-u)
    found = rows(Logit(bounds=(0.0, 1.0)).fit(observe_values(np.array(values))), values)
    assert found == pytest.approx(((logits - logits.mean()) / logits.std()).tolist(), rel=1e-14)


@pytest.mark.parametrize(
    ("bounds", "sentence"),
    [
        ((1.0, 6.0), "the smallest value is 1.0, and logit needs values inside 1.0 to 6.0"),
        ((0.0, 5.0), "the largest value is 5.0, and logit needs values inside 0.0 to 5.0"),
        ((2.0, 9.0), "the smallest value is 1.0, and logit needs values inside 2.0 to 9.0"),
    ],
)
def test_logit_refuses_a_value_on_its_ends_or_beyond(bounds: tuple[float, float], sentence: str) -> None:
    assert Logit(bounds=bounds).refuses(FIVE) == f"{sentence}; set eps, such as 0.001, or wider bounds"


@pytest.mark.parametrize("method", [MinMax(bounds="declared"), Logit(bounds="declared")], ids=str)
def test_declared_bounds_that_nobody_declared_are_refused(method: MinMax | Logit) -> None:
    assert method.refuses(FIVE) == (
        "bounds: declared takes the contract's range, and none is declared for this column;"
        " write its range in the contract, or bounds: [lo, hi]"
    )


def test_the_middle_of_what_comes_out() -> None:
    middles = {method.name: method().midpoint for method in METHODS}
    assert middles == {**dict.fromkeys(middles, 0.0), "minmax": 0.5, "quantile_uniform": 0.5}
    assert MinMax(range=(-1.0, 5.0)).midpoint == 2.0
    assert MinMax(range=(-sys.float_info.max / 2, sys.float_info.max / 2)).midpoint == 0.0


def test_minmax_with_given_bounds_needs_no_spread() -> None:
    """A column, or a group, of 5.0 on [0, 10] is 0.5 as in any other column, unless a policy is written."""
    five = pl.DataFrame({"x": [5.0, 5.0], "y": [1.0, 2.0]})
    told: dict[str, object] = {"method": "minmax", "bounds": [0, 10]}
    assert nf.fit(five, {"x": told}).transform(five)["x"].to_list() == [0.5, 0.5]
    assert nf.fit(five, {"x": {**told, "constant": "zero"}}).transform(five)["x"].to_list() == [0.0, 0.0]
    assert nf.fit(five, {"x": "minmax"}).transform(five)["x"].to_list() == [0.0, 0.0]
