"""The adapter in a real Kedro, in process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import pipeline as pipeline_of
from kedro.runner import SequentialRunner

import normflow as nf
from normflow.integrations.kedro import ContractHooks, FitDataset, fit_node, run_node, transform_node
from tests.hosts.pipelines import pipeline, ran

if TYPE_CHECKING:
    from pathlib import Path

PRICES = pl.DataFrame({"price": [1.0, 2.0, 3.0], "kind": ["a", "b", "a"]})


def test_nodes_learn_and_apply_a_fit_that_the_catalog_keeps(tmp_path: Path) -> None:
    file = tmp_path / "models" / "fit.json"
    catalog = DataCatalog.from_config(
        {
            "fit": {"type": "normflow.integrations.kedro.FitDataset", "filepath": str(file)},
            "normalized": {"type": "MemoryDataset"},
        }
    )
    catalog["prices"] = MemoryDataset(PRICES)
    nodes = [
        fit_node("prices", "fit", normalize={"price": "minmax"}),
        transform_node("prices", "fit", "normalized"),
    ]
    SequentialRunner().run(pipeline_of(nodes), catalog)
    assert catalog.load("normalized")["price"].to_list() == [0.0, 0.5, 1.0]
    assert FitDataset(filepath=str(file)).load().id == nf.fit(PRICES, {"price": "minmax"}).id
    assert catalog.exists("fit")


def test_a_node_runs_a_pipeline_file_after_what_must_be_there(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0, 2.0, 3.0])
    made = run_node(str(file), inputs="ready", outputs="record")
    assert made.name == "normflow_shop"
    catalog = DataCatalog({"ready": MemoryDataset(True), "record": MemoryDataset()})
    SequentialRunner().run(pipeline_of([made]), catalog)
    assert catalog.load("record")["rows"] == 3
    assert pl.read_parquet(tmp_path / "out/data.parquet")["price"].to_list() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(("prices", "holds"), [([1.0, 2.0], True), ([1.0, 200.0], False)])
def test_a_hook_judges_what_is_loaded(tmp_path: Path, prices: list[float], *, holds: bool) -> None:
    file = pipeline(tmp_path, [1.0, 2.0])
    hooks: Any = _create_hook_manager()
    hooks.register(ContractHooks({"prices": str(file)}))
    catalog = DataCatalog({"prices": MemoryDataset(PRICES.head(2).with_columns(price=pl.Series(prices)))})
    run = SequentialRunner()
    nodes = pipeline_of([fit_node("prices", "fit", normalize={"price": "minmax"})])
    if holds:
        run.run(nodes, catalog, hooks)
    else:
        with pytest.raises(nf.ContractError, match=r"price is not in \[0, 100\] in 1 of 2 rows"):
            run.run(nodes, catalog, hooks)


def test_the_example_of_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = ran("Kedro", tmp_path)
    assert module.catalog.load("normalized").height == 26115
    assert (tmp_path / "out/weather.fit.json").exists()
