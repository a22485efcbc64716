"""The adapter in a real Prefect, with a server of its own for the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from prefect import flow
from prefect.testing.utilities import prefect_test_harness

import normflow as nf
from normflow.integrations.prefect import normflow_flow, run_pipeline
from tests.hosts.pipelines import pipeline, ran

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True, scope="module")
def server() -> Iterator[None]:
    with prefect_test_harness():
        yield


def test_a_flow_runs_the_pipeline_and_returns_its_record(tmp_path: Path) -> None:
    record = normflow_flow(str(pipeline(tmp_path, [1.0, 2.0, 3.0])))
    assert (record["status"], record["rows"], record["quarantined"]) == ("succeeded", 3, 0)
    assert pl.read_parquet(tmp_path / "out/data.parquet")["price"].to_list() == [0.0, 0.5, 1.0]


def test_rows_that_fail_are_not_tried_again(tmp_path: Path) -> None:
    assert tries(pipeline(tmp_path, [1.0, 200.0])) == (1, nf.ContractError)
    assert not (tmp_path / "out/data.parquet").exists()


def test_a_source_that_is_gone_is_tried_again(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0, 2.0])
    (tmp_path / "data.parquet").unlink()
    assert tries(file) == (3, nf.SourceError)


def tries(file: Path) -> tuple[int, type[BaseException]]:
    """How often the task runs until it gives up, and why it does."""
    seen: list[object] = []
    task = run_pipeline.with_options(
        retries=2, retry_delay_seconds=0, on_running=[lambda *state: seen.append(state)]
    )

    @flow
    def nightly() -> None:
        task(file)

    with pytest.raises(nf.NormflowError) as raised:
        nightly()
    return len(seen), raised.type


def test_the_example_of_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = ran("Prefect", tmp_path)
    assert module.nightly() == 1
