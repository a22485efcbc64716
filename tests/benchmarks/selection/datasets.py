"""Reading a data set of the league: the numeric columns without missing rows, and what is to be predicted."""

from __future__ import annotations

import bz2
import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.selection.shipped import DataSet, Task

MISSING = {"", "?", "NA", "."}
MISSING_SHARE = 0.2
SMALLEST_CLASS = 10
SEED = 20130101


@dataclass(frozen=True, slots=True)
class Data:
    """The numbers of a data set: `x` rows by columns, `y` the target (classes as 0, 1, 2 …)."""

    name: str
    task: Task
    columns: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray

    def rows(self, most: int) -> Data:
        """At most so many rows: always the same ones, drawn once without replacement."""
        if len(self.y) <= most:
            return self
        chosen = np.sort(np.random.default_rng(SEED).permutation(len(self.y))[:most])
        return Data(self.name, self.task, self.columns, self.x[chosen], self.y[chosen])


def read(wanted: DataSet) -> Data:
    """The data set, whole.

    Left out are columns of text, of one value, or missing in more than a fifth of the rows; then rows with a
    gap; then classes of fewer than ten rows.
    """
    if wanted.package == "sklearn":
        return _shipped(wanted)
    names, rows = _parsed(wanted)
    target = wanted.target or names[-1]
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    numbers = {
        name: found
        for name, cells in columns.items()
        if name != target and name not in wanted.leave and (found := _numbers(cells)) is not None
    }
    y = _codes(columns[target]) if wanted.task == "class" else _numbers(columns[target])
    assert y is not None, f"{wanted.name}: the target {target} is no number"
    return _whole(wanted, numbers, y)


def _whole(wanted: DataSet, numbers: dict[str, np.ndarray], y: np.ndarray) -> Data:
    kept = {name: values for name, values in numbers.items() if np.isnan(values).mean() <= MISSING_SHARE}
    x = np.column_stack(list(kept.values()))
    whole = ~np.isnan(x).any(axis=1) & ~np.isnan(y)
    x, y = x[whole], y[whole]
    if wanted.task == "class":
        y, counts = y.astype(np.int64), np.bincount(y.astype(np.int64))
        x, y = x[counts[y] >= SMALLEST_CLASS], y[counts[y] >= SMALLEST_CLASS]
        y = np.unique(y, return_inverse=True)[1]
    vary = np.ptp(x, axis=0) > 0
    names = tuple(name for name, keep in zip(kept, vary, strict=True) if keep)
    return Data(wanted.name, wanted.task, names, x[:, vary], y)


def _shipped(wanted: DataSet) -> Data:
    import sklearn.datasets

    # The diabetes columns are scaled by default; here they come as they were measured.
    how = {"scaled": False} if wanted.name == "diabetes" else {}
    found = getattr(sklearn.datasets, f"load_{wanted.name}")(**how)
    names = [str(name) for name in found.feature_names]
    y = np.asarray(found.target, dtype=np.float64)
    columns = np.asarray(found.data, dtype=np.float64).T
    return _whole(wanted, dict(zip(names, columns, strict=True)), y)


def _parsed(wanted: DataSet) -> tuple[list[str], list[list[str]]]:
    """Column names and rows of text."""
    raw = files(wanted.package).joinpath(wanted.path).read_bytes()
    text = (bz2.decompress(raw) if wanted.path.endswith(".bz2") else raw).decode("utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("%")]
    if any(line.lower().startswith("@data") for line in lines):
        start = next(i for i, line in enumerate(lines) if line.lower().startswith("@data"))
        names = [
            line.split("{")[0].split()[1] for line in lines[:start] if line.lower().startswith("@attribute")
        ]
        rows = list(_split(lines[start + 1 :], ","))
    else:
        rows = list(_split(lines, wanted.separator))
        names = rows.pop(0) if wanted.names else [str(i) for i in range(len(rows[0]))]
    return names, [row for row in rows if len(row) == len(names)]


def _split(lines: list[str], separator: str | None) -> Iterator[list[str]]:
    cut = (line.split() for line in lines) if separator is None else csv.reader(lines, delimiter=separator)
    return ([cell.strip(" '") for cell in row] for row in cut)


def _numbers(cells: tuple[str, ...]) -> np.ndarray | None:
    """The cells as numbers, NaN where missing; None if one is text."""
    try:
        return np.array([np.nan if cell in MISSING else float(cell) for cell in cells])
    except ValueError:
        return None


def _codes(cells: tuple[str, ...]) -> np.ndarray:
    return np.unique(np.array(cells), return_inverse=True)[1].astype(np.float64)
