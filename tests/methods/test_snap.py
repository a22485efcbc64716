"""Which λ are taken for a readable one, and when."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from normflow import transforms
from normflow.methods import BoxCox
from normflow.profiles import observe_values
from tests.methods.catalogue import power_of

# Φ⁻¹ of equally spaced ranks: a normal column without chance
NORMAL = stats.norm.ppf((np.arange(100) + 0.5) / 100)


def inverse_box_cox(lam: float) -> np.ndarray:
    """A column that Box-Cox with that λ makes normal, to the normal quantiles."""
    y = 0.1 * NORMAL
    return np.asarray(np.exp(y) if lam == 0 else (1 + lam * y) ** (1 / lam))


def test_lambda_snaps_from_within_six_hundredths() -> None:
    """Around 0, where the likelihood of 100 rows is too flat to object."""

    def snapped(target: float) -> float:
        off = lambda lam: power_of(BoxCox().fit(observe_values(inverse_box_cox(lam)))) - target  # noqa: E731
        values = inverse_box_cox(brentq(off, 0.01, 0.2, xtol=1e-9))
        return power_of(BoxCox(snap=True).fit(observe_values(values)))

    assert snapped(0.0599) == 0.0
    assert snapped(0.0601) == pytest.approx(0.0601, abs=1e-6)


def test_lambda_snaps_while_the_log_likelihood_falls_by_less_than_192_hundredths() -> None:
    """Repeating every row k times makes the likelihood fall k times as far."""
    values = inverse_box_cox(0.03)
    free = power_of(BoxCox().fit(observe_values(values)))
    fall = scipy_fall(values, free)
    most = int(1.92 / fall)
    assert most >= 20
    for repeats, wanted in ((most, 0.0), (most + 1, free)):
        assert power_of(BoxCox(snap=True).fit(observe_values(np.tile(values, repeats)))) == wanted


def scipy_fall(values: np.ndarray, lam: float) -> float:
    return float(stats.boxcox_llf(lam, values) - stats.boxcox_llf(0.0, values))


@pytest.mark.parametrize("lam", [-1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
def test_readable_lambdas_are_taken(lam: float) -> None:
    snapped = BoxCox(snap=True).fit(observe_values(inverse_box_cox(lam + 0.01)))
    assert transforms.BoxCox(lam) in snapped.maps


@pytest.mark.parametrize("lam", [-2.0, -1.5, -0.25, 0.25, 0.75, 1.5, 3.0])
def test_other_lambdas_are_left(lam: float) -> None:
    snapped = BoxCox(snap=True).fit(observe_values(inverse_box_cox(lam + 0.01)))
    assert power_of(snapped) != pytest.approx(lam, abs=1e-9)
