"""Columns and options at the far ends of float64: a transform or a sentence, and no warning on the way."""

from __future__ import annotations

import itertools
import math
import sys
import warnings

import numpy as np
import pytest

from normflow.methods import BoxCox, YeoJohnson
from normflow.methods.likelihood import Likelihood
from normflow.methods.power import _on_grid
from normflow.profiles import observe_values
from normflow.select import choose
from normflow.transforms import Transform
from tests.methods.catalogue import VARIANTS
from tests.transforms.catalogue import applied, column

M, LEAST = sys.float_info.max, 5e-324
RNG = np.random.default_rng(3)
FAR: dict[str, list[float]] = {
    "to the largest": [M, -M, 1.0, 2.0, 3.0],
    "largest parts": [M, M / 2, M / 3, M / 4],
    "least and huge": [LEAST, 1e300, 1e301, 1e302],
    "multiples of the least": [LEAST * i for i in range(1, 40)],
    "one outlier at 1e200": [*RNG.normal(size=300).tolist(), 1e200],
    "one outlier at -1.7e308": [*RNG.normal(size=300).tolist(), -1.7e308],
    "log-normal over all exponents": np.exp(200 * RNG.normal(size=300)).tolist(),
    "least negatives, zeros and 1e308": [-LEAST] * 20 + [0.0] * 20 + [1e308] * 20,
    "neighbours": [1.0, 1 + 2**-52, 1 + 2**-51],
    "neighbours of the largest": [M, math.nextafter(M, 0.0)] * 5,
}
BOUNDS = (None, (-3.0, 4.0), (-1e308, -1e307), (1e300, 1e308), (-LEAST, LEAST), (1e15, 1e16), (-60.0, -50.0))
POWERS = tuple(
    family(lambda_bounds=bounds, prescale=prescale, snap=snap)
    for family, bounds, prescale, snap in itertools.product(
        (BoxCox, YeoJohnson), BOUNDS, (False, True), (False, True)
    )
)


@pytest.mark.parametrize("name", FAR)
def test_every_method_gives_numbers_or_a_sentence(name: str) -> None:
    """Warnings are errors here."""
    values = np.array(FAR[name])
    profile = observe_values(values)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for method in (*VARIANTS, *POWERS):
            outcome = method.attempt(profile)
            if isinstance(outcome, Transform):
                assert np.isfinite(applied(column(values), outcome.stages("x", "_")).to_numpy()).all()
            else:
                assert len(outcome.split()) > 3
        assert choose(profile).reason


def test_a_scale_that_takes_a_positive_number_to_zero_is_told() -> None:
    refusal = BoxCox(prescale=True).refuses(observe_values(FAR["least and huge"]))
    assert refusal == "the logarithms of the values, brought to scale, are beyond float64"


def test_a_large_lambda_is_on_the_grid_already() -> None:
    for lam in (2.0**29, 2.0**29 + 2.0**-23, -1e300, M):
        assert _on_grid(lam) == lam
    assert _on_grid(2.0**28 + 2.0**-24) == 2.0**28 + 2.0**-24
    assert _on_grid(2.0**25 + 3 * 2.0**-26) == 2.0**25 + 2.0**-24
    assert _on_grid(1 / 3) == round(2**24 / 3) / 2**24


def test_the_loss_is_infinite_where_float64_holds_no_spread() -> None:
    x = np.array([1.0, 2.0, 3.0])
    with np.errstate(all="ignore"):
        assert Likelihood.box_cox(x, np.ones(3)).loss(1e308) == math.inf
        assert Likelihood.yeo_johnson(-x[::-1], np.ones(3)).loss(1e308) == math.inf
