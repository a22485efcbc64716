"""The building blocks are exact to a few ulp, tiny numbers included; maps keep what is small."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normflow.transforms import Asinh, BoxCox, Cbrt, Logit, Map, Sqrt, Squash, YeoJohnson
from normflow.transforms.arithmetic import Inline
from tests.transforms import exact
from tests.transforms.catalogue import applied, column

_rng = np.random.default_rng(3)
_SMALL = _rng.normal(size=20_000) * 10.0 ** _rng.uniform(-300, 2.8, 20_000)
EXPONENTS = np.append(np.clip(_SMALL, -745, 709), [0.0, 1.0, -1.0, 5e-324, -800.0])
ARGUMENTS = np.concatenate([np.abs(_SMALL) * 10.0 ** _rng.uniform(0, 200, 20_000), -_rng.random(10_000)])

LAMBDA = st.floats(-8, 8).map(lambda lam: round(lam * 2**24) / 2**24)  # the grid of fitted ones


def test_expm1_is_within_two_ulp() -> None:
    found = column(EXPONENTS).select(Inline().expm1(pl.col("x"))).to_series().to_numpy()
    wanted = np.array([math.expm1(x) for x in EXPONENTS])
    assert (np.abs(found - wanted) <= 2 * np.spacing(np.abs(wanted))).all()


def test_log1p_is_within_two_ulp() -> None:
    found = column(ARGUMENTS).select(Inline().log1p(pl.col("x"))).to_series().to_numpy()
    wanted = np.array([math.log1p(x) for x in ARGUMENTS])
    assert (np.abs(found - wanted) <= 2 * np.spacing(np.abs(wanted))).all()


@given(LAMBDA, st.floats(1e-6, 1e6))
@settings(max_examples=150, deadline=None)
def test_box_cox_is_the_textbook_formula(lam: float, x: float) -> None:
    wanted = float(exact.mapped(BoxCox(lam), x))
    found = applied(column([x, x]), BoxCox(lam).stages("x", "_"))[0]
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)


@given(LAMBDA, st.floats(-1e6, 1e6))
@settings(max_examples=150, deadline=None)
def test_yeo_johnson_is_the_textbook_formula(lam: float, x: float) -> None:
    wanted = float(exact.mapped(YeoJohnson(lam), x))
    found = applied(column([x, x]), YeoJohnson(lam).stages("x", "_"))[0]
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("lam", [-3.0, -1.0, 0.0, 0.3, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("x", [1e-10, -1e-10, 1e-18, -1e-160, 1e-300])
def test_yeo_johnson_keeps_the_relative_accuracy_of_tiny_numbers(lam: float, x: float) -> None:
    """(1 + x)^λ − 1 by powers loses all of them."""
    found = applied(column([x, x]), YeoJohnson(lam).stages("x", "_"))[0]
    assert found == pytest.approx(float(exact.mapped(YeoJohnson(lam), x)), rel=1e-15)


@pytest.mark.parametrize("lam", [-2.0, -1.0, -0.5, 0.0, 0.3, 0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("x", [1 + 1e-12, 1 - 1e-12, 1 + 2.0**-52])
def test_box_cox_keeps_the_relative_accuracy_near_one(lam: float, x: float) -> None:
    """A narrow column around 1 is standardized from these differences."""
    found = applied(column([x, x]), BoxCox(lam).stages("x", "_"))[0]
    assert found == pytest.approx(float(exact.mapped(BoxCox(lam), x)), rel=1e-15)


@given(st.floats(-1e200, 1e200), st.floats(1e-3, 1e3))
@settings(max_examples=100, deadline=None)
def test_squash_is_the_textbook_formula(x: float, bound: float) -> None:
    found = applied(column([x, x]), Squash(bound).stages("x", "_"))[0]
    assert found == pytest.approx(float(exact.mapped(Squash(bound), x)), rel=1e-15, abs=1e-300)


@pytest.mark.parametrize("one", [Sqrt(), Cbrt(), Asinh()], ids=str)
@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=100, deadline=None)
def test_roots_and_asinh_keep_the_relative_accuracy_of_any_number(one: Map, x: float) -> None:
    """Denormals and the ends of float64 among them."""
    found = applied(column([x, x]), one.stages("x", "_"))[0]
    assert found == pytest.approx(float(exact.mapped(one, x)), rel=1e-15, abs=0.0)


@pytest.mark.parametrize("one", [Sqrt(), Cbrt(), Asinh()], ids=str)
@given(st.floats(-1e300, 1e300).filter(lambda x: abs(x) > 1e-300))
@settings(max_examples=100, deadline=None)
def test_roots_and_asinh_come_back(one: Map, x: float) -> None:
    y = applied(column([x, x]), one.stages("x", "_"))
    back = applied(y.to_frame(), one.inverse_stages("x", "_"))[0]
    condition = max(1.0, exact.inverse_condition(one, x))
    assert back == pytest.approx(x, rel=4 * 2.0**-52 * condition, abs=0.0)


@given(
    st.one_of(st.floats(5e-324, 1 - 2**-53), st.integers(-(2**40), 2**40).map(lambda k: 0.5 + k * 2.0**-53))
)
@settings(max_examples=200, deadline=None)
def test_logit_keeps_its_relative_accuracy_near_0_near_1_and_near_a_half(u: float) -> None:
    """Near ½ the difference of two logarithms would lose it."""
    found = applied(column([u, u]), Logit().stages("x", "_"))[0]
    assert found == pytest.approx(float(exact.mapped(Logit(), u)), rel=2e-15, abs=0.0)


@given(st.floats(-700.0, 30.0))
@settings(max_examples=100, deadline=None)
def test_the_inverse_of_logit_keeps_both_tails(y: float) -> None:
    """The relative accuracy of u near 0, and that of 1 − u to 2^-53 near 1."""
    u = applied(column([y, y]), Logit().inverse_stages("x", "_"))[0]
    with exact.decimals():
        wanted = float(1 / (1 + Decimal(-y).exp()))
    assert u == pytest.approx(wanted, rel=4e-16, abs=0.0)
