"""The league of selection rules measures what it says; its own runs are in tests/benchmarks/selection."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import chisquare, norm, rankdata, skew
from sklearn.metrics import accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from tests.benchmarks.selection import help as claims
from tests.benchmarks.selection import league
from tests.benchmarks.selection.best_normalize import best_normalize, candidates
from tests.benchmarks.selection.bootstrap import estimate
from tests.benchmarks.selection.catalogue import DEVELOPMENT, PARTS, SET_ASIDE
from tests.benchmarks.selection.datasets import read
from tests.benchmarks.selection.descent import Net, losses
from tests.benchmarks.selection.models import SCALE_SENSITIVE, TREES
from tests.benchmarks.selection.normality import normality
from tests.benchmarks.selection.pearson import normal_plot_correlation, pearson_per_df
from tests.benchmarks.selection.prediction import prediction, regret, splits
from tests.benchmarks.selection.rules import (
    CONTENDERS,
    FIXED,
    OURS,
    PEERS,
    Contender,
    autogluon,
    learned,
    rank_normal,
    tabpfn,
)
from tests.benchmarks.selection.shipped import DataSet, scikit
from tests.benchmarks.selection.tables import normality_table, prediction_table

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
IRIS = scikit("iris", "class")
WINE = scikit("wine", "class")
QUICK_MODELS = {name: SCALE_SENSITIVE[name] for name in ("kNN", "linear")}


def drawn(n: int = 200) -> np.ndarray:
    return np.random.default_rng(20130101).lognormal(size=n)


def test_no_data_set_is_in_both_parts() -> None:
    names = [one.name for part in PARTS.values() for one in part]
    assert len(names) == len(set(names)) == 80


def test_the_extra_bench_installs_every_package_that_ships_data() -> None:
    extra = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]["bench"]
    installed = {
        re.split(r"[<>=]", line)[0].replace("-", "_").replace("scikit_learn", "sklearn") for line in extra
    }
    assert {one.package for part in PARTS.values() for one in part} <= installed


@pytest.mark.parametrize(
    "wanted", [one for part in PARTS.values() for one in part if one.package == "sklearn"]
)
def test_a_data_set_has_whole_rows_that_vary(wanted: DataSet) -> None:
    data = read(wanted)
    assert np.isfinite(data.x).all()
    assert (np.ptp(data.x, axis=0) > 0).all()
    assert data.x.shape == (len(data.y), len(data.columns))
    assert wanted.task == "number" or set(data.y) == set(range(int(data.y.max()) + 1))


def test_rows_are_always_the_same_ones() -> None:
    data = read(WINE)
    assert np.array_equal(data.rows(50).x, data.rows(50).x)
    assert data.rows(1000) is data


def test_pearsons_statistic_is_the_chi_square_of_equally_likely_classes() -> None:
    values = drawn()
    z = (values - values.mean()) / values.std(ddof=1)
    counts = np.histogram(z, bins=norm.ppf(np.linspace(0, 1, 18)))[0]  # ⌈2·200^0.4⌉ = 17 classes
    assert pearson_per_df(values) == pytest.approx(chisquare(counts).statistic / 14, rel=1e-12)


def test_pearsons_statistic_of_one_value_counts_one_class() -> None:
    assert pearson_per_df(np.full(200, 3.0)) == pytest.approx(chisquare([200, *[0] * 16]).statistic / 14)
    assert pearson_per_df(np.array([1.0, 2.0])) == np.inf


def test_normal_scores_have_a_normal_plot_correlation_of_one() -> None:
    assert normal_plot_correlation(norm.ppf((np.arange(1, 101) - 0.375) / 100.25)) == pytest.approx(
        1, abs=1e-12
    )
    assert normal_plot_correlation(np.ones(5)) == 0.0


def test_rank_normal_maps_midranks_and_is_flat_outside() -> None:
    x = np.array([3.0, 1, 2, 2, 5, 5, 5, 9])
    apply = rank_normal(x)
    assert apply(x) == pytest.approx(norm.ppf((rankdata(x) - 0.5) / 8), abs=1e-12)
    assert apply(np.array([-100.0, 100.0])) == pytest.approx(apply(np.array([1.0, 9.0])))


def test_autogluons_rule_turns_at_the_skew_that_pandas_counts() -> None:
    """Skewed columns become quantile-normal, others z-scores, two values 0 and 1."""
    skewed, even = drawn(), np.random.default_rng(1).normal(size=200)
    assert skew(skewed, bias=False) > 0.99 > abs(skew(even, bias=False))
    quantiles = QuantileTransformer(n_quantiles=200, output_distribution="normal")
    assert autogluon(skewed)(skewed) == pytest.approx(quantiles.fit_transform(skewed[:, None])[:, 0])
    assert autogluon(even)(even) == pytest.approx(StandardScaler().fit_transform(even[:, None])[:, 0])
    assert autogluon(np.array([2.0, 2, 7]))(np.array([2.0, 7])) == pytest.approx([0, 1])


def test_tabpfns_rule_standardizes_and_survives_what_box_cox_cannot_map() -> None:
    x = np.random.default_rng(2).lognormal(sigma=0.2, size=300) + np.repeat([0.0, 3.0], [250, 50])
    mapped = tabpfn(x)(np.append(x, -1.0))
    assert mapped[:-1].mean() == pytest.approx(0, abs=1e-9)
    assert mapped[:-1].std() == pytest.approx(1)
    assert np.isfinite(mapped).all()


def test_bestnormalizes_rule_standardizes_and_makes_a_lognormal_normal() -> None:
    x = drawn(400)
    assert pearson_per_df(best_normalize(x)(x)) < 2 < pearson_per_df(x)
    assert best_normalize(x)(x).mean() == pytest.approx(0, abs=0.05)
    assert len(candidates(x)) == len(candidates(-x)) + 1, "Box-Cox needs positive values"


@pytest.mark.parametrize("one", CONTENDERS, ids=lambda one: one.name)
def test_a_rule_lives_through_columns_that_hurt(one: Contender) -> None:
    """A constant column, a rare second value, huge values, and new values outside the fitted range."""
    n = 40
    x = np.column_stack([np.ones(n), np.eye(n)[0], np.geomspace(1, 1e12, n), -np.geomspace(1, 1e-9, n)])
    assert np.isfinite(learned(one, x)(np.vstack([x, -x, 10 * x]))).all()


def test_an_estimate_is_the_mean_with_the_bootstrap_interval_around_it() -> None:
    values = np.random.default_rng(3).normal(1, 1, 400)
    found = estimate(values)
    half = 1.96 * values.std() / 20
    assert found.mean == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.02)
    assert found.differs
    assert not estimate(values - values.mean()).differs


def test_a_score_is_the_models_accuracy_on_rows_it_did_not_see() -> None:
    found = prediction(IRIS, FIXED[:1], {"kNN": SCALE_SENSITIVE["kNN"]}, seeds=1)
    data = read(IRIS)
    expected = [
        accuracy_score(
            data.y[test], KNeighborsClassifier(10).fit(data.x[train], data.y[train]).predict(data.x[test])
        )
        for _, train, test in splits(data, 1)
    ]
    assert found.scores == pytest.approx(np.mean(expected))


def test_the_league_runs_and_its_tables_name_every_rule() -> None:
    """On a small data set of scikit-learn; the best fixed method has no regret."""
    columns = normality(IRIS, CONTENDERS, seeds=1)
    tasks = prediction(IRIS, CONTENDERS, QUICK_MODELS, seeds=1, rows=90)
    assert columns
    assert columns.ratio[: len(FIXED)].min() >= 0
    assert regret(tasks, CONTENDERS)[: len(FIXED)].min(axis=0) == pytest.approx([0, 0])
    for table in (
        normality_table([columns], CONTENDERS, versus="normflow, model"),
        prediction_table([tasks], CONTENDERS, QUICK_MODELS, versus="normflow, model"),
    ):
        names = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
        assert sorted(names) == sorted(one.name for one in (*FIXED, *PEERS, *OURS))


def test_a_column_without_many_values_is_not_measured() -> None:
    assert normality(scikit("digits", "class"), FIXED, seeds=1, rows=100) is None


def test_a_step_goes_down_the_gradient() -> None:
    """Against finite differences of the loss, hidden layer and biases included."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(20, 3)), np.eye(2)[rng.integers(0, 2, 20)]
    net = Net.drawn(3, 2, hidden=True, rng=rng)
    before = [layer.copy() for layer in net.layers]

    def loss(weights: np.ndarray) -> float:
        sizes = np.cumsum([layer.size for layer in before])[:-1]
        layers = [w.reshape(b.shape) for w, b in zip(np.split(weights, sizes), before, strict=True)]
        return float(-np.log(Net(layers).forward(x)[1][y > 0]).mean())

    flat = np.concatenate([layer.ravel() for layer in before])
    net.step(x, y, 1.0)
    moved = flat - np.concatenate([layer.ravel() for layer in net.layers])
    assert moved == pytest.approx(approx_fprime(flat, loss, 1e-7), abs=1e-5)


