"""Golden numbers, and each method's own rules."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normflow.methods import Center, Log, MaxAbs, MinMax, Robust, Squash, YeoJohnson, ZScore
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
