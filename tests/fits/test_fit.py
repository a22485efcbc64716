"""A fit: applies, undoes, explains and stores itself."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import normflow as nf
from normflow.errors import NormflowError
from tests.columns import ZOO

RNG = np.random.default_rng(20130704)


def frame(n: int = 400) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "name": [f"r{i}" for i in range(n)],
            "x": RNG.normal(20, 5, n),
            "y": np.exp(RNG.normal(size=n)),
            "k": RNG.integers(0, 100, n),
        }
    )


def test_columns_nobody_names_pass_through_untouched() -> None:
    data = frame()
    out = nf.fit(data, {"x": "zscore"}).transform(data)
    assert out.columns == data.columns
    assert_frame_equal(out.drop("x"), data.drop("x"))


def test_a_fit_agrees_with_scikit_learn() -> None:
    data = frame()
    out = nf.fit(data, {"x": "zscore", "k": "minmax"}).transform(data)
    x, k = (data[name].to_numpy().reshape(-1, 1) for name in ("x", "k"))
    assert np.allclose(out["x"].to_numpy(), StandardScaler().fit_transform(x)[:, 0], rtol=0, atol=1e-12)
    assert np.allclose(out["k"].to_numpy(), MinMaxScaler().fit_transform(k)[:, 0], rtol=0, atol=1e-12)


def test_lazy_in_lazy_out_and_eager_in_eager_out() -> None:
    data = frame()
    fit = nf.fit(data)
    lazy = fit.transform(data.lazy())
    assert isinstance(lazy, pl.LazyFrame)
    assert_frame_equal(lazy.collect(), fit.transform(data))


def test_a_fit_from_a_profile_is_the_fit_from_the_frame() -> None:
    """Parameters come from the profile alone; profiles of parts add up to the profile of the whole."""
    data = frame()
    parts = nf.profile(data[:150]) + nf.profile(data[150:])
    assert nf.fit(parts, {"x": "zscore", "y": "boxcox"}).id == nf.fit(data, {"x": "zscore", "y": "boxcox"}).id
    assert nf.fit(parts).id == nf.fit(data).id


@given(seed=st.integers(0, 1000), cut=st.integers(1, 399))
def test_the_id_does_not_know_order_or_split(seed: int, cut: int) -> None:
    """Equal bits, equal id, however the rows were ordered and cut."""
    data = frame_fixed()
    shuffled = data.sample(fraction=1.0, shuffle=True, seed=seed)
    profile = nf.profile(shuffled[:cut]) + nf.profile(shuffled[cut:])
    assert nf.fit(profile).id == FIXED_ID


def frame_fixed() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    return pl.DataFrame({"a": rng.normal(size=400), "b": rng.gamma(2, 3, 400), "c": rng.integers(0, 50, 400)})


FIXED_ID = nf.fit(frame_fixed()).id


def test_a_stored_fit_is_the_same_fit() -> None:
    """JSON round-trips every bit, the evidence included."""
    data = frame()
    fit = nf.fit(data, {"*": "auto", "y": {"method": "yeojohnson", "suffix": "_n"}})
    again = nf.Fit.from_json(fit.to_json())
    assert again == fit
    assert again.to_json() == fit.to_json()
    assert_frame_equal(again.transform(data), fit.transform(data))


def test_a_changed_fit_is_refused() -> None:
    """A stored fit carries its id; numbers that do not match it are damage."""
    document = json.loads(nf.fit(frame(), {"x": "zscore"}).to_json())
    document["columns"][0]["transform"]["maps"][0]["shift"] += 1e-9
    with pytest.raises(nf.FormatError, match="does not match its id"):
        nf.Fit.from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": 1}', '{"format": 99}', "nonsense"])
def test_what_is_no_fit_is_refused(text: str) -> None:
    with pytest.raises(nf.FormatError):
        nf.Fit.from_json(text)


@pytest.mark.parametrize("name", ZOO, ids=str)
def test_auto_takes_every_column_of_the_zoo_and_brings_it_back(name: str) -> None:
    """No NaN and no infinity leaves; no value is lost but NaN and ±inf; what was finite comes back.

    The very end of the soft clip, which stands for all values beyond 2^27 of its widths, has no inverse.
    """
    data = pl.DataFrame({"x": pl.Series(ZOO[name], dtype=pl.Float64)})
    if data.is_empty():
        with pytest.raises(nf.EmptySourceError):
            nf.fit(data)
        return
    fit = nf.fit(data)
    out = fit.transform(data)
    if fit["x"].passes_through:
        assert_frame_equal(out, data)
        return
    finite = data["x"].is_finite() & data["x"].is_not_null()
    assert out["x"].is_null().equals(~finite.fill_null(value=False))
    assert out["x"].drop_nulls().is_finite().all()
    kept = finite & (out["x"].abs() != 4.0)
    back, there = (x.filter(kept).to_numpy() for x in (fit.inverse(out)["x"], data["x"]))
    scale = np.max(np.abs(there))
    assert np.all(np.abs(back - there) <= 1e-6 * scale)


def test_hostile_column_names_are_only_names() -> None:
    """Patterns, quotes and our own prefix mean nothing in a name."""
    names = ["*", "^a$", 'say "x"', "__nf_0", "a.b", " ", "é"]
    data = pl.DataFrame({name: RNG.normal(size=50) for name in names})
    fit = nf.fit(data, dict.fromkeys(names, "zscore"))
    out = fit.transform(data)
    assert out.columns == names
    for name in names:
        assert abs(float(np.mean(out[name].to_numpy()))) < 1e-12
    assert_frame_equal(fit.inverse(out), data, rel_tol=1e-12)


def test_types_other_than_float_are_read_as_numbers() -> None:
    """Integers, decimals, booleans, dates, times and durations, when named."""
    from datetime import UTC, date, datetime, timedelta
    from decimal import Decimal

    data = pl.DataFrame(
        {
            "integer": [1, 2, 3],
            "decimal": [Decimal("1.25"), Decimal("2.50"), Decimal("3.75")],
            "boolean": [True, False, True],
            "date": [date(2013, 1, 1), date(2013, 1, 2), date(2013, 1, 4)],
            "datetime": [datetime(2013, 1, 1, h, tzinfo=UTC) for h in (0, 1, 3)],
            "duration": [timedelta(seconds=s) for s in (1.5, 2.5, 4.0)],
        }
    )
    out = nf.fit(data, dict.fromkeys(data.columns, "center")).transform(data)
    assert out["integer"].to_list() == [-1.0, 0.0, 1.0]
    assert out["decimal"].to_list() == [-1.25, 0.0, 1.25]
    assert out["date"].to_list() == pytest.approx([-115200.0, -28800.0, 144000.0])
    assert out["datetime"].to_list() == pytest.approx([-4800.0, -1200.0, 6000.0])
    assert out["duration"].to_list() == pytest.approx([-7 / 6, -1 / 6, 4 / 3])


def test_the_inverse_takes_a_renamed_prediction_column() -> None:
    """A model's output comes back in the units of its target."""
    data = frame()
    fit = nf.fit(data, {"y": "boxcox"})
    predicted = fit.transform(data).select(prediction="y")
    back = fit.inverse(predicted, columns={"prediction": "y"})
    assert np.allclose(back["prediction"].to_numpy(), data["y"].to_numpy(), rtol=1e-9)


