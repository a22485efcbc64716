"""The law of groups: on the rows of a group, the fit by groups is the fit of those rows alone."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import normflow as nf
from normflow.errors import FitError
from normflow.fits import learn
from normflow.methods import Method, QuantileNormal, QuantileUniform, YeoJohnson
from normflow.methods.options import option_names
from normflow.profiles import observe, observe_groups
from normflow.spec import GroupSpec, MethodSpec, policies_of
from tests.columns import ZOO
from tests.methods.catalogue import VARIANTS

RESOLUTION = 512
BY = GroupSpec(columns=("key",), min_rows=1, resolution=RESOLUTION)
KNOTTED = (QuantileUniform.name, QuantileNormal.name)
METHODS = [one for one in VARIANTS if one.name not in KNOTTED]
TAME = pl.DataFrame({"x": np.linspace(0.05, 0.95, 50)})
ROWS = pl.concat(
    pl.DataFrame({"key": [name] * len(values), "x": values}, schema={"key": pl.String, "x": pl.Float64})
    for name, values in ZOO.items()
).sample(fraction=1.0, shuffle=True, seed=20131001)


def line(method: Method, **policies: object) -> MethodSpec:
    options = {name: getattr(method, name) for name in option_names(type(method))}
    return MethodSpec(method=method.name, options=options, policies=policies_of(policies))


def by_groups(rows: pl.DataFrame, wanted: MethodSpec) -> nf.Fit:
    """The fit of every key as a group; what the whole table teaches is tame, and refuses nothing."""
    _, grouped = observe_groups(rows.lazy(), ["key"], ["x"], resolution=RESOLUTION)
    return learn(observe(TAME.lazy(), ["x"]), {"x": wanted}, by=BY, grouped=grouped)


def alone(rows: pl.DataFrame, wanted: MethodSpec) -> nf.Fit | None:
    """The fit of rows by themselves; None where the method refuses them, or they hold no number."""
    profile = observe(rows.lazy(), ["x"], resolution=RESOLUTION)
    if profile["x"].n == 0:
        return None
    try:
        return learn(profile, {"x": wanted})
    except FitError:
        return None


def assert_same(found: pl.Series, expected: pl.Series, *, exact: bool) -> None:
    if exact:
        assert found.equals(expected)
        return
    assert found.is_null().equals(expected.is_null())
    ours, its = found.drop_nulls().to_numpy(), expected.drop_nulls().to_numpy()
    beyond = ~np.isfinite(its)
    assert np.array_equal(ours[beyond], its[beyond], equal_nan=True)
    error = np.abs(ours[~beyond] - its[~beyond])
    assert (error <= 1e-12 * np.maximum(1.0, np.abs(its[~beyond]))).all(), error.max()


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_group_is_transformed_as_by_the_fit_of_its_rows(method: Method) -> None:
    """Affine maps to the bit, others to 1e-12·max(1, |y|); a group that is refused as the whole table."""
    wanted = line(method)
    fit = by_groups(ROWS, wanted)
    whole = learn(observe(TAME.lazy(), ["x"]), {"x": wanted})
    again = nf.Fit.from_json(fit.to_json())
    assert (again, again.id) == (fit, fit.id)
    out, back = fit.transform(ROWS), fit.inverse(fit.transform(ROWS))
    assert out["key"].equals(ROWS["key"])
    assert again.transform(ROWS).equals(out)
    for key in ZOO:
        here = pl.col("key") == key
        rows = ROWS.filter(here)
        single = alone(rows, wanted) if rows.height else None
        reference = single or whole
        exact = all(one.kind == "affine" for one in reference.columns[0].transform.maps)
        expected = reference.transform(rows)
        assert_same(out.filter(here)["x"], expected["x"], exact=exact)
        assert_same(back.filter(here)["x"], reference.inverse(expected)["x"], exact=exact)
        if rows.height and single:
            assert fit.group({"key": key}).columns[0].transform == single.columns[0].transform


values = st.one_of(
    st.none(),
    st.floats(width=64),
    st.sampled_from([0.0, -0.0, 1.0, 2.0, 0.1, 1e9, 1e9 + 1, math.nan, math.inf]),
    st.integers(-5, 5).map(float),
)
rows_by_key = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), values), min_size=1, max_size=60)
POLICIES: list[dict[str, object]] = [
    {},
    {"nulls": "median", "outside": "clip"},
    {"nonfinite": "clip", "clip": ["10%", "90%"]},
    {"outside": "null", "nulls": {"fill": "mean", "indicator": True}, "constant": "midpoint"},
    {"outside": "flag", "constant": "null", "dtype": "Float32"},
    {"nonfinite": "keep", "constant": "keep"},
]


@settings(max_examples=60, deadline=None)
@given(
    rows_by_key,
    st.sampled_from([one for one in METHODS if one.name in {"zscore", "minmax", "robust", "yeojohnson"}]),
    st.sampled_from(POLICIES),
)
@example(rows=[("a", 0.0), ("a", 1.0)], method=YeoJohnson(robust=True, ddof=1), policies={})
def test_policies_have_the_numbers_of_their_group(
    rows: list[tuple[str | None, float | None]],
    method: Method,
    policies: dict[str, object],
) -> None:
    """Clip, fill, the fitted range and what a constant becomes are learned by group as well."""
    wanted = line(method, **policies)
    frame = pl.DataFrame(rows, schema={"key": pl.String, "x": pl.Float64}, orient="row")
    fit = by_groups(frame, wanted)
    whole = learn(observe(TAME.lazy(), ["x"]), {"x": wanted})
    out = fit.transform(frame)
    for key in frame["key"].unique():
        here = pl.col("key").eq_missing(pl.lit(key, pl.String))
        single = alone(frame.filter(here), wanted) or whole
        expected = single.transform(frame.filter(here))
        maps = [*single.columns[0].treatment.guards.maps, *single.columns[0].transform.maps]
        exact = all(one.kind != "yeojohnson" for one in maps)
        assert out.columns == expected.columns
        for name in out.columns:
            assert_same(out.filter(here)[name], expected[name], exact=exact or name != "x")
        assert single is whole or fit.group({"key": key}).id == single.id


@settings(max_examples=30, deadline=None)
@given(rows_by_key, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_columns_leaves_no_trace(
    rows: list[tuple[str | None, float | None]], random: object
) -> None:
    frame = pl.DataFrame(rows, schema={"key": pl.String, "x": pl.Float64}, orient="row")
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = pl.DataFrame(shuffled, schema={"key": pl.String, "x": pl.Float64}, orient="row")
    wanted = line(METHODS[2])
    fit = by_groups(frame, wanted)
    assert by_groups(other.select("x", "key"), wanted).id == fit.id
    assert by_groups(pl.concat([other[:7], other[7:]], rechunk=False), wanted) == fit
