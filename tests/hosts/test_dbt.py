"""An exported model in a real dbt, on DuckDB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl

import normflow as nf
from normflow.pipeline import exported_dbt
from normflow.registry import Registry

PROFILE = "shop: {{target: dev, outputs: {{dev: {{type: duckdb, path: '{path}'}}}}}}\n"


def test_dbt_builds_the_model_with_the_numbers_of_the_run(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {"price": [1.0, 2.0, 6.0, None], "size": [0.5, 8.0, 100.0, 3.0], "kind": ["a", "b", "a", "ü"]}
    )
    rows.write_parquet(tmp_path / "shop.parquet")
    (tmp_path / "shop.yaml").write_text(
        "source: shop.parquet\nsink: out.parquet\nnormalize: {price: zscore, size: yeojohnson}\n",
        encoding="utf-8",
    )
    nf.run(nf.load(tmp_path / "shop.yaml"))
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: shop\nprofile: shop\nversion: 1.0.0\n", encoding="utf-8")
    (project / "profiles.yml").write_text(PROFILE.format(path=tmp_path / "dev.duckdb"), encoding="utf-8")
    source = f"from '{tmp_path / 'shop.parquet'}'"
    (project / "models" / "shop.sql").write_text(source, encoding="utf-8")
    text = exported_dbt(Registry(tmp_path / ".normflow/registry.duckdb"), "shop@latest", None, "duckdb")
    (project / "models" / "shop_normalized.sql").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "dbt", "build", "--profiles-dir", "."],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    with duckdb.connect(str(tmp_path / "dev.duckdb"), read_only=True) as con:
        built = con.execute("from shop_normalized").fetchall()
    wanted = pl.read_parquet(tmp_path / "out.parquet").rows()
    assert [row[0] for row in built] == [row[0] for row in wanted]
    assert [row[2] for row in built] == ["a", "b", "a", "ü"]
    assert all(abs(one[1] - other[1]) < 1e-12 for one, other in zip(built, wanted, strict=True))
