"""Choosing in a run: goals, declared ranges, the margin, stability over partitions, plugins, and explain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from normflow.registry import Registry
from tests.pipeline import one_file
from tests.pipeline.one_file import recorded
from tests.select.plugin import SIGNED_ROOT, install
from tests.select.test_thresholds import NORMAL, skewed

if TYPE_CHECKING:
    from pathlib import Path

LOG_NORMAL = np.exp(NORMAL)


def pipeline(folder: Path, values: Any, text: str = "") -> nf.Pipeline:
    return one_file.pipeline(folder, pl.DataFrame({"x": np.asarray(values, np.float64)}), text)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python imports from."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.mark.parametrize(
    ("text", "method", "goal"),
    [
        ("fit: {goal: bounded}", "boxcox", "bounded"),
        ("fit: {goal: robust}", "squash", "robust"),
        ("fit: {goal: robust}\nnormalize: {x: {method: auto, goal: preserve}}", "zscore", "preserve"),
        ("normalize: {x: {method: auto, candidates: [sqrt, cbrt]}}", "cbrt", "model"),
    ],
)
def test_a_pipeline_names_its_goal_and_a_column_its_own(
    tmp_path: Path, text: str, method: str, goal: str
) -> None:
    nf.run(pipeline(tmp_path, LOG_NORMAL, text))
    found = recorded(tmp_path)["x"]
    assert found.choice is not None
    assert (found.method, found.choice.goal) == (method, goal)


def test_bounded_fills_0_to_1_in_the_output(tmp_path: Path) -> None:
    nf.run(pipeline(tmp_path, LOG_NORMAL, "fit: {goal: bounded}"))
    out = pl.read_parquet(tmp_path / "out" / "data.parquet")["x"]
    assert out.min() == pytest.approx(0.0, abs=1e-15)
    assert out.max() == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(
    ("contract", "declared"),
    [
        ("{range: [0, 100]}", (0.0, 100.0)),
        ("{range: [0, 100], on_fail: quarantine}", (0.0, 100.0)),
        ("{range: [0, 100], on_fail: quarantine, max_failed: 5%}", (0.0, 100.0)),
        ("{range: [0, 100], on_fail: quarantine, severity: warn}", (0.0, 100.0)),
        ("{range: [0, 100], max_failed: 0}", (0.0, 100.0)),
        ("{range: [0, 100], max_failed: 0%}", (0.0, 100.0)),
        ("{range: [0, null]}", None),
        ("{range: [0, 100], severity: warn}", None),
        ("{range: [0, 100], max_failed: 5%}", None),
        ("{nullable: false}", None),
    ],
)
def test_a_range_that_no_row_may_leave_is_evidence(
    tmp_path: Path, contract: str, declared: tuple[float, float] | None
) -> None:
    nf.run(pipeline(tmp_path, LOG_NORMAL, f"contract: {{x: {contract}}}\nfit: {{goal: bounded}}"))
    fit = recorded(tmp_path)["x"]
    assert fit.choice is not None
    assert fit.choice.evidence.declared == declared
    assert fit.choice.unit == (declared or "fitted")


def test_a_refit_keeps_the_method_within_the_margin(tmp_path: Path) -> None:
    """And says so in the record and in the registry."""
    nf.run(pipeline(tmp_path, skewed(1.2)))
    record = nf.run(pipeline(tmp_path, skewed(0.97)), mode="refit")
    assert record.columns[0]["method"] == "boxcox"
    assert record.columns[0]["choice"]["kept"] == {
        "threshold": "skew",
        "margin": 0.05,
        "instead": "zscore",
        "rule": "symmetric",
    }
    with Registry(tmp_path / ".normflow" / "registry.duckdb") as registry:
        (choice,) = registry.choices(record.fit_id)
    assert choice.rule == "kept"
    assert choice.margin == pytest.approx(0.03)
    assert "pearson" in json.loads(choice.candidates)[0]
    record = nf.run(pipeline(tmp_path, skewed(0.9)), mode="refit")
    assert record.columns[0]["method"] == "zscore"


def test_a_pipelines_margin_may_be_0(tmp_path: Path) -> None:
    nf.run(pipeline(tmp_path, skewed(1.2), "fit: {margin: 0%}"))
    record = nf.run(pipeline(tmp_path, skewed(0.97), "fit: {margin: 0%}"), mode="refit")
    assert record.columns[0]["choice"]["rule"] == "symmetric"


def days(folder: Path, count: int) -> nf.Pipeline:
    rng = np.random.default_rng(3)
    for day in range(count):
        x = rng.normal(10, 1, 300) if day else 8 + np.exp(1.5 * rng.normal(size=300))
        pl.DataFrame({"x": x, "y": rng.normal(size=300)}).write_parquet(folder / f"day{day}.parquet")
    (folder / "p.yaml").write_text("source: day*.parquet\nsink: out/data.parquet\n")
    return nf.load(folder / "p.yaml")


def test_a_fit_over_partitions_tells_how_stable_its_choices_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One day makes the skew of x; y is normal whichever day is left out."""
    nf.run(days(tmp_path, 10))
    fit = recorded(tmp_path)
    told = {one.column: one.choice.stability for one in fit.columns if one.choice}
    assert told["x"] is not None
    assert told["y"] is not None
    assert (told["x"].agree, dict(told["x"].others)) == (9, {"zscore": 1})
    assert (told["y"].agree, told["y"].partitions) == (10, 10)
    assert fit.explain()["stability"].to_list() == [0.9, 1.0]
    assert outcome(["explain", str(tmp_path / "p.yaml"), "x"]) == 0
    method = fit["x"].method
    assert f"{method} without any one of 9 of 10 partitions, zscore without 1" in capsys.readouterr().out


