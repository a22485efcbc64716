"""The tasks by `normflow.fit` and `normflow.profile`: no pipeline file, no checks, no registry.

Run: python -m tests.benchmarks.suite.contenders.library TASK SOURCE TARGET [STATE]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl
import yaml

import normflow as nf
from tests.benchmarks.suite.tasks import LEVELS, TASKS, WRITER


def write(fit: nf.Fit, source: str, target: str) -> None:
    fit.transform(pl.scan_parquet(source)).sink_parquet(target, compression=WRITER)


def fitted(task: str, source: str) -> nf.Fit:
    return nf.fit(pl.scan_parquet(source), yaml.safe_load(TASKS[task].normalize))


def profile(source: str, target: str) -> None:
    found = nf.profile(pl.scan_parquet(source))
    document = {
        name: {
            "nulls": [one.nulls],
            "mean": [one.mean],
            "std": [one.std()],
            "min": [one.min],
            "max": [one.max],
            "skew": [one.skew],
            "kurtosis": [one.kurtosis],
            "quantiles": list(one.quantile(LEVELS)),
        }
        for name, one in found.items()
    }
    Path(target).write_text(json.dumps(document))


def run(task: str, source: str, target: str, state: str = "") -> None:
    if task == "T6":
        profile(source, target)
    elif task == "T5-learn":
        Path(state).write_text(fitted("T5", source).to_json())
    elif task == "T5":
        write(nf.Fit.from_json(Path(state).read_text()), source, target)
    else:
        write(fitted(task, source), source, target)


if __name__ == "__main__":
    run(*sys.argv[1:])
