"""Exports of a fit for other systems: dbt, ONNX, scikit-learn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import jinja2
import numpy as np
import onnxruntime
import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from normflow.pipeline import exported, exported_dbt, exported_sql
from normflow.registry import Registry
from normflow.sklearn import Normalizer

if TYPE_CHECKING:
    from normflow.registry import RunRow


def _learned(folder: Path) -> list[str]:
    """A run of a small pipeline in a folder; the options that name its registry."""
    pl.DataFrame({"price": [1.0, 2.0, 6.0], "kind": ["a", "b", "a"]}).write_parquet(folder / "shop.parquet")
    (folder / "shop.yaml").write_text("source: shop.parquet\nsink: out.parquet\nnormalize: {price: center}\n")
    nf.run(nf.load(folder / "shop.yaml"))
    return ["--registry", str(folder / ".normflow/registry.duckdb")]


def test_a_fit_is_exported_for_other_systems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    registry = _learned(tmp_path)
    dbt, onnx, sklearn = (tmp_path / name for name in ("shop.sql", "shop.onnx", "shop.json"))
    for kind, file in (("dbt", dbt), ("onnx", onnx), ("sklearn", sklearn)):
        assert outcome(["export", "shop@latest", "--to", kind, "-o", str(file), *registry]) == 0
        said = capsys.readouterr()
        assert (said.out, said.err.split()[-2]) == ("", f"{file.stat().st_size:,}")
    text = dbt.read_text()
    assert text.startswith("{{ config(materialized='table') }}\n")
    assert "{{ ref('shop') }}" in text
    session = onnxruntime.InferenceSession(onnx.read_bytes())
    assert session.run(None, {"price": np.array([[6.0]])})[0].tolist() == [[3.0]]
    made = Normalizer.from_json(sklearn.read_text())
    assert made.transform(pl.DataFrame({"price": [6.0]})).tolist() == [[3.0]]


def test_a_model_of_dbt_keeps_braces_of_names_from_jinja(tmp_path: Path) -> None:
    pl.DataFrame({"{{ evil }}": [1.0, 3.0], "{# x": [1, 2]}).write_parquet(tmp_path / "shop.parquet")
    (tmp_path / "shop.yaml").write_text(
        'source: shop.parquet\nsink: out.parquet\nnormalize: {"{{ evil }}": center}\n'
    )
    nf.run(nf.load(tmp_path / "shop.yaml"))
    registry = Registry(tmp_path / ".normflow/registry.duckdb")
    text = exported_dbt(registry, "shop@latest", None, "duckdb")
    rendered = (
        jinja2.Environment(autoescape=False)  # noqa: S701  (SQL, not HTML)
        .from_string(text)
        .render(config=lambda **_: "", ref=lambda name: f'"{name}"')
    )
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW shop AS FROM '{tmp_path / 'shop.parquet'}'")
        assert con.execute(rendered).fetchall() == [(-1.0, 1), (1.0, 2)]


@pytest.mark.parametrize(
    "options",
    [["--to", "onnx", "--json"], ["--to", "onnx", "--table", "x"], ["--to", "dbt", "--inverse"]],
    ids=str,
)
def test_what_an_export_cannot_be_is_told(tmp_path: Path, options: list[str]) -> None:
    assert outcome(["export", "shop@latest", *options, *_learned(tmp_path)]) == 2


@pytest.mark.parametrize("command", [["export"], ["report"]])
def test_what_is_written_does_not_replace_the_registry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    registry = _learned(tmp_path)
    before = Path(registry[1]).read_bytes()
    assert outcome([*command, "shop@latest", "-o", registry[1], *registry]) == 2
    assert "is the registry; write to another file" in capsys.readouterr().err
    assert Path(registry[1]).read_bytes() == before


def test_a_reference_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So fit and columns of an export belong together, whatever another run records meanwhile."""
    registry, asked = Registry(_learned(tmp_path)[1]), []
    known = Registry.run

    def counted(self: Registry, ref: str) -> RunRow:
        asked.append(ref)
        return known(self, ref)

    monkeypatch.setattr(Registry, "run", counted)
    exported(registry, "shop@latest")
    exported_sql(registry, "shop@latest", None, "duckdb")
    assert "normflow fit" in exported_dbt(registry, "shop@latest", None, "duckdb")
    assert asked == ["shop@latest"] * 3
