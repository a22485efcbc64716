"""What a fit records of its policies: all of it survives JSON, and its id knows what transform depends on."""

from __future__ import annotations

import json
import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import normflow as nf

TAUGHT = pl.DataFrame(
    {
        "x": [0.0, 1.0, 2.0, 4.0, None, math.nan],
        "k": [3, 3, 3, 3, 3, None],
        "u": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    }
)
PROBE = pl.DataFrame(
    {
        "x": [None, math.nan, math.inf, -math.inf, -1.0, 0.0, 0.5, 3.9, 4.0, 9.0],
        "k": [None, 3, 4, 2, 1, 0, 7, 8, 9, 10],
        "u": [float(i) for i in range(10)],
    }
)
lines = st.fixed_dictionaries(
    {"method": st.sampled_from(["none", "zscore", "minmax", "auto"])},
    optional={
        "nulls": st.sampled_from(["keep", "mean", 0.5, "indicator", {"fill": "median", "indicator": True}]),
        "nonfinite": st.sampled_from(["null", "keep", "clip"]),
        "outside": st.sampled_from(["keep", "clip", "null", "flag"]),
        "constant": st.sampled_from(["zero", "keep", "null", "midpoint"]),
        "clip": st.sampled_from([[0, 3], ["25%", "75%"]]),
        "dtype": st.sampled_from(["Float64", "Float32"]),
        "suffix": st.sampled_from(["_a", "_b"]),
    },
)
plans = st.fixed_dictionaries({}, optional={"x": lines, "k": lines})


def behaviour(fit: nf.Fit) -> list[pl.DataFrame]:
    """All that a fit does: forward on two frames, and back."""
    outs = [fit.transform(frame) for frame in (PROBE, TAUGHT)]
    return [*outs, *(fit.inverse(out) for out in outs)]


def alike(one: nf.Fit, other: nf.Fit) -> bool:
    pairs = zip(behaviour(one), behaviour(other), strict=True)
    return all(
        a.schema == b.schema and a.select(sorted(a.columns)).equals(b.select(sorted(b.columns)))
        for a, b in pairs
    )


@given(plans, plans)
def test_fits_that_do_different_things_have_different_ids(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Equal ids mean equal results, bit for bit, whatever the policies."""
    a, b = nf.fit(TAUGHT, one), nf.fit(TAUGHT, other)
    assert alike(a, b) or a.id != b.id


@given(plans)
def test_a_fit_comes_back_from_json_whole(plan: dict[str, Any]) -> None:
    """Policies, indicators and numbers: equal values, equal id, equal results."""
    fit = nf.fit(TAUGHT, plan)
    again = nf.Fit.from_json(fit.to_json())
    assert again == fit
    assert again.id == fit.id
    assert all(a.equals(b) for a, b in zip(behaviour(again), behaviour(fit), strict=True))


def of_x(**line: Any) -> str:
    return nf.fit(TAUGHT, {"x": {"method": "zscore", **line}}).id


def test_the_same_transform_has_the_same_id_however_it_was_asked_for() -> None:
    """Defaults written out, quantiles and statistics as the numbers they are, and other words for nothing."""
    plain = of_x()
    for line in (
        {"nulls": "keep"},
        {"nonfinite": "null"},
        {"nonfinite": None},
        {"outside": "keep"},
        {"dtype": "Float64"},
        {"constant": "midpoint"},
        {"ddof": 0},
        {"nulls": {"fill": "keep", "indicator": False}},
    ):
        assert of_x(**line) == plain, line
    assert of_x(nulls="mean") == of_x(nulls=1.75)
    assert of_x(nulls="median") == of_x(nulls=1.5)
    assert of_x(clip=["0%", "100%"]) == of_x(clip=[0, 4])
    assert of_x(nulls="indicator") == of_x(nulls={"indicator": True})


def test_every_policy_changes_the_id() -> None:
    """Also those that judge rows or add columns, and leave the values alone."""
    ids = [
        of_x(),
        *(of_x(nulls=one) for one in ("mean", "median", "mode", 7, "indicator")),
        of_x(nulls={"fill": 7, "indicator": True}),
        *(of_x(nonfinite=one) for one in ("keep", "clip", "error")),
        *(of_x(outside=one) for one in ("clip", "null", "flag", "quarantine", "error")),
        of_x(clip=[0, 4]),
        of_x(clip=[0, 3]),
        of_x(dtype="Float32"),
        of_x(suffix="_n"),
    ]
    assert len(set(ids)) == len(ids)


def test_a_column_that_stays_has_another_id_than_one_with_a_policy() -> None:
    """`nonfinite: null` and `dtype: Float64` do something where there is no map."""
    ids = [
        nf.fit(TAUGHT, {"x": {"method": "none", **line}}).id
        for line in ({}, {"nonfinite": "null"}, {"nonfinite": "keep"}, {"dtype": "Float32"})
    ]
    assert len(set(ids)) == len(ids)
    as_float = nf.fit(TAUGHT, {"x": {"method": "none", "dtype": "Float64"}}).id
    assert as_float == ids[1]


def test_row_wise_methods_are_known_by_what_they_do() -> None:
    """Defaults written out are no difference; norm, members, suffix and type are."""

    def of_row(method: str = "unit", columns: tuple[str, ...] = ("x", "u"), **line: Any) -> str:
        return nf.fit(TAUGHT, {"r": {"method": method, "columns": columns, **line}}).id

    assert of_row(norm="l2") == of_row()
    assert of_row("layer", eps=1e-5) == of_row("layer")
    others = [
        of_row(),
        of_row(norm="l1"),
        of_row("layer"),
        of_row("layer", eps=1),
        of_row(columns=("x", "k")),
        of_row(suffix="_n"),
        of_row(dtype="Float32"),
    ]
    assert len(set(others)) == len(others)
    assert of_row("layer", eps=1) == of_row("layer", eps=1.0)


def test_what_was_written_stands_beside_the_method() -> None:
    """Under the names of the policies, as JSON."""
    line = {"method": "zscore", "nulls": {"fill": "median", "indicator": True}, "clip": ["1%", "99%"]}
    stored = json.loads(nf.fit(TAUGHT, {"x": line}).to_json())["columns"][0]
    assert stored["options"] == {"fill": "median", "indicator": True, "clip": ["1%", "99%"]}
    assert [one["kind"] for one in stored["treatment"]["guards"]["maps"]] == ["clip", "fill"]
    assert (stored["treatment"]["low"], stored["treatment"]["high"]) == (0.0, 4.0)


@pytest.mark.parametrize(("key", "value"), [("nonfinite", "keep"), ("outside", "clip"), ("indicator", True)])
def test_a_changed_policy_is_noticed(key: str, value: object) -> None:
    """A stored fit that was edited by hand is refused."""
    stored = json.loads(nf.fit(TAUGHT, {"x": "zscore"}).to_json())
    stored["columns"][0]["treatment"][key] = value
    with pytest.raises(nf.NormflowError) as caught:
        nf.Fit.from_json(json.dumps(stored))
    assert str(caught.value) == ("the stored fit does not match its id; it was changed or damaged: fit again")
