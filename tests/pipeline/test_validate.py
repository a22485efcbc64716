"""Contract and checks alone, without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.sources import source as sources
from tests.pipeline.one_file import pipeline
from tests.pipeline.test_streaming import Counted

if TYPE_CHECKING:
    from pathlib import Path

DATA = pl.DataFrame({"x": [1.0, 2.0, 4.0, 500.0], "k": ["a", "b", "c", "d"]})
TEXT = """\
contract: {x: {range: [0, 100], on_fail: quarantine}, k: {isin: [a, b, c, d]}}
normalize: {x: zscore}
"""
CHECKS = "checks: {x: {range: [-2, 2]}}\n"


def files(folder: Path) -> set[str]:
    return {str(one) for one in folder.rglob("*")}


def test_the_contract_is_judged_without_a_trace(tmp_path: Path) -> None:
    prepared = pipeline(tmp_path, DATA, TEXT + CHECKS)
    before = files(tmp_path)
    found = nf.validate(prepared)
    assert files(tmp_path) == before
    assert (found.exit_code, found.rows, found.quarantined, found.fit_id) == (0, 4, 1, None)
    assert [(f"{one.section}.{one.check}", one.failed, one.status) for one in found.checks] == [
        ("contract.x.range", 1, "quarantined"),
        ("contract.k.isin", 0, "passed"),
        ("quarantine.quarantine.max_rows", 1, "passed"),
    ]
    assert found.warnings == (
        "no stored fit has this configuration: only the contract was judged, not what would leave",
    )


def test_a_stored_fit_judges_the_outputs_as_a_run_does(tmp_path: Path) -> None:
    prepared = pipeline(tmp_path, DATA, TEXT + CHECKS)
    nf.run(prepared)
    before = files(tmp_path)
    found, run = nf.validate(prepared), nf.run(prepared)
    assert files(tmp_path) == before
    told = [(f"{one.section}.{one.check}", one.failed, one.status, one.value) for one in found.checks]
    assert told == [(f"{one.section}.{one.check}", one.failed, one.status, one.value) for one in run.checks]
    assert (found.fit_id, found.warnings) == (run.fit_id, ())


def test_rows_that_a_run_would_refuse_are_told_with_examples(tmp_path: Path) -> None:
    found = nf.validate(pipeline(tmp_path, DATA, TEXT.replace(", c, d]", ", c]")))
    assert (found.passed, found.exit_code) == (False, 1)
    (failed,) = [one for one in found.checks if one.status == "failed"]
    assert failed.examples == ({"row": 3, "value": "d"},)
    assert found.to_json()["status"] == "failed"


@pytest.mark.parametrize("stored", [False, True])
def test_the_rows_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: bool) -> None:
    data = pl.concat([DATA] * 100)
    prepared, counted = pipeline(tmp_path, data, TEXT + CHECKS), Counted(data)
    if stored:
        nf.run(prepared)
    monkeypatch.setattr(sources, "scanned", counted.lazy)
    nf.validate(prepared)
    assert (counted.scans, counted.rows) == (1, data.height)
