"""Whether two results are the same, within what a task allows.

Run: python -m tests.benchmarks.suite.agreement OURS THEIRS APART BEYOND
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import polars as pl


def apart(ours: pl.DataFrame, theirs: pl.DataFrame, beyond: float = 0.0) -> tuple[str, float]:
    """The column where two results are furthest apart, and |a − b|/max(1, |a|) there.

    A share of `beyond` of the values of each column is let go, those that are furthest apart. NaN counts as
    null; where a null faces a value the distance is infinite, and so it is where columns or rows are not the
    same.
    """
    if ours.columns != theirs.columns or ours.height != theirs.height:
        return "all", math.inf
    a, b = ours.fill_nan(None), theirs.fill_nan(None)
    found = [(name, _apart(a[name], b[name], beyond)) for name in a.columns]
    return max(found, key=lambda one: one[1])


def _apart(a: pl.Series, b: pl.Series, beyond: float) -> float:
    if not a.is_null().equals(b.is_null()):
        return math.inf
    pair = pl.DataFrame({"a": a, "b": b}, strict=False)
    distance = (pl.col("a") - pl.col("b")).abs() / pl.max_horizontal(pl.col("a").abs(), 1.0)
    return float(pair.select(distance.quantile(1.0 - beyond, "higher")).item() or 0.0)


def read(path: Path) -> pl.DataFrame:
    """A result: a table, or a profile as a table of a column for each answer."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    answers = json.loads(path.read_text())
    flat = {f"{name} {ask}": values for name, one in answers.items() for ask, values in one.items()}
    longest = max(map(len, flat.values()))
    return pl.DataFrame(
        {name: [*map(float, values), *[None] * (longest - len(values))] for name, values in flat.items()}
    )


def main() -> None:
    """Print how far apart two results are; end with a sentence where that is further than allowed."""
    ours, theirs = map(Path, sys.argv[1:3])
    allowed, beyond = map(float, sys.argv[3:])
    column, distance = apart(read(ours), read(theirs), beyond)
    if not distance <= allowed:
        raise SystemExit(
            f"{ours.stem} and {theirs.stem} disagree by {distance:.3g} in column {column}, "
            f"and {allowed:g} is allowed: nothing is timed until they do the same"
        )
    print(f"{distance:.3g} {column}")


if __name__ == "__main__":
    main()
