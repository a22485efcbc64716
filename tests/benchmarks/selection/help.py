"""Does normalization help? Claims that are often read, measured on the set-aside data.

Run: python -m tests.benchmarks.selection.help [--quick] [--jobs N]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from tests.benchmarks.selection.bootstrap import estimate
from tests.benchmarks.selection.catalogue import PARTS, SET_ASIDE
from tests.benchmarks.selection.datasets import read
from tests.benchmarks.selection.descent import losses
from tests.benchmarks.selection.models import SCALE_SENSITIVE, TREES
from tests.benchmarks.selection.pool import each
from tests.benchmarks.selection.prediction import ROWS, prediction
from tests.benchmarks.selection.rules import FIXED, OURS, Apply, Contender, Rule, learned
from tests.benchmarks.selection.tables import markdown, shown

if TYPE_CHECKING:
    from tests.benchmarks.selection.shipped import DataSet

QUICK_STEP = 8
EPOCHS = 100
RATES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
SEEDS = 2
WAY = 0.8  # the target: so much of the way from guessing to the best loss that any run reached
UNIT = 1000.0  # metres become millimetres

RAW, ZSCORE, AUTO = FIXED[0], FIXED[1], OURS[0]
INPUTS = (RAW, ZSCORE, AUTO)
NAMES = ("raw", "z-score", "auto")
NETWORKS = {"softmax regression": False, "one hidden layer": True}
MODELS = {**SCALE_SENSITIVE, **TREES}


def other_unit(rule: Rule) -> Rule:
    """The same rule on the same data, the first column in a unit a thousand times smaller."""

    def changed(rows: np.ndarray) -> np.ndarray:
        units: np.ndarray = np.ones(rows.shape[1])
        units[0] = UNIT
        scaled: np.ndarray = rows * units
        return scaled

    def learn(x: np.ndarray) -> Apply:
        apply = rule(changed(x))
        return lambda rows: apply(changed(rows))

    return learn


CHANGED = tuple(Contender(f"{one.name}, other unit", one.kind, other_unit(one.learn)) for one in INPUTS)


@dataclass(frozen=True, slots=True)
class Descents:
    """Epochs to the target of one data set: networks × inputs × rates × seeds; infinite if not reached."""

    data: str
    epochs: np.ndarray


def descents(wanted: DataSet) -> Descents | None:
    """Train on raw, z-scored and auto columns at every rate; None unless classes are to be predicted."""
    data = read(wanted).rows(ROWS)
    if data.task != "class":
        return None
    shares = np.bincount(data.y) / len(data.y)
    guessing = float(-(shares * np.log(shares)).sum())
    found = []
    with threadpool_limits(1):
        tables = [learned(one, data.x)(data.x) for one in INPUTS]
        for hidden in NETWORKS.values():
            curves = np.array(
                [
                    [
                        [
                            losses(x, data.y, rate, hidden=hidden, seed=seed, epochs=EPOCHS)
                            for seed in range(SEEDS)
                        ]
                        for rate in RATES
                    ]
                    for x in tables
                ]
            )
            target = guessing - WAY * (guessing - curves.min())
            reached = curves <= target
            found.append(np.where(reached.any(axis=-1), reached.argmax(axis=-1) + 1.0, np.inf))
    return Descents(wanted.name, np.array(found))


def descent_table(found: list[Descents], network: int) -> str:
    """Share of runs that reach the target by rate; how many rates work; epochs at each input's best rate."""
    epochs = np.array([one.epochs[network] for one in found])  # data sets × inputs × rates × seeds
    reached = np.isfinite(epochs)
    rows = []
    for i, name in enumerate(NAMES):
        best = np.median(epochs[:, i], axis=2).min(axis=1)
        middle = float(np.median(best))
        rows.append(
            [
                name,
                *(f"{share:.0%}" for share in reached[:, i].mean(axis=(0, 2))),
                shown(estimate(reached[:, i].mean(axis=2).sum(axis=1)), "{:.1f}".format),
                f"{middle:.0f}" if np.isfinite(middle) else f"over {EPOCHS}",
            ]
        )
    return markdown(["input", *(f"{rate:g}" for rate in RATES), "rates that work", "epochs, best rate"], rows)


def scores(wanted: DataSet) -> np.ndarray:
    """Scores of one data set: inputs (as they are, then in the other unit) by models."""
    with threadpool_limits(1):
        return prediction(wanted, (*INPUTS, *CHANGED), MODELS, seeds=1).scores


def score_table(found: np.ndarray) -> str:
    """Mean scores and paired differences; found: data sets × inputs × models."""
    rows = []
    for k, model in enumerate(MODELS):
        raw, zscore, auto = (found[:, i, k] for i in range(3))
        rows.append(
            [
                model,
                *(f"{one.mean():.3f}" for one in (raw, zscore, auto)),
                *(
                    shown(estimate(pair), "{:+.3f}".format, star=True)
                    for pair in (zscore - raw, auto - raw, auto - zscore)
                ),
            ]
        )
    return markdown(["model", *NAMES, "z-score − raw", "auto − raw", "auto − z-score"], rows)


def unit_table(found: np.ndarray) -> str:
    """How far the score of a model moves when one column changes its unit."""
    moved = np.abs(found[:, 3:] - found[:, :3])
    rows = [
        [model, *(shown(estimate(moved[:, i, k]), "{:.3f}".format) for i in range(3))]
        for k, model in enumerate(MODELS)
    ]
    return markdown(["model", *NAMES], rows)


def main() -> None:
    """Print the tables."""
    told = argparse.ArgumentParser(prog="python -m tests.benchmarks.selection.help", description=__doc__)
    told.add_argument("--quick", action="store_true", help="every eighth data set")
    told.add_argument("--jobs", type=int, default=2, help="processes")
    asked = told.parse_args()
    sets = PARTS[SET_ASIDE][:: QUICK_STEP if asked.quick else 1]
    curves = [one for one in each(descents, sets, asked.jobs) if one]
    for i, network in enumerate(NETWORKS):
        print(
            f"\n### {network}, {len(curves)} data sets, {EPOCHS} epochs\n\n{descent_table(curves, i)}",
            flush=True,
        )
    found = np.array(each(scores, sets, asked.jobs))
    print(f"\n### Scores, {len(sets)} data sets\n\n{score_table(found)}")
    print(f"\n### The first column in another unit\n\n{unit_table(found)}")


if __name__ == "__main__":
    main()
