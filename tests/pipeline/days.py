"""A pipeline over a folder of days, to run, change and run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

import normflow as nf
from normflow.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path


TEXT = "source: days/*.parquet\nsink: out/all.parquet\ncontract: {x: {range: [-2, 2], on_fail: quarantine}}\n"


def day(folder: Path, number: int, *, shift: float = 0.0) -> Path:
    draw = np.random.default_rng(number)
    path = folder / "days" / f"{number:02}.parquet"
    path.parent.mkdir(exist_ok=True)
    frame = pl.DataFrame({"x": draw.normal(size=200) + shift, "y": np.exp(draw.normal(size=200))})
    frame.write_parquet(path)
    return path


def project(folder: Path, text: str = "", days: int = 3) -> nf.Pipeline:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(days):
        day(folder, number)
    (folder / "p.yaml").write_text(TEXT + text)
    return nf.load(folder / "p.yaml")


def changed(pipeline: nf.Pipeline, text: str) -> nf.Pipeline:
    pipeline.file.write_text(TEXT + text)
    return nf.load(pipeline.file)


def registry_of(pipeline: nf.Pipeline) -> Registry:
    return Registry(pipeline.registry)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
