"""The tasks with the pipelines of polars-ds.

Run: python -m tests.benchmarks.suite.contenders.polars_ds TASK SOURCE TARGET [STATE]
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
from polars_ds.pipeline import Blueprint, Pipeline

from tests.benchmarks.suite.tasks import WRITER


def write(pipeline: Pipeline, lf: pl.LazyFrame, target: str) -> None:
    lazy = pipeline.transform(lf, return_lazy=True)
    lazy.sink_parquet(target, compression=WRITER)


def standard(lf: pl.LazyFrame) -> Pipeline:
    names = lf.collect_schema().names()
    return Blueprint(lf, name="standard").scale(names, method="standard").materialize()


def zscore(source: str, target: str, _state: str) -> None:
    lf = pl.scan_parquet(source)
    write(standard(lf), lf, target)


def learn(source: str, _target: str, state: str) -> None:
    Path(state).write_text(str(standard(pl.scan_parquet(source)).to_json()))


def stored(source: str, target: str, state: str) -> None:
    write(Pipeline.from_json(Path(state).read_text()), pl.scan_parquet(source), target)


TASKS = {
    **dict.fromkeys(("T1", "T7", "T9", "WIDE"), zscore),
    "T5": stored,
    "T5-learn": learn,
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](*sys.argv[2:])
