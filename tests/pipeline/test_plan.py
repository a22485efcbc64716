"""A plan tells what the run then does, and leaves no trace."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import normflow as nf
from normflow.pipeline import compared, partitions
from tests.pipeline.days import changed, contents, day, project, registry_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_plan_tells_what_the_run_then_does_and_makes_nothing(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    before = contents(tmp_path)
    plan = nf.plan(pipeline)
    assert contents(tmp_path) == before
    assert (plan.fit, plan.partitions, len(plan.to_read), plan.changes) == ("learned", 3, 3, None)
    assert plan.why == "no run of this pipeline has succeeded yet"
    assert plan.checks == ("contract.x.range",)
    assert [(one.role, one.bytes, one.as_left) for one in plan.outputs] == [
        ("output", None, None),
        ("quarantine", None, None),
    ]
    assert plan.exit_code == 5
    record = nf.run(pipeline)
    assert record.fit == plan.fit
    before = contents(tmp_path)
    plan = nf.plan(pipeline)
    assert contents(tmp_path) == before
    assert (plan.fit, plan.fit_id, plan.last_run) == ("reused", record.fit_id, record.run_id)
    assert plan.since is not None
    assert abs(datetime.fromisoformat(plan.since) - datetime.fromisoformat(record.finished)) < timedelta(60)
    assert [one.as_left for one in plan.outputs] == [True, True]
    assert plan.exit_code == 0
    assert json.loads(json.dumps(plan.to_json()))["differs"] is False


def test_a_plan_sees_what_is_no_longer_as_the_last_run_left_it(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    nf.run(pipeline)
    assert nf.plan(changed(pipeline, "checks: {x: {finite: true}}\n")).config_changed
    pipeline = changed(pipeline, "")
    assert not nf.plan(pipeline).differs
    shutil.copy(tmp_path / "out" / "all.parquet", tmp_path / "kept")
    (tmp_path / "out" / "all.parquet").write_bytes((tmp_path / "kept").read_bytes()[::-1])
    assert [one.as_left for one in nf.plan(pipeline).outputs] == [False, True]
    shutil.copy(tmp_path / "kept", tmp_path / "out" / "all.parquet")
    assert not nf.plan(pipeline).differs
    added, gone = day(tmp_path, 7), tmp_path / "days" / "00.parquet"
    gone.unlink()
    rewritten = day(tmp_path, 1, shift=0.5)
    plan = nf.plan(pipeline)
    assert plan.fit == "reused"
    assert plan.inputs == ((str(added),), (str(rewritten),), (str(gone),))
    assert plan.exit_code == 5


def test_a_plan_knows_a_new_fit_where_no_row_has_to_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its changes are those between the fits before and after the run that follows."""
    pipeline = project(tmp_path)
    first = nf.run(pipeline)
    pipeline = changed(pipeline, 'normalize: {"*": auto, x: minmax}\n')
    with monkeypatch.context() as patch:
        patch.setattr(partitions, "_observed", pytest.fail)
        plan = nf.plan(pipeline)
    assert plan.fit == "learned"
    assert plan.why == "the configuration or the types of the columns are not those of any earlier fit"
    assert plan.changes == compared_fits(pipeline, first.fit_id, nf.run(pipeline).fit_id)
    first_change = (plan.changes or ())[0]
    assert (first_change.column, first_change.what, first_change.b) == ("x", "method", "minmax")


def test_a_plan_of_a_refit_tells_methods_that_change(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    first = nf.run(pipeline)
    assert nf.plan(pipeline, mode="refit").changes == ()
    assert nf.plan(pipeline, mode="refit").exit_code == 0
    (tmp_path / "days" / "00.parquet").unlink()
    plan = nf.plan(pipeline, mode="refit")
    assert plan.to_read == ()
    second = nf.run(pipeline, mode="refit")
    assert plan.changes == compared_fits(pipeline, first.fit_id, second.fit_id)
    assert plan.changes
    day(tmp_path, 8)
    plan = nf.plan(pipeline, mode="refit")
    assert [path[-10:] for path in plan.to_read] == ["08.parquet"]
    assert plan.changes == compared_fits(pipeline, second.fit_id, nf.run(pipeline, mode="refit").fit_id)


def compared_fits(pipeline: nf.Pipeline, a: str, b: str) -> object:
    return compared(registry_of(pipeline), a, b).differences


def test_a_plan_names_what_is_asked_of_rows_table_and_outputs(tmp_path: Path) -> None:
    text = "table: {rows: [1, null], unique: [x]}\nchecks: {y: {finite: true, mean: [-1, 1]}}\n"
    checks = nf.plan(project(tmp_path, text)).checks
    assert {"contract.x.range", "table.rows", "checks.y.finite", "checks.y.mean"} <= set(checks)


def test_a_frozen_plan_without_a_fit_says_so(tmp_path: Path) -> None:
    plan = nf.plan(project(tmp_path), mode="frozen")
    assert (plan.fit, plan.exit_code) == ("missing", 5)
    with pytest.raises(nf.ConfigError):
        nf.plan(project(tmp_path), mode="fast")  # type: ignore[arg-type]
