"""Small runs for the contracts of plugins."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

import normflow as nf

if TYPE_CHECKING:
    from pathlib import Path

FRAME = pl.DataFrame({"x": [1.0, 2.0, 4.0, 8.0, 16.0]})


def pipeline(folder: Path, frame: pl.DataFrame = FRAME, **sections: Any) -> nf.Pipeline:
    """A pipeline of this frame; `sections` are those of its file, of which source and sink have defaults."""
    folder.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(folder / "data.parquet")
    file = folder / "p.yaml"
    told = {"source": "data.parquet", "sink": "out.parquet", **sections}
    file.write_text(json.dumps(told), encoding="utf-8")  # JSON is YAML
    return nf.load(file)
