"""How long choosing a method and fitting it take, from profiles that are there: 2,000 columns of all shapes.

Run: python -m tests.benchmarks.choosing [COLUMNS] [ROWS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import get_args

import numpy as np

from normflow.fits.column import learn_column
from normflow.profiles import ColumnProfile, observe_values
from normflow.select import choose
from normflow.spec import Goal, MethodSpec

COLUMNS, ROWS = 2000, 20_000
AUTO = MethodSpec(method="auto")
Draw = Callable[[np.random.Generator, int], np.ndarray]
SHAPES: dict[str, Draw] = {
    "normal": lambda rng, n: rng.normal(5, 2, n),
    "uniform": lambda rng, n: rng.random(n),
    "log-normal": lambda rng, n: np.exp(rng.normal(size=n)),
    "negative log-normal": lambda rng, n: -np.exp(rng.normal(size=n)),
    "exponential − 5": lambda rng, n: rng.exponential(size=n) - 5,
    "Student t2": lambda rng, n: rng.standard_t(2, n),
    "half zeros": lambda rng, n: np.where(rng.random(n) < 0.5, 0.0, np.exp(rng.normal(size=n))),
    "cents": lambda rng, n: np.round(rng.gamma(2, 30, n), 2),
    "whole numbers": lambda rng, n: rng.integers(0, 500, n).astype(np.float64),
    "two-valued": lambda rng, n: (rng.random(n) < 0.2).astype(np.float64),
}
MOST_SEEDS = 5


def profiles(columns: int, rows: int) -> dict[str, list[ColumnProfile]]:
    """Profiles by shape, each read back from its stored form, so that nothing is known of it yet."""
    stored: dict[str, list[bytes]] = {name: [] for name in SHAPES}
    for name, draw in SHAPES.items():
        for seed in range(MOST_SEEDS):
            stored[name].append(observe_values(draw(np.random.default_rng(seed), rows)).to_bytes())
    each = columns // len(SHAPES)
    return {
        name: [ColumnProfile.from_bytes(states[i % MOST_SEEDS]) for i in range(each)]
        for name, states in stored.items()
    }


def milliseconds(work: Callable[[ColumnProfile], object], columns: list[ColumnProfile]) -> float:
    """CPU time a column."""
    start = time.process_time()
    for column in columns:
        work(column)
    return (time.process_time() - start) * 1e3 / len(columns)


def fitted(profile: ColumnProfile, goal: Goal) -> object:
    """A column's fit."""
    return learn_column("x", profile, AUTO, goal=goal)


def main() -> None:
    """Print a line a goal: choosing, and choosing with fitting; then a line a shape for goal model."""
    given = [int(word) for word in sys.argv[1:]]
    columns, rows = (*given, *(COLUMNS, ROWS)[len(given) :])
    print(f"{columns} columns of {rows} rows, milliseconds of CPU a column")
    print(f"{'goal':10s} {'choose':>8s} {'and fit':>8s}")
    for goal in get_args(Goal):
        chosen = [
            milliseconds(partial(choose, goal=goal), found) for found in profiles(columns, rows).values()
        ]
        learned = [
            milliseconds(partial(fitted, goal=goal), found) for found in profiles(columns, rows).values()
        ]
        print(f"{goal:10s} {sum(chosen) / len(chosen):8.2f} {sum(learned) / len(learned):8.2f}")
    print()
    for name, found in profiles(columns, rows).items():
        print(f"{name:20s} {milliseconds(lambda one: learn_column('x', one, AUTO), found):8.2f}")


if __name__ == "__main__":
    main()
