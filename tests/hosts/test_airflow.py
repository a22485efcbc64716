"""The adapter in a real Airflow, with a home and a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "false"

import polars as pl
import pytest
from airflow.sdk import task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from normflow.integrations.airflow import NormflowDecoratedOperator, NormflowOperator
from normflow.integrations.airflow_provider import get_provider_info
from tests.hosts.pipelines import example, pipeline

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module", autouse=True)
def database() -> None:
    subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True, timeout=300
    )


def test_the_operator_returns_the_record(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0, 2.0, 3.0], kinds=["a", "b", "x"])
    record = NormflowOperator(task_id="shop", pipeline=str(file)).execute({})
    assert (record["status"], record["rows"], record["quarantined"]) == ("succeeded", 3, 1)
    assert pl.read_parquet(tmp_path / "out/data.parquet")["price"].to_list() == [0.0, 1.0]


def test_rows_that_fail_fail_without_another_try(tmp_path: Path) -> None:
    operator = NormflowOperator(task_id="shop", pipeline=str(pipeline(tmp_path, [1.0, 200.0])))
    with pytest.raises(AirflowFailException, match=r"price is not in \[0, 100\]"):
        operator.execute({})


@pytest.mark.parametrize(
    ("text", "mode"), [("sourc: x\n", None), (None, "frozen")], ids=["configuration", "frozen"]
)
def test_what_stays_wrong_fails_without_another_try(
    tmp_path: Path, text: str | None, mode: str | None
) -> None:
    file = pipeline(tmp_path, [1.0, 2.0])
    if text:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(AirflowFailException):
        NormflowOperator(task_id="shop", pipeline=str(file), mode=mode).execute({})


def test_a_source_that_is_gone_may_be_tried_again(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0, 2.0])
    (tmp_path / "data.parquet").unlink()
    with pytest.raises(AirflowException) as raised:
        NormflowOperator(task_id="shop", pipeline=str(file)).execute({})
    assert not isinstance(raised.value, AirflowFailException)


@pytest.mark.parametrize("given", [None, 5, {"pipelin": "p.yaml"}, {"pipeline": "p.yaml", "modus": "frozen"}])
def test_a_function_that_names_no_pipeline_fails_without_another_try(given: object) -> None:
    operator = NormflowDecoratedOperator(task_id="shop", python_callable=lambda: given)
    with pytest.raises(
        AirflowFailException, match="and not a pipeline file, or a mapping of pipeline, target"
    ):
        operator.execute({})


def test_a_function_names_a_pipeline_by_its_path_or_with_its_settings(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0, 2.0])
    for given in (file, str(file), {"pipeline": file, "mode": "refit"}):
        operator = NormflowDecoratedOperator(task_id="shop", python_callable=lambda given=given: given)
        assert operator.execute({})["rows"] == 2


def test_airflow_finds_the_provider() -> None:
    from airflow.providers_manager import ProvidersManager

    info = get_provider_info()
    assert info["package-name"] == "normflow-etl"
    manager = ProvidersManager()
    assert "normflow-etl" in manager.providers
    assert "normflow" in {name for name, _ in manager.taskflow_decorators.items()}
    assert hasattr(task, "normflow")


def test_the_example_of_the_documentation_runs_and_airflow_finds_the_decorator(tmp_path: Path) -> None:
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "nightly.py").write_text(example("Airflow", tmp_path), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "airflow", "dags", "test", "nightly"],
        cwd=tmp_path,
        env={**os.environ, "AIRFLOW__CORE__DAGS_FOLDER": str(dags)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert pl.read_parquet(tmp_path / "configs/../out/weather.parquet").height == 26114
