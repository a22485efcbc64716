"""Running the league, data set by data set, and printing its tables."""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from tests.benchmarks.selection.catalogue import PARTS
from tests.benchmarks.selection.models import SCALE_SENSITIVE
from tests.benchmarks.selection.normality import Normality, normality
from tests.benchmarks.selection.pool import each
from tests.benchmarks.selection.prediction import Prediction, prediction
from tests.benchmarks.selection.rules import CONTENDERS
from tests.benchmarks.selection.tables import normality_table, prediction_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.selection.shipped import DataSet

NORMALITY_SEEDS = 2
PREDICTION_SEEDS = 2
QUICK_STEP = 13


def normal(wanted: DataSet, *, seeds: int) -> Normality | None:
    """One data set in the league of normality, on one thread, so that results do not hang on their number."""
    with threadpool_limits(1):
        return normality(wanted, CONTENDERS, seeds=seeds)


def predicted(wanted: DataSet, *, seeds: int) -> Prediction:
    """One data set in the league of prediction, on one thread."""
    with threadpool_limits(1):
        return prediction(wanted, CONTENDERS, SCALE_SENSITIVE, seeds=seeds)


def report(part: str, sets: Sequence[DataSet], *, quick: bool, jobs: int) -> None:
    """Print both tables of a part."""
    began = time.perf_counter()
    seeds = 1 if quick else NORMALITY_SEEDS
    columns = [one for one in each(partial(normal, seeds=seeds), sets, jobs) if one]
    count = sum(one.columns for one in columns)
    print(f"\n### Normality: {count} columns of {len(columns)} data sets ({part})\n")
    best = "normflow, gaussian"
    versus = best if any(one.name == best for one in CONTENDERS) else "normflow, model"
    print(normality_table(columns, CONTENDERS, versus=versus), flush=True)

    tasks = each(partial(predicted, seeds=1 if quick else PREDICTION_SEEDS), sets, jobs)
    count = len(sets) * len(SCALE_SENSITIVE)
    print(f"\n### Prediction: {count} tasks of {len(sets)} data sets ({part})\n")
    print(prediction_table(tasks, CONTENDERS, SCALE_SENSITIVE, versus="normflow, model"), flush=True)
    print(f"{part}: {time.perf_counter() - began:.0f} s", file=sys.stderr)


def main() -> None:
    """Read the command line and print the tables."""
    told = argparse.ArgumentParser(prog="python -m tests.benchmarks.selection", description=__doc__)
    told.add_argument("--quick", action="store_true", help="every thirteenth data set, one seed")
    told.add_argument("--part", choices=list(PARTS), help="only this part")
    told.add_argument("--jobs", type=int, default=2, help="processes")
    asked = told.parse_args()
    for part, sets in PARTS.items():
        if asked.part in {None, part}:
            report(part, sets[:: QUICK_STEP if asked.quick else 1], quick=asked.quick, jobs=asked.jobs)
