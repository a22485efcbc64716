"""What a column of one value becomes, under each policy and under `auto`."""

from __future__ import annotations

import polars as pl
import pytest

import normflow as nf
from normflow.errors import FitError
from tests.fits.test_policies import INF, NAN, Values, assert_values, fitted, out


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("zero", [0.0, 2.0, None]),
        ("keep", [5.0, 7.0, None]),
        ("null", [None, None, None]),
        ("midpoint", [3.0, 5.0, None]),
        (None, [None, None, None]),
    ],
)
def test_a_column_of_one_value_becomes_what_its_policy_says(policy: str | None, expected: Values) -> None:
    """Zero and midpoint shift: what comes later keeps its distance. The middle of the range [2, 4] is 3."""
    fit = fitted("minmax", [5.0, None, 5.0, NAN], range=[2, 4], constant=policy)
    assert_values(out(fit, 5.0, 7.0, None), expected)


def test_a_constant_column_that_is_kept_is_no_untouched_copy() -> None:
    """NaN and ±∞ become null as under any named method, and what is written is Float64."""
    assert_values(
        out(fitted("zscore", [5.0, 5.0], constant="keep"), 5.0, 7.0, NAN, INF), [5.0, 7.0, None, None]
    )
    whole = pl.DataFrame({"x": [5, 5]})
    kept = nf.fit(whole, {"x": {"method": "zscore", "constant": "keep"}}).transform(whole)
    assert kept["x"].dtype == pl.Float64


def test_the_midpoint_of_a_method_without_a_range_is_zero() -> None:
    for method in ("zscore", "robust", "maxabs", "center", "none"):
        assert_values(out(fitted(method, [5.0, 5.0], constant="midpoint"), 5.0), [0.0])


def test_a_constant_column_may_be_an_error() -> None:
    """The sentence holds the value; a column of two values is none."""
    with pytest.raises(FitError) as caught:
        fitted("zscore", [5.0, None, 5.0], constant="error")
    assert str(caught.value) == (
        "zscore refuses column 'x': it holds one value, 5; write another constant policy, or none;"
        " name another method, or 'auto' to let normflow choose"
    )
    assert_values(out(fitted("minmax", [5.0, 6.0], constant="error"), 6.0), [1.0])


def test_a_written_constant_policy_goes_before_the_guard_of_auto() -> None:
    """`auto` leaves a constant column alone, unless somebody says what it becomes."""
    frame = pl.DataFrame({"x": [5, 5, 5]})
    assert nf.fit(frame, {"x": "auto"}).transform(frame)["x"].to_list() == [5, 5, 5]
    for policy, expected in (("zero", 0.0), ("keep", 5.0), ("null", None), ("midpoint", 0.0)):
        fit = nf.fit(frame, {"x": {"method": "auto", "constant": policy}})
        assert fit.transform(frame)["x"].to_list() == [expected] * 3
    with pytest.raises(FitError) as caught:
        nf.fit(frame, {"x": {"method": "auto", "constant": "error"}})
    assert str(caught.value) == (
        "a policy refuses column 'x': it holds one value, 5; write another constant policy, or none"
    )


def test_a_constant_column_can_be_clipped_at_its_quantiles() -> None:
    """They are its one value, and nothing is lost; elsewhere equal quantiles would make a column constant."""
    assert_values(out(fitted("zscore", [5.0, 5.0], clip=["1%", "99%"]), 5.0, 9.0), [0.0, 0.0])
    with pytest.raises(FitError) as caught:
        fitted("zscore", [*[0.0] * 99, 1.0], clip=["1%", "90%"])
    assert str(caught.value) == (
        "zscore refuses column 'x': the quantiles to clip at, 1% and 90%, are both 0; clip at values, or"
        " further out; name another method, or 'auto' to let normflow choose"
    )