def test_one_partition_has_no_stability(tmp_path: Path) -> None:
    nf.run(days(tmp_path, 1))
    assert recorded(tmp_path).explain()["stability"].to_list() == [None, None]


def test_a_plugin_is_listed_named_and_part_of_the_reuse_key(tmp_path: Path, site: Path) -> None:
    install(site, "signed_root", SIGNED_ROOT, "normflow_try_run:SignedRoot")
    values = np.sinh(1.6 * NORMAL)
    plain = nf.run(pipeline(tmp_path, values))
    listed = nf.run(pipeline(tmp_path, values, "plugins: [signed_root]"))
    assert plain.columns[0]["method"] != "signed_root"
    assert (listed.columns[0]["method"], listed.fit) == ("signed_root", "learned")
    named = "plugins: [signed_root]\nnormalize: {x: {method: signed_root, gain: 2}}"
    assert nf.run(pipeline(tmp_path, values, named)).columns[0]["options"] == {"gain": 2}


def test_checking_a_pipeline_runs_no_code_of_its_plugins(tmp_path: Path, site: Path) -> None:
    install(site, "signed_root", "raise SystemExit('it ran')", "normflow_try_check:SignedRoot")
    text = "plugins: [signed_root]\nnormalize: {x: {method: signed_root, gain: 2}}"
    pipeline(tmp_path, LOG_NORMAL, text)
    assert outcome(["check", str(tmp_path / "p.yaml")]) == 0


def test_explain_tells_the_questions_the_scores_and_the_formula(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline(tmp_path, LOG_NORMAL)
    assert outcome(["explain", str(tmp_path / "p.yaml")]) == 0
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    asked = [line[:2] for line in told if line[1:2] in (["no"], ["yes"])]
    assert asked == [
        *([name, "no"] for name in ("no_values", "constant", "two_valued", "row_id", "ordinal", "few_rows")),
        *([name, "no"] for name in ("zero_inflated", "outliers", "symmetric")),
        ["skewed", "yes"],
    ]
    rows = {line[0]: line for line in told if line[:1] and line[0] in {"zscore", "boxcox", "yeojohnson"}}
    assert rows["boxcox"][5] == "chosen"
    assert rows["yeojohnson"][5] == "runner-up"
    assert outcome(["explain", str(tmp_path / "p.yaml"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)["columns"][0]
    assert [step["rule"] for step in document["choice"]["path"]] == [name for name, _ in asked]
    assert set(document["choice"]["before"]) == {"normality", "skew", "kurtosis", "pearson"}
