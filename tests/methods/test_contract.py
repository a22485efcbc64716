"""What every method promises on every column of the zoo; new members of either are tested for free."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from normflow.errors import FitError
from normflow.methods import Asinh, Logit, Method, YeoJohnson
from normflow.profiles import observe_values
from normflow.transforms import Affine, Transform
from tests.columns import ZOO
from tests.methods.catalogue import PROFILES, VARIANTS, finite
from tests.transforms.catalogue import applied, column

every_method = pytest.mark.parametrize("method", VARIANTS, ids=str)
every_column = pytest.mark.parametrize("name", ZOO)

SYMMETRIC = {
    *("none", "center", "zscore", "maxabs", "meannorm", "decimal", "robust"),
    *("sqrt", "cbrt", "asinh", "logit", "yeojohnson", "squash"),
}
LOPSIDED = {Asinh(loc=1.5), Logit(bounds=(-100.0, 3000.0), eps=0.01)}
STANDARDIZING = {"log", "sqrt", "cbrt", "asinh", "logit", "boxcox", "yeojohnson"}


def _is_symmetric(method: Method) -> bool:
    # the readable λ that snap takes do not lie symmetrically about 1
    return (
        method.name in SYMMETRIC
        and method not in LOPSIDED
        and not (isinstance(method, YeoJohnson) and method.snap)
    )


@every_method
@every_column
def test_a_method_refuses_with_a_sentence_or_maps_its_rows_to_numbers(method: Method, name: str) -> None:
    profile, values = PROFILES[name], finite(name)
    outcome = method.attempt(profile)
    if isinstance(outcome, str):
        assert method.refuses(profile) == outcome
        assert len(outcome.split()) > 3
        with pytest.raises(FitError) as refusal:
            method.fit(profile)
        assert str(refusal.value) == outcome
        return
    assert method.refuses(profile) is None
    assert method.fit(profile) == outcome
    json.dumps(outcome.to_json(), allow_nan=False)
    mapped = applied(column(values), outcome.stages("x", "_")).to_numpy()
    assert np.isfinite(mapped).all()
    assert np.isfinite(outcome.points(values)).all()


@every_column
def test_the_order_of_the_rows_leaves_no_trace(name: str) -> None:
    shuffled = [ZOO[name][i] for i in np.random.default_rng(1).permutation(len(ZOO[name]))]
    profile = observe_values(shuffled)
    for method in VARIANTS:
        assert repr(method.attempt(profile)) == repr(method.attempt(PROFILES[name]))


@every_method
@pytest.mark.parametrize("name", [name for name, p in PROFILES.items() if p.is_constant])
def test_a_constant_column_is_centred(method: Method, name: str) -> None:
    """Under every method that learns a spread; what is told its bounds uses them."""
    if not method.learns_spread:
        assert method.fit(PROFILES[name]) == method.fit(PROFILES["uniform with nulls"])
        return
    value = finite(name)[0]
    assert method.fit(PROFILES[name]) == Transform((Affine(shift=value),))
    assert method.fit(PROFILES[name]).points(np.array([value])) == 0.0


@every_method
@pytest.mark.parametrize("name", ["empty", "all null", "all nan", "one null"])
def test_without_a_finite_value_there_is_nothing_to_learn(method: Method, name: str) -> None:
    refusal = method.refuses(PROFILES[name])
    assert refusal == (None if method.name == "none" else f"no finite value among {len(ZOO[name])} rows")


@pytest.mark.parametrize("method", [m for m in VARIANTS if _is_symmetric(m)], ids=str)
@every_column
def test_mirrored_data_give_mirrored_results(method: Method, name: str) -> None:
    outcome = method.attempt(PROFILES[name])
    mirrored = method.attempt(observe_values([None if v is None else -v for v in ZOO[name]]))
    assert isinstance(outcome, str) == isinstance(mirrored, str)
    if isinstance(outcome, Transform) and isinstance(mirrored, Transform):
        values = finite(name)
        there, back = outcome.points(values), -mirrored.points(-values)
        assert there == pytest.approx(back, rel=2e-6 if isinstance(method, YeoJohnson) else 1e-12, abs=1e-9)


@pytest.mark.parametrize(
    "method",
    [m for m in VARIANTS if m.name in STANDARDIZING and m != YeoJohnson(standardize=False)],
    ids=str,
)
@every_column
def test_standardized_rows_have_mean_0_and_standard_deviation_1(method: Method, name: str) -> None:
    outcome, values = method.attempt(PROFILES[name]), finite(name)
    if isinstance(outcome, Transform) and not PROFILES[name].is_constant:
        last = outcome.maps[-1]
        assert isinstance(last, Affine)
        # what the mapped values' own rounding leaves
        resolution = 1e-12 + 8 * 2.0**-53 * abs(last.shift) / last.scale
        mapped = outcome.points(values)
        assert math.fsum(mapped) / values.size == pytest.approx(0.0, abs=resolution)
        freedom = values.size - getattr(method, "ddof", 0)
        assert math.sqrt(math.fsum(mapped**2) / freedom) == pytest.approx(1.0, abs=resolution)