def test_a_rate_that_diverges_has_no_loss() -> None:
    x = read(WINE).x
    curve = losses(x * 1e200, read(WINE).y, 1e200, hidden=False, seed=0, epochs=3)
    assert np.isinf(curve).all()


def test_the_page_of_claims_is_made_of_the_same_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both commands print their tables, here for one data set and few epochs."""
    monkeypatch.setattr(claims, "EPOCHS", 3)
    monkeypatch.setattr(claims, "MODELS", QUICK_MODELS | {"tree": TREES["tree"]})
    one = claims.descents(IRIS)
    assert one
    assert "| z-score | " in claims.descent_table([one], 0)
    assert claims.descents(scikit("diabetes", "number")) is None
    found = np.array([claims.scores(IRIS)])
    assert found.shape == (1, 6, 3)
    assert "| tree | " in claims.score_table(found)
    assert "| kNN | " in claims.unit_table(found)


def test_the_quick_run_prints_both_tables_of_a_part(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(league, "PARTS", {DEVELOPMENT: (WINE,), SET_ASIDE: (IRIS,)})
    monkeypatch.setattr(league, "CONTENDERS", (*FIXED[:2], *OURS[:1]))
    monkeypatch.setattr(league, "SCALE_SENSITIVE", QUICK_MODELS)
    monkeypatch.setattr("sys.argv", ["selection", "--quick", "--part", DEVELOPMENT, "--jobs", "1"])
    league.main()
    told = capsys.readouterr().out
    assert "### Normality: 13 columns of 1 data sets (development)" in told
    assert "### Prediction: 2 tasks of 1 data sets (development)" in told
