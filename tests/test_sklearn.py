"""`normflow.sklearn.Normalizer` as a citizen of scikit-learn, and its numbers against scikit-learn's own."""

from __future__ import annotations

import pickle
import pickletools
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.estimator_checks import parametrize_with_checks

import normflow as nf
from normflow.sklearn import Normalizer

RNG = np.random.default_rng(7)
X = np.column_stack([RNG.normal(50, 9, 300), np.exp(RNG.normal(0, 1.2, 300)), RNG.uniform(0, 1, 300)])
HOLES = X.copy()
HOLES[::7, 1] = np.nan


@parametrize_with_checks(  # type: ignore[untyped-decorator]  # no types there
    [
        Normalizer(),
        Normalizer("zscore"),
        Normalizer("minmax"),
        Normalizer("robust"),
        Normalizer("quantile_normal"),
        Normalizer("quantile_uniform"),
        Normalizer("asinh"),
        Normalizer("none"),
    ]
)
def test_the_estimator_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    if "array_api" in getattr(check, "func", check).__name__:
        pytest.skip("normflow computes on Arrow memory, and takes arrays of numpy")
    check(estimator)


@pytest.mark.parametrize(
    ("method", "theirs"),
    [
        ("zscore", StandardScaler()),
        ("minmax", MinMaxScaler()),
        ("robust", RobustScaler()),
        ("maxabs", MaxAbsScaler()),
        ("yeojohnson", PowerTransformer(standardize=True)),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_numbers_are_those_of_scikit_learn(method: str, theirs: Any) -> None:
    """λ is found to 3e-5 of theirs, everything else is the same number."""
    near = 1e-4 if method == "yeojohnson" else 1e-12
    ours = Normalizer(method).fit(HOLES)
    theirs.fit(HOLES)
    np.testing.assert_allclose(ours.transform(HOLES), theirs.transform(HOLES), rtol=near, atol=near)
    np.testing.assert_allclose(ours.inverse_transform(ours.transform(HOLES)), HOLES, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", ["auto", "zscore", "robust", "yeojohnson", "quantile_normal"])
def test_parts_in_any_order_give_the_bits_of_one_fit(method: str) -> None:
    whole = Normalizer(method).fit(HOLES)
    parts = Normalizer(method)
    for part in (HOLES[250:], HOLES[:1], HOLES[1:250]):
        parts.partial_fit(part)
    assert parts.fit_.id == whole.fit_.id
    assert parts.profile_ == whole.profile_
    assert parts.transform(HOLES).tobytes() == whole.transform(HOLES).tobytes()


def test_fit_forgets_what_was_learned_before() -> None:
    again = Normalizer("zscore").fit(X[:100]).fit(X)
    assert again.fit_.id == Normalizer("zscore").fit(X).fit_.id


def test_it_works_in_a_pipeline_with_a_search_over_goals_and_methods() -> None:
    y = np.log(X[:, 1]) + X[:, 2]
    search = GridSearchCV(
        make_pipeline(Normalizer(), Ridge(alpha=1e-3)),
        [{"normalizer__method": ["none", "log"]}, {"normalizer__goal": ["model", "gaussian"]}],
        cv=3,
        error_score="raise",
    )
    search.fit(X, y)
    scores = dict(
        zip(map(str, search.cv_results_["params"]), search.cv_results_["mean_test_score"], strict=True)
    )
    assert scores["{'normalizer__method': 'log'}"] > scores["{'normalizer__method': 'none'}"] + 0.05
    assert search.best_score_ > 0.95


def test_it_works_in_a_column_transformer_with_names_out() -> None:
    frame = pd.DataFrame({"price": X[:, 1], "kind": ["a", "b", "c"] * 100, "share": X[:, 2]})
    both = ColumnTransformer(
        [
            (
                "n",
                Normalizer("zscore", columns={"price": {"method": "log", "suffix": "_log"}}),
                ["price", "share"],
            ),
            ("o", OneHotEncoder(sparse_output=False), ["kind"]),
        ],
        verbose_feature_names_out=False,
    ).set_output(transform="polars")
    out = both.fit_transform(frame)
    assert isinstance(out, pl.DataFrame)
    assert out.columns == ["price", "share", "price_log", "kind_a", "kind_b", "kind_c"]
    assert out["price"].to_list() == frame["price"].tolist()
    back = both.named_transformers_["n"].inverse_transform(
        out.select("price", "share", "price_log").to_numpy()
    )
    np.testing.assert_allclose(back, frame[["price", "share"]], rtol=1e-9)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_set_output_gives_frames(kind: str) -> None:
    out: Any = (
        Normalizer("center").set_output(transform=kind).fit_transform(pd.DataFrame(X, columns=list("abc")))
    )
    assert type(out).__module__.startswith(kind)
    assert list(out.columns) == ["a", "b", "c"]


def test_frames_of_polars_are_taken() -> None:
    frame = pl.DataFrame(X, schema=["a", "b", "c"])
    ours = Normalizer("zscore").fit(frame)
    assert ours.feature_names_in_.tolist() == ["a", "b", "c"]
    assert ours.fit_.id == nf.fit(frame, {"*": "zscore"}).id


@pytest.mark.parametrize("stored", ["pickle", "json"])
def test_what_is_stored_goes_on_where_it_was(stored: str) -> None:
    first = Normalizer("quantile_normal", columns={"b": "zscore"}).fit(
        pd.DataFrame(HOLES[:200], columns=list("abc"))
    )
    again: Any = Normalizer.from_json(first.to_json())
    if stored == "pickle":
        again = pickle.loads(pickle.dumps(first))  # noqa: S301  (its own bytes)
    frame = pd.DataFrame(HOLES, columns=list("abc"))
    assert again.get_params() == first.get_params()
    assert again.transform(frame).tobytes() == first.transform(frame).tobytes()
    assert again.partial_fit(frame[200:]).fit_.id == clone(first).fit(frame).fit_.id


def test_a_pickle_names_no_class_but_the_transformer() -> None:
    stored = pickle.dumps(Normalizer().fit(X), protocol=2)
    named = {argument for code, argument, _ in pickletools.genops(stored) if code.name == "GLOBAL"}
    assert {
        name for name in map(str, named) if not name.startswith(("copyreg", "__builtin__", "_codecs"))
    } == {"normflow.sklearn Normalizer"}


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"format": 9}', '{"format": 1, "params": {"evil": 1}}', '{"format": 1, "params": {}}'],
)
def test_a_damaged_text_is_told(text: str) -> None:
    with pytest.raises(nf.FormatError):
        Normalizer.from_json(text)


def test_errors_are_those_of_scikit_learn() -> None:
    with pytest.raises(NotFittedError):
        Normalizer().transform(X)
    with pytest.raises(ValueError, match="boxcox refuses column 'x0'"):
        Normalizer("boxcox").fit(-X)
    with pytest.raises(ValueError, match="zscor"):
        Normalizer("zscor").fit(X)
    with pytest.raises(ValueError, match="infinity"):
        Normalizer().fit([[np.inf], [1.0]])
    with pytest.raises(ValueError, match="X has 2 columns, and transform gives 3"):
        Normalizer().fit(X).inverse_transform(X[:, :2])
    with pytest.raises(ValueError, match="outside"):
        Normalizer({"method": "minmax", "outside": "error"}).fit(X).transform(X + 100)


def test_a_column_with_nothing_in_it_stays_nothing() -> None:
    empty = np.column_stack([X[:, 0], np.full(300, np.nan)])
    out = Normalizer().fit_transform(empty)
    assert np.isnan(out[:, 1]).all()
    assert not np.isnan(out[:, 0]).any()


def test_a_fit_of_a_run_is_a_step_of_a_pipeline() -> None:
    taught = pl.DataFrame({"a": X[:, 0], "word": ["u"] * 300, "b": X[:, 1]})
    fit = nf.fit(taught, {"a": "zscore", "b": {"method": "boxcox", "suffix": "_n"}})
    made = make_pipeline(Normalizer.from_fit(fit)).set_output(transform="polars")
    out = made.transform(taught.select("a", "b"))
    assert out.to_dict(as_series=False) == fit.transform(taught).select("a", "b", "b_n").to_dict(
        as_series=False
    )
    again = Normalizer.from_json(Normalizer.from_fit(fit).to_json())
    assert again.transform(taught.select("a", "b").to_pandas()).tobytes() == out.to_numpy(order="c").tobytes()
    with pytest.raises(ValueError, match="no profile"):
        again.partial_fit(taught.select("a", "b").to_pandas())
    with pytest.raises(ValueError, match="groups"):
        Normalizer.from_fit(nf.fit(taught, {"a": "zscore"}, by="word"))
