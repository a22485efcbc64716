"""What is standardized agrees between engines, and what is too flat for that is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pytest

from normflow import transforms
from normflow.methods import BoxCox, Log, Method, YeoJohnson
from normflow.methods.power import Power
from normflow.methods.standardize import LOST, STEADY
from normflow.profiles import observe_values
from normflow.transforms import Affine, Transform
from tests.transforms.catalogue import applied, column

if TYPE_CHECKING:
    from collections.abc import Iterator

Z = np.random.default_rng(1).normal(size=300)
SKEWED = np.random.default_rng(2).gamma(2.0, size=300)
OFFSETS = [10.0**k for k in range(10)]
LAW: tuple[Method, ...] = (
    Log(offset="auto"),
    BoxCox(),
    YeoJohnson(),
    BoxCox(lambda_bounds=(-3.0, 4.0)),
    YeoJohnson(lambda_bounds=(-3.0, 5.0)),
    BoxCox(prescale=True, snap=True, lambda_bounds=(-3.0, 4.0)),
    YeoJohnson(prescale=True, snap=True, lambda_bounds=(-3.0, 5.0)),
)


def columns() -> Iterator[np.ndarray]:
    for offset in OFFSETS:
        yield from (offset + 3 + Z / 2, offset + SKEWED, offset + 20 - SKEWED, offset * (1 + Z / 100))


def worst(transform: Transform, values: np.ndarray) -> float:
    """How far DuckDB is from Polars, in units of max(1, |y|)."""
    ours = applied(column(values), transform.stages("x", "_")).to_numpy()
    with duckdb.connect() as connection:
        query = f"SELECT {transform.sql('x')} FROM (SELECT unnest(?::DOUBLE[]) AS x)"  # noqa: S608 (our own text)
        rows = connection.execute(query, [values.tolist()]).fetchall()
    theirs = np.array([row[0] for row in rows])
    return float((np.abs(theirs - ours) / np.maximum(1.0, np.abs(ours))).max())


def magnified(method: Method, transform: Transform, values: np.ndarray) -> float:
    """How much more than it may a power flattens: STEADY·(1 + t) over std/(|mean| + std), at least 1."""
    last = transform.maps[-1]
    if not isinstance(method, Power) or not isinstance(last, Affine):
        return 1.0
    lam = next(
        one.lam for one in transform.maps if isinstance(one, transforms.BoxCox | transforms.YeoJohnson)
    )
    scaled = transform.maps[0].points(values) if method.prescale else values
    t = max(0.0, *(method.exponent(lam, x) for x in (float(scaled.min()), float(scaled.max()))))
    return max(1.0, STEADY * (1.0 + t) * (abs(last.shift) + last.scale) / last.scale)


@pytest.mark.parametrize("method", LAW, ids=str)
def test_duckdb_agrees_with_polars_on_whatever_is_not_refused(method: Method) -> None:
    """To 1e-12·max(1, |y|), from 1 ± 1 to 1e9 ± 1; what a power flattens, to that much less."""
    kept = [
        (found, x) for x in columns() if isinstance(found := method.attempt(observe_values(x)), Transform)
    ]
    assert len(kept) >= 6
    assert max(worst(transform, x) / magnified(method, transform, x) for transform, x in kept) <= 1e-12


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("spread", [Z, SKEWED, -SKEWED], ids=["normal", "right", "left"])
def test_what_auto_tries_is_refused_at_no_offset(offset: float, spread: np.ndarray) -> None:
    """Brought to scale first, 1e9 ± 1 is a column like any other."""
    profile = observe_values(offset * 10 + spread)
    assert BoxCox(prescale=True, lambda_bounds=(-3.0, 4.0)).refuses(profile) is None
    assert YeoJohnson(prescale=True, lambda_bounds=(-3.0, 5.0)).refuses(profile) is None


def reciprocals(share: float) -> np.ndarray:
    """Where y = 1 − 1/x has a standard deviation of that share of |mean| + std."""
    spread = share / (1 - share)
    return 1 / (1e-3 + spread * np.repeat([1.0, -1.0], 50))


@pytest.mark.parametrize(("times", "kept"), [(1.05, True), (0.95, False)])
@pytest.mark.parametrize("family", [BoxCox, YeoJohnson])
def test_a_power_below_one_needs_a_spread_of_one_in_2_to_28(
    family: type[BoxCox | YeoJohnson], times: float, kept: bool
) -> None:
    """At λ = −1 the values are 1 less something small."""
    x = reciprocals(times * LOST * 0.999) - (1.0 if family is YeoJohnson else 0.0)
    refusal = family(lambda_bounds=(-1.0, -1.0 + 1e-9)).refuses(observe_values(x))
    assert (refusal is None) == kept
    if refusal:
        assert refusal.endswith("; set prescale: true")


@pytest.mark.parametrize(("times", "kept"), [(1.05, True), (0.95, False)])
@pytest.mark.parametrize("family", [BoxCox, YeoJohnson])
def test_a_power_above_one_needs_more_the_larger_its_exponent(
    family: type[BoxCox | YeoJohnson], times: float, kept: bool
) -> None:
    """The values x^4/4 have an exponent of 4·ln x, whose rounding every engine magnifies in its own way."""
    middle, least = 1e5, LOST * (1 + 4 * math.log(1e5))
    spread = times * least / (1 - least)
    x = (middle**4 * (1 + spread * np.repeat([1.0, -1.0], 50))) ** 0.25 - (1.0 if family is YeoJohnson else 0)
    refusal = family(lambda_bounds=(4.0, 4.0 + 1e-9)).refuses(observe_values(x))
    assert (refusal is None) == kept


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_yeo_johnson_counts_the_exponent_of_either_sign(sign: float) -> None:
    """−x with 2 − λ is the mirrored column."""
    x = sign * 1e6 * (1 + 2e-8 * Z)
    lam = 1.0 + sign * 3.0
    method = YeoJohnson(lambda_bounds=(lam - 1e-9, lam + 1e-9))
    assert method.refuses(observe_values(x)) is not None
    assert method.refuses(observe_values(sign * 1e6 * (1 + 1e-7 * Z))) is None


@pytest.mark.parametrize(("times", "kept"), [(1.05, True), (0.95, False)])
def test_a_logarithm_needs_a_spread_of_one_in_2_to_the_40(times: float, kept: bool) -> None:
    """It is one rounding, the same in every engine; 12 bits are left then."""
    middle = 1e9
    away = times * 2.0**-40 * math.log(middle)
    refusal = Log().refuses(observe_values([middle * (1 - away), middle * (1 + away)] * 20))
    assert (refusal is None) == kept
    assert refusal is None or refusal.startswith("log flattens its values to (nearly) one number, 20.72")


def test_a_heavy_tail_is_not_flat() -> None:
    """One value in a million far off: the spread is a thousandth of the largest, and none of the mean."""
    x = np.append(np.tile([0.5, 1.0, 2.0], 10**5), 1e-9)
    transform = BoxCox(lambda_bounds=(-1.0, -1.0 + 1e-9)).fit(observe_values(x))
    assert worst(transform, x[-100:]) <= 1e-12


def test_numbers_up_to_the_largest_are_standardized() -> None:
    """Their mapped values reach 2^1023, whose next power of two is beyond float64."""
    x = np.linspace(0.5, 1.7e308, 50)
    transform = YeoJohnson(lambda_bounds=(1.0, 1.0 + 1e-9)).fit(observe_values(x))
    last = transform.maps[-1]
    assert isinstance(last, Affine)
    assert last.shift == pytest.approx(np.mean(x / 2**10) * 2**10, rel=1e-6)
    assert last.scale == pytest.approx(np.std(x * 2.0**-600) * 2.0**600, rel=1e-6)
