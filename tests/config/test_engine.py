"""The key `engine` of a pipeline file, where no Spark is installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.pipeline.prepare import prepare
from normflow.registry import Registry
from normflow.spec import EngineSpec

if TYPE_CHECKING:
    from pathlib import Path

SPARK = '{kind: spark, master: "local[2]", options: {spark.ui.enabled: false, spark.executor.cores: 2}}'


def pipeline(folder: Path, engine: str) -> nf.Pipeline:
    pl.DataFrame({"x": [1.0, 2.0]}).write_csv(folder / "a.csv")
    file = folder / "p.yaml"
    file.write_text(f"source: a.csv\nsink: b.csv\n{engine}", encoding="utf-8")
    return nf.load(file)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("", EngineSpec()),
        ("engine: polars\n", EngineSpec(kind="polars")),
        ("engine: spark\n", EngineSpec(kind="spark")),
        (
            f"engine: {SPARK}\n",
            EngineSpec(
                kind="spark",
                master="local[2]",
                options={"spark.ui.enabled": False, "spark.executor.cores": 2},
            ),
        ),
    ],
)
def test_an_engine_is_read_and_stored(tmp_path: Path, written: str, wanted: EngineSpec) -> None:
    found = pipeline(tmp_path, written)
    assert found.engine == wanted
    assert nf.Pipeline.from_json(found.to_json()) == found


def test_a_fit_is_used_again_whatever_the_engine(tmp_path: Path) -> None:
    here, there = (prepare(pipeline(tmp_path, one)) for one in ("", f"engine: {SPARK}\n"))
    assert (here.reuse_key, here.state_key) == (there.reuse_key, there.state_key)


def test_where_spark_is_not_installed_the_run_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.delitem(sys.modules, "normflow.cluster", raising=False)
    asked = pipeline(tmp_path, "engine: spark\n")
    with pytest.raises(nf.PluginError, match=r"pip install 'normflow-etl\[spark\]'") as told:
        nf.run(asked)
    assert told.value.exit_code == 3
    assert not (tmp_path / "b.csv").exists()
    assert [one.status for one in Registry(asked.registry).runs(asked.name)] == ["failed"]