def test_a_missing_column_is_named_with_a_suggestion() -> None:
    fit = nf.fit(frame(), {"x": "zscore"})
    with pytest.raises(nf.SchemaError, match=r"the fit needs column 'x'"):
        fit.transform(frame().drop("x"))
    with pytest.raises(nf.SchemaError, match=r"the fit has no column 'xx'; did you mean 'x'\?"):
        fit.inverse(frame().rename({"x": "p"}), columns={"p": "xx"})


def test_a_suffix_adds_a_column_and_keeps_the_original() -> None:
    data = frame()
    out = nf.fit(data, {"x": {"method": "zscore", "suffix": "_n"}}).transform(data)
    assert out.columns == [*data.columns, "x_n"]
    assert_frame_equal(out.drop("x_n"), data)


def test_explain_is_a_frame_with_a_row_a_column() -> None:
    explained = nf.fit(frame(), {"*": "auto", "k": "minmax"}).explain()
    assert explained["column"].to_list() == ["x", "y", "k"]
    assert explained["rule"].to_list() == ["symmetric", "skewed", "named"]
    assert {"method", "reason", "parameters", "skew_before", "skew_after"} <= set(explained.columns)


def test_a_named_method_that_refuses_says_why() -> None:
    """A sentence with the number at fault and the way out."""
    with pytest.raises(nf.FitError) as caught:
        nf.fit(pl.DataFrame({"x": [-1.0, 2.0, 3.0]}), {"x": "boxcox"})
    assert "boxcox refuses column 'x'" in str(caught.value)
    assert "-1" in str(caught.value)


@pytest.mark.parametrize(
    ("normalize", "message"),
    [
        ({"x": {"ddof": 1}}, "a method's name or a mapping with `method` is asked for, not {'ddof': 1}"),
        ({"x": None}, "a method's name or a mapping with `method` is asked for, not None"),
        (
            {"x": {"method": "auto", "ddof": 1}},
            "auto takes no option, and here is 'ddof'; name a method",
        ),
        ("auto", """normalize maps columns to methods, and is not 'auto'; {"*": "auto"}"""),
        ({"x": "zscroe"}, "no method 'zscroe'; did you mean 'zscore'?"),
    ],
    ids=str,
)
def test_what_is_no_method_is_refused(normalize: Any, message: str) -> None:
    """Nothing that was written is ignored."""
    with pytest.raises(nf.ConfigError) as caught:
        nf.fit(frame(), normalize)
    assert str(caught.value) == message


