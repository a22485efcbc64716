"""The adapter in a real Dagster, in process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import polars as pl
import pytest

import normflow as nf
from normflow.integrations.dagster import NormflowComponent, normflow_asset
from tests.hosts.pipelines import pipeline, ran

if TYPE_CHECKING:
    from pathlib import Path

CHECKS = {"contract_price_range", "contract_kind_isin", "checks_price_finite", "checks_price_mean"}


def test_a_pipeline_is_an_asset_with_a_check_for_each_of_its_own(tmp_path: Path) -> None:
    asset = normflow_asset(pipeline(tmp_path, [1.0, 2.0, 3.0, 5.0], kinds=["a", "b", "a", "x"]))
    done = dg.materialize([asset])
    assert done.success
    (event,) = done.asset_materializations_for_node("shop")
    assert event.asset_key == dg.AssetKey("shop")
    assert event.metadata["dagster/row_count"].value == 4
    assert event.metadata["quarantined"].value == 1
    assert event.metadata["methods"].value == {"price": "minmax"}
    found = {one.check_name: one for one in done.get_asset_check_evaluations()}
    assert set(found) == CHECKS
    assert all(one.passed for one in found.values())
    assert pl.read_parquet(tmp_path / "out/data.parquet")["price"].to_list() == [0.0, 0.5, 1.0]


def test_rows_that_fail_materialize_nothing_and_are_not_tried_again(tmp_path: Path) -> None:
    asset = normflow_asset(pipeline(tmp_path, [1.0, 2.0, 50.0, 200.0]), key=["prices", "shop"])
    done = dg.materialize([asset], raise_on_error=False)
    assert not done.success
    assert not done.asset_materializations_for_node("prices_shop")
    failed = {one.check_name for one in done.get_asset_check_evaluations() if not one.passed}
    assert failed == {"contract_price_range"}
    assert not (tmp_path / "out/data.parquet").exists()
    with pytest.raises(dg.Failure, match=r"price is not in \[0, 100\]") as raised:
        dg.materialize([asset])
    assert raised.value.allow_retries is False


def test_a_source_that_is_gone_may_be_tried_again(tmp_path: Path) -> None:
    asset = normflow_asset(pipeline(tmp_path, [1.0, 2.0]))
    (tmp_path / "data.parquet").unlink()
    with pytest.raises(dg.Failure, match=r"data\.parquet") as raised:
        dg.materialize([asset])
    assert raised.value.allow_retries is True


def test_a_wrong_file_is_told_when_it_is_loaded(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0])
    file.write_text("sourc: data.parquet\n", encoding="utf-8")
    with pytest.raises(nf.ConfigError, match="did you mean 'source'"):
        normflow_asset(file)


def test_a_component_in_yaml_is_the_asset(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0, 2.0, 3.0])
    component = NormflowComponent.resolve_from_yaml(
        f"pipeline: {file}\nkey: shop/prices\ngroup_name: nightly\n"
    )
    (asset,) = list(dg.build_defs_for_component(component).assets or ())
    assert isinstance(asset, dg.AssetsDefinition)
    assert asset.key == dg.AssetKey(["shop", "prices"])
    assert asset.group_names_by_key[asset.key] == "nightly"
    assert {one.name for one in asset.check_specs} == CHECKS
    assert dg.materialize([asset]).success


def test_the_example_of_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = ran("Dagster", tmp_path)
    done = dg.materialize([module.weather])
    assert done.success
    assert len(done.get_asset_check_evaluations()) == 12
    assert module.defs.resolve_asset_graph().get_all_asset_keys() == {dg.AssetKey("weather")}


def test_each_verdict_reaches_its_own_check_whatever_the_columns_are_called(tmp_path: Path) -> None:
    pl.DataFrame({"a.b": [1.0, 2.0, 90.0], "a b": [1.0, 2.0, 3.0]}).write_parquet(tmp_path / "data.parquet")
    file = tmp_path / "dots.yaml"
    file.write_text(
        "source: data.parquet\nsink: out.parquet\nnormalize: {'*': none}\n"
        "contract: {a.b: {range: [0, 50]}, a b: {range: [0, 50]}}\n"
        "checks: {a.b: {quantile: {'50%': [5, 6]}}}\n",
        encoding="utf-8",
    )
    done = dg.materialize([normflow_asset(file)], raise_on_error=False)
    found = {one.check_name: one.passed for one in done.get_asset_check_evaluations()}
    assert found == {
        "contract_a_b_range": False,
        "contract_a_b_range_2": True,
        "checks_a_b_quantile": False,
    }
