"""What a plan says and what the run then does are one, whatever happened since the last run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pytest

import normflow as nf
from normflow.contract import of_drift
from normflow.errors import DriftError, NoFitError
from normflow.pipeline import compared, partitions
from tests.pipeline.days import changed, contents, day, project, registry_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from normflow.pipeline import Plan
    from normflow.sources import Partition
    from normflow.spec import Mode

MANY = "fit: {drift: {warn: 0.4, refit: 1.0}}\n"
GROUPS = "fit: {{by: {{columns: [g], min_rows: 5}}, drift: {{{}}}}}\n"


def nothing(_folder: Path) -> None:
    """Nothing happened."""


def near(folder: Path) -> None:
    """A file came whose rows are like those before."""
    day(folder, 7)


def far(folder: Path) -> None:
    """Two files came whose rows are far from those before; the contract takes up to 2."""
    for number in (7, 8, 9):
        day(folder, number, shift=1.2)


def rewritten(folder: Path) -> None:
    day(folder, 1, shift=0.1)


def gone(folder: Path) -> None:
    (folder / "days" / "00.parquet").unlink()


class Scenario(NamedTuple):
    """What the file says besides, what happened after a first run, and what comes of it."""

    fit: str
    happened: Callable[[Path], None] = nothing
    mode: Mode | None = None
    before: str = ""
    after: str | None = None
    first: bool = True
    refused: bool = False
    read: int = 0


SCENARIOS = {
    "nothing happened": Scenario("reused"),
    "no registry yet": Scenario("learned", first=False, read=3),
    "a new file, reused": Scenario("reused", near),
    "a new file, refit": Scenario("learned", near, "refit", read=1),
    "a changed file, refit": Scenario("learned", rewritten, "refit", read=1),
    "a file gone, refit": Scenario("learned", gone, "refit"),
    "nothing happened, refit": Scenario("learned", nothing, "refit"),
    "another method": Scenario("learned", after="normalize: {x: minmax, y: auto}\n"),
    "other rows": Scenario("learned", after='fit: {where: "y > 0.1"}\n', read=3),
    "exact quantiles": Scenario("learned", near, "refit", "fit: {quantiles: exact}\n", read=1),
    "frozen": Scenario("reused", near, "frozen"),
    "frozen without a fit": Scenario("missing", mode="frozen", first=False),
    "frozen with another configuration": Scenario("missing", mode="frozen", after="normalize: {x: minmax}\n"),
    "drift within limits": Scenario("reused", near, before=MANY, read=1),
    "drift with nothing new": Scenario("reused", before=MANY),
    "drift that warns": Scenario("reused", far, before="fit: {drift: {warn: 0.1}}\n", read=3),
    "drift that learns anew": Scenario("learned", far, before="fit: {drift: {refit: 0.1}}\n", read=3),
    "drift that fails": Scenario("reused", far, before="fit: {drift: {fail: 0.1}}\n", refused=True, read=3),
    "drift, frozen": Scenario("reused", far, "frozen", "fit: {drift: {refit: 0.1}}\n", read=3),
    "drift that fails, frozen": Scenario(
        "reused", far, "frozen", "fit: {drift: {refit: 0.1, fail: 0.2}}\n", refused=True, read=3
    ),
    "drift and a refit": Scenario("learned", far, "refit", "fit: {drift: {fail: 0.1}}\n", read=3),
    "drift with a window": Scenario(
        "learned", far, before="fit: {window: last 2 partitions, drift: {refit: 0.1}}\n", read=2
    ),
    "drift of a private pipeline's checks": Scenario("reused", near, before="private: true\n"),
}


class Ran(NamedTuple):
    """What a run did."""

    fit: str
    record: nf.RunRecord | None
    read: list[str]
    error: nf.NormflowError | None = None


def ran(pipeline: nf.Pipeline, mode: Mode | None, monkeypatch: pytest.MonkeyPatch) -> Ran:
    read: list[str] = []
    reading = partitions.Partitions._read

    def noting(self: partitions.Partitions, partition: Partition) -> object:
        read.append(str(partition.path))
        return reading(self, partition)

    with monkeypatch.context() as patch:
        patch.setattr(partitions.Partitions, "_read", noting)
        try:
            record = nf.run(pipeline, mode=mode)
        except NoFitError as error:
            return Ran("missing", None, read, error)
        except DriftError as error:
            return Ran(error.record.fit if error.record else "", error.record, read, error)
    return Ran(record.fit, record, read)


@pytest.mark.parametrize("one", SCENARIOS.values(), ids=SCENARIOS)
def test_a_plan_is_what_the_run_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: Scenario) -> None:
    pipeline = project(tmp_path, one.before)
    first = nf.run(pipeline) if one.first else None
    if one.after is not None:
        pipeline = changed(pipeline, one.after)
    one.happened(tmp_path)
    before = contents(tmp_path)
    plan = nf.plan(pipeline, mode=one.mode)
    assert contents(tmp_path) == before
    found = ran(pipeline, one.mode, monkeypatch)
    assert (plan.fit, bool(plan.refused)) == (found.fit, isinstance(found.error, DriftError))
    assert (plan.fit, bool(plan.refused), len(plan.to_read)) == (one.fit, one.refused, one.read)
    assert plan.exit_code == (found.error.exit_code if found.error else plan.exit_code)
    if found.fit == "learned":
        assert list(plan.to_read) == found.read
    if found.record:
        told_as_it_was(plan, found.record)
    if first and found.fit == "learned" and found.record:
        assert plan.changes == compared(registry_of(pipeline), first.fit_id, found.record.fit_id).differences
    if plan.exit_code == 0:
        assert first
        assert found.record
        assert [a.sha256 for a in found.record.outputs] == [a.sha256 for a in first.outputs]


def told_as_it_was(plan: Plan, record: nf.RunRecord) -> None:
    """The verdicts on drift, and why the fit is new where drift is the reason."""
    drift = {
        (one.section, one.column): (one.value, one.status) for one in record.checks if of_drift(one.section)
    }
    assert {(one.section, one.column): (one.psi, one.status) for one in plan.drift or ()} == drift
    if drift and record.fit == "learned":
        assert plan.why in record.warnings


def grouped_day(folder: Path, number: int, *, shift: float = 0.0) -> None:
    file = day(folder, number, shift=shift)
    pl.read_parquet(file).with_columns(g=pl.Series(["a", "b"] * 100)).write_parquet(file)


@pytest.mark.parametrize("limits", ["warn: 0.2", "refit: 0.2", "fail: 0.2", "warn: 30"])
def test_a_plan_foretells_the_drift_of_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: str
) -> None:
    """All rows are read for it, and the plan says so."""
    for number in range(3):
        grouped_day(tmp_path, number)
    pipeline = project(tmp_path, GROUPS.format(limits), days=0)
    nf.run(pipeline)
    grouped_day(tmp_path, 7, shift=1.2)
    plan = nf.plan(pipeline)
    assert nf.plan(pipeline, read=False).drift is None
    found = ran(pipeline, None, monkeypatch)
    assert found.record
    assert (plan.fit, bool(plan.refused)) == (found.fit, isinstance(found.error, DriftError))
    told_as_it_was(plan, found.record)
    assert {one.section for one in plan.drift or ()} == {"drift", "drift:g"}
    assert (len(plan.to_read), plan.rows_to_read) == ((1, 200) if plan.fit == "learned" else (4, 800))


def test_a_plan_that_may_read_no_rows_says_what_it_cannot_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = project(tmp_path, MANY)
    nf.run(pipeline)
    monkeypatch.setattr(partitions, "_observed", lambda *_: pytest.fail("rows are read"))
    known = nf.plan(pipeline, read=False)
    assert (known.fit, known.exit_code, known.to_read) == ("reused", 0, ())
    assert [one.status for one in known.drift or ()] == ["passed", "passed"]
    near(tmp_path)
    for mode, fit in (("reuse", "reused"), ("refit", "learned")):
        plan = nf.plan(pipeline, mode=mode, read=False)  # type: ignore[arg-type]
        assert (plan.fit, plan.drift, plan.changes, plan.exit_code) == (fit, None, None, 5)
        assert (len(plan.to_read), plan.rows_to_read) == (1, 200)
    with pytest.raises(pytest.fail.Exception):
        nf.plan(pipeline)
