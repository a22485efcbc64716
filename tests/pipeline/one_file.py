"""A pipeline over one file in a folder of its own, and what a run of it left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

import normflow as nf
from normflow.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path


def pipeline(folder: Path, data: pl.DataFrame, text: str) -> nf.Pipeline:
    """The pipeline whose file says `text` besides source and sink; `data` is the source."""
    data.write_parquet(folder / "data.parquet")
    (folder / "p.yaml").write_text(f"source: data.parquet\nsink: out/data.parquet\n{text}")
    return nf.load(folder / "p.yaml")


def written(folder: Path) -> pl.DataFrame:
    """What was published."""
    return pl.read_parquet(folder / "out" / "data.parquet")


def recorded(folder: Path) -> nf.Fit:
    """The fit of the last successful run."""
    with Registry(folder / ".normflow" / "registry.duckdb") as registry:
        return nf.Fit.from_json(registry.fit("p@latest").document)
