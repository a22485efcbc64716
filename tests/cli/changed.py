"""A small project with one output, whose source has changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.cli import outcome
from normflow.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIPELINE = """\
source: data.parquet
sink: out/data.parquet
normalize: {x: zscore}
"""
RANGED = PIPELINE + "contract: {x: {range: [0, 5]}}\n"


def rows(*values: float | None) -> Callable[[Path], object]:
    """Other rows in the source."""
    frame = pl.DataFrame(
        {"id": [str(i) for i in range(len(values))], "x": pl.Series(values, dtype=pl.Float64)}
    )
    return lambda folder: frame.write_parquet(folder / "data.parquet")


def runs(_folder: Path) -> None:
    assert outcome(["run", "p.yaml", "-q"]) == 0


def made(folder: Path) -> Path:
    """The project, in a folder that is the current one."""
    rows(1.0, 2.0)(folder)
    (folder / "p.yaml").write_text(PIPELINE)
    runs(folder)
    rows(1.0, 2.5, 3.0, 9.0)(folder)
    return folder


def first_run(folder: Path) -> str:
    """The id of the run that wrote the output."""
    return Registry(folder / ".normflow" / "registry.duckdb").runs()[-1].run_id


def output(folder: Path) -> bytes:
    """What is published."""
    return (folder / "out" / "data.parquet").read_bytes()
