"""Makes the golden registry of the present format: `python -m tests.registry.golden`."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import polars as pl

import normflow as nf
from normflow.registry.tables import FORMAT

GOLDEN = Path(__file__).parent / "stored"
PIPELINE = """\
source: weather-*.parquet
contract: {{visib: {{range: [0, 100], on_fail: quarantine}}}}
fit: {{by: {{columns: [origin], min_rows: 10}}, drift: 0.1}}
normalize: {{temp: zscore, humid: auto}}
sink: out/weather.parquet
registry: "{registry}"
"""


def fill(folder: Path, registry: str = "registry.duckdb") -> nf.Pipeline:
    """Three runs of one pipeline, which learn, learn again over one more file, and reuse."""
    (folder / "weather.yaml").write_text(PIPELINE.format(registry=registry))
    pipeline = nf.load(folder / "weather.yaml")
    frame(100, 20.0, 1e9).write_parquet(folder / "weather-1.parquet")
    nf.run(pipeline)
    frame(40, 50.0, 10.0).write_parquet(folder / "weather-2.parquet")
    nf.run(pipeline, mode="refit")
    nf.run(pipeline)
    return pipeline


def frame(rows: int, first: float, last: float) -> pl.DataFrame:
    """One file of the source; its last value of `visib` may break the contract."""
    return pl.DataFrame(
        {
            "origin": ["EWR", "JFK"] * (rows // 2),
            "temp": [first + i for i in range(rows)],
            "humid": [float(i % 7) if i % 9 else None for i in range(rows)],
            "visib": [10.0] * (rows - 1) + [last],
        }
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        fill(Path(made))
        stored = gzip.compress(Path(made, "registry.duckdb").read_bytes(), mtime=0)
    (GOLDEN / f"format-{FORMAT}.duckdb.gz").write_bytes(stored)