def test_what_is_no_frame_or_pipeline_is_refused() -> None:
    """A path is no frame, and no pipeline."""
    wrong: Any = "weather.parquet"
    with pytest.raises(
        nf.ConfigError, match=r"a frame is asked for, not str; scan it: pl\.scan_parquet\(path\)"
    ):
        nf.profile(wrong)
    with pytest.raises(nf.ConfigError) as caught:
        nf.fit(np.zeros((3, 2)))  # type: ignore[arg-type]
    assert str(caught.value) == "a frame is asked for, not ndarray; make one of it: pl.DataFrame(data)"
    with pytest.raises(nf.ConfigError, match=r"a pipeline is asked for, not 'weather\.parquet'; load it"):
        nf.run(wrong)


def test_fits_and_profiles_are_shown_in_a_line() -> None:
    """However much they hold, as people look at them in a notebook and in tracebacks."""
    wide = pl.DataFrame({f"c{i}": [1.0, 2.0, 4.0] for i in range(20)})
    fit = nf.fit(wide, {"c0": "zscore", "c19": "minmax", "row": {"method": "unit", "columns": ["c1", "c2"]}})
    assert repr(fit) == f"<Fit {fit.id[:12]} of 3 rows: c0: zscore, c19: minmax, unit>"
    assert repr(nf.fit(wide, {"*": "center"})).endswith("c7: center, … 12 more>")
    assert repr(nf.profile(wide)).endswith("c10, c11, … 8 more>")
    assert repr(nf.profile(wide.select("c0", "c1"))) == "<Profile of 3 rows: c0, c1>"


def test_candidates_are_a_frame_with_their_scores() -> None:
    found = nf.fit(frame(), {"*": "auto", "k": "minmax"}).candidates()
    assert found.filter(column="y")["standing"].to_list() == [
        *("before", "tried", "tried", "chosen", "runner-up"),
    ]
    assert found.filter(column="k").height == 0
    scores = found.filter(column="y", standing="chosen").select("normality", "skew", "kurtosis", "pearson")
    assert all(value is not None for value in scores.row(0))
    assert nf.fit(frame(), {"*": "none"}).candidates().height == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"goal": "gausian"}, "goal: unknown goal 'gausian'; did you mean 'gaussian'?"),
        ({"margin": 5.0}, "margin: a margin is a share from 0 to 1, not 5.0; 0.05 is 5 %"),
        ({"margin": "5%"}, "margin: a margin is a share from 0 to 1, not '5%'; 0.05 is 5 %"),
        ({"compat": 3}, "'3' is not known; known are sklearn, r, spark, bigquery"),
        ({"normalize": {1: "zscore"}}, "normalize: a column's name is text, not 1"),
        (
            {"normalize": {"y": {"method": "zscore", 1: 2}}},
            "method 'zscore' has no option '1'; known are ddof",
        ),
        (
            {"plugins": ["nothing_of_the_kind"]},
            "plugin 'nothing_of_the_kind' is not installed; none is installed",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_chosen_by_is_refused(options: Any, message: str) -> None:
    with pytest.raises(nf.ConfigError) as caught:
        nf.fit(frame(), **options)
    assert str(caught.value) == message


def test_a_fit_keeps_the_methods_of_an_earlier_one_within_the_margin() -> None:
    from tests.select.test_thresholds import skewed

    earlier = nf.fit(pl.DataFrame({"x": skewed(1.1)}))
    now = pl.DataFrame({"x": skewed(0.97)})
    assert nf.fit(now)["x"].method == "zscore"
    assert nf.fit(now, earlier=earlier)["x"].method == "boxcox"
    assert nf.fit(now, earlier=earlier, margin=0.01)["x"].method == "zscore"


@pytest.mark.parametrize("method", ["center", "zscore", "minmax", "maxabs", "meannorm", "decimal"])
@pytest.mark.parametrize("name", ZOO)
def test_a_method_of_moments_and_extremes_needs_no_shape(name: str, method: str) -> None:
    """From a frame only what it reads is observed; the fit is that of the whole profile, bit for bit."""
    frame = pl.DataFrame({"x": pl.Series(ZOO[name], dtype=pl.Float64)})
    try:
        whole = nf.fit(nf.profile(frame), {"x": method})
    except NormflowError as refusal:
        with pytest.raises(type(refusal), match=re.escape(str(refusal))):
            nf.fit(frame, {"x": method})
        return
    bare = nf.fit(frame, {"x": method})
    assert bare.id == whole.id
    after, expected = bare.columns[0].after, whole.columns[0].after
    for one, other in ((after.min, expected.min), (after.max, expected.max), (after.std, expected.std)):
        assert one == other or one == pytest.approx(other, rel=1e-12)
    if after.mean is not None:
        assert after.mean == pytest.approx(expected.mean, rel=1e-9, abs=1e-9 * (expected.std or 1.0))
