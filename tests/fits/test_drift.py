"""How far values have moved from those that taught a fit, beside raw values, numpy and scipy."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import ks_2samp

import normflow as nf
from normflow.errors import FormatError
from normflow.fits import Reference, drift_of
from normflow.profiles import observe_values

if TYPE_CHECKING:
    from normflow.profiles.bits import Floats

DRAW = np.random.default_rng(11)

N = 6_000
PAIRS: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "alike": (DRAW.normal(5, 2, N), DRAW.normal(5, 2, N // 2)),
    "shifted": (DRAW.normal(5, 2, N), DRAW.normal(6, 2, N)),
    "spread": (DRAW.normal(5, 2, N), DRAW.normal(5, 4, N)),
    "log-normal": (np.exp(DRAW.normal(0, 1, N)), np.exp(DRAW.normal(0.4, 1, N))),
    "zero-inflated": (
        DRAW.poisson(0.4, N).astype(float),
        DRAW.poisson(0.9, N).astype(float),
    ),
    "few values": (DRAW.integers(0, 4, N).astype(float), DRAW.integers(1, 6, N).astype(float)),
    "apart": (DRAW.uniform(0, 1, N), DRAW.uniform(2, 3, N)),
    "missing": (
        np.where(DRAW.random(N) < 0.05, math.nan, DRAW.normal(size=N)),
        np.where(DRAW.random(N) < 0.30, math.nan, DRAW.normal(size=N)),
    ),
}
pairs = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)


def finite(values: Floats) -> Floats:
    return np.asarray(values[np.isfinite(values)], np.float64)


def reference_of(values: Floats) -> Reference:
    found = Reference.of(observe_values(values))
    assert found
    return found


def psi_by_hand(before: np.ndarray, after: np.ndarray) -> float:
    """PSI over the tenths of the sorted values, equal values never parted, and the missing share."""
    values = np.sort(finite(before))
    edges = np.unique([values[math.ceil(len(values) * k / 10) - 1] for k in range(1, 10)])
    edges = edges[edges < values[-1]]

    def shares(sample: np.ndarray) -> np.ndarray:
        bins = np.searchsorted(edges, finite(sample), "left")
        counts = [*np.bincount(bins, minlength=len(edges) + 1), len(sample) - len(finite(sample))]
        return np.maximum(np.array(counts) / len(sample), 1e-4)

    e, a = shares(before), shares(after)
    return float(np.sum((a - e) * np.log(a / e)))


@pairs
def test_psi_is_that_of_the_raw_values(pair: tuple[np.ndarray, np.ndarray]) -> None:
    before, after = pair
    found = drift_of(reference_of(before), observe_values(after))
    assert found.psi == pytest.approx(psi_by_hand(before, after), rel=1e-9, abs=1e-12)
    assert found.rows == len(after)


@pairs
def test_ks_is_that_of_scipy_to_a_fortieth(pair: tuple[np.ndarray, np.ndarray]) -> None:
    """Between edges the two functions rise by a fortieth at most, and never by less than is told."""
    before, after = map(finite, pair)
    found = drift_of(reference_of(before), observe_values(after)).ks
    exact = ks_2samp(before, after).statistic
    assert exact - 1 / 40 - 1e-3 <= found <= exact + 1e-12


@pairs
def test_range_missing_share_and_quantiles_are_those_of_numpy(pair: tuple[np.ndarray, np.ndarray]) -> None:
    before, after = pair
    found = drift_of(reference_of(before), observe_values(after))
    was, now = finite(before), finite(after)
    assert found.outside == np.mean((now < was.min()) | (now > was.max()))
    assert found.missing == pytest.approx(np.mean(np.isnan(after)) - np.mean(np.isnan(before)), abs=1e-12)
    shares = (0.05, 0.25, 0.5, 0.75, 0.95)
    lower, upper = np.quantile(was, [0.25, 0.75])
    shift = np.abs(np.quantile(now, shares) - np.quantile(was, shares)).max() / (upper - lower)
    assert found.shift == pytest.approx(shift, rel=1e-12)


@pairs
def test_the_same_values_have_not_moved(pair: tuple[np.ndarray, np.ndarray]) -> None:
    for values in pair:
        found = drift_of(reference_of(values), observe_values(values[::-1].copy()))
        assert found.to_json() == {
            "rows": len(values),
            "taught": len(values),
            "psi": 0.0,
            "ks": 0.0,
            "outside": 0.0,
            "missing": 0.0,
            "shift": 0.0,
        }


def test_buckets_that_hold_many_values_change_little() -> None:
    """With 512 buckets on a side PSI stays within 2 % of that of the values."""
    before, after = PAIRS["shifted"]
    reference = Reference.of(observe_values(before, resolution=512))
    assert reference
    found = drift_of(reference, observe_values(after, resolution=512))
    assert found.psi == pytest.approx(psi_by_hand(before, after), rel=0.02)
    same = drift_of(reference, observe_values(before, resolution=512))
    assert (same.psi, same.ks, same.outside) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], []),
        ([], [1.0]),
        ([1.0], []),
        ([None, None], [None]),
        ([None], [2.0]),
        ([2.0], [None]),
        ([3.0] * 5, [3.0] * 9),
        ([3.0] * 5, [4.0] * 9),
        ([-1e308, 1e308], [0.0, 1e308]),
    ],
)
def test_awkward_columns_have_finite_numbers(before: list[float | None], after: list[float | None]) -> None:
    reference = Reference.of(observe_values(before))
    assert reference
    found = drift_of(reference, observe_values(after))
    assert all(value is None or math.isfinite(value) for value in found.to_json().values())
    assert found.psi >= 0
    assert 0 <= found.ks <= 1


def test_a_constant_that_became_another_is_all_outside() -> None:
    found = drift_of(reference_of(np.full(300, 3.0)), observe_values(np.full(300, 4.0)))
    assert (found.ks, found.outside, found.shift) == (1.0, 1.0, None)


def test_values_that_all_went_missing_are_told_by_psi() -> None:
    found = drift_of(reference_of(np.arange(1000.0)), observe_values([None] * 1000))
    tenths = np.array([0.1] * 10)
    expected = float(((1e-4 - tenths) * np.log(1e-4 / tenths)).sum() + (1 - 1e-4) * np.log(1 / 1e-4))
    assert found.psi == pytest.approx(expected)
    assert (found.missing, found.ks, found.shift) == (1.0, 0.0, None)


def test_a_fit_carries_its_reference_and_its_id_does_not_depend_on_it() -> None:
    frame = pl.DataFrame({"x": PAIRS["log-normal"][0], "y": PAIRS["missing"][0]})
    fit = nf.fit(frame, {"*": "auto"})
    back = nf.Fit.from_json(fit.to_json())
    assert [one.reference for one in back.columns] == [one.reference for one in fit.columns]
    assert back["x"].reference == reference_of(PAIRS["log-normal"][0])
    document = json.loads(fit.to_json())
    for column in document["columns"]:
        del column["reference"]
    older = nf.Fit.from_json(json.dumps(document))
    assert [one.reference for one in older.columns] == [None, None]
    assert older.id == fit.id


@pytest.mark.parametrize(
    "damage",
    [
        {"edges": [1.0]},
        {"upto": [1, 2]},
        {"n": -1},
        {"rows": 0},
        {"quantiles": [1.0]},
        {"low": None},
        {"edges": "text"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_damaged_reference_is_refused(damage: dict[str, object]) -> None:
    document = json.loads(nf.fit(pl.DataFrame({"x": [1.0, 2.0, 5.0, 9.0]}), {"x": "robust"}).to_json())
    document["columns"][0]["reference"] |= damage
    with pytest.raises(FormatError):
        nf.Fit.from_json(json.dumps(document))
