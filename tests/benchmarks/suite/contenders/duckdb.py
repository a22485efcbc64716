"""The tasks as one would write them in DuckDB's SQL by hand: one query learns, the next one writes.

Run: python -m tests.benchmarks.suite.contenders.duckdb TASK SOURCE TARGET [STATE]
"""

# ruff: noqa: S608  (the text is our own)
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks.suite.tasks import LEVELS, MIXED, WRITER

Scales = dict[str, tuple[str, float, float]]
"""By column: what to scale, in SQL, the shift and the scale."""


def rows(query: str) -> list[tuple[Any, ...]]:
    return duckdb.execute(query).fetchall()


def columns(source: str) -> list[str]:
    return [row[0] for row in rows(f"DESCRIBE SELECT * FROM '{source}'")]


def write(source: str, target: str, scales: Scales) -> None:
    terms = ", ".join(
        f"({term} - {shift!r}::DOUBLE) / {scale!r}::DOUBLE AS {name}"
        for name, (term, shift, scale) in scales.items()
    )
    options = f"FORMAT parquet, COMPRESSION {WRITER}"
    rows(f"COPY (SELECT {terms} FROM '{source}') TO '{target}' ({options})")


def moments(source: str) -> Scales:
    names = columns(source)
    asked = ", ".join(f"avg({name}), stddev_pop({name})" for name in names)
    [found] = rows(f"SELECT {asked} FROM '{source}'")
    return {name: (name, *found[2 * i : 2 * i + 2]) for i, name in enumerate(names)}


def zscore(source: str, target: str, _state: str) -> None:
    write(source, target, moments(source))


def learn(source: str, _target: str, state: str) -> None:
    Path(state).write_text(json.dumps(moments(source)))


def stored(source: str, target: str, state: str) -> None:
    write(source, target, json.loads(Path(state).read_text()))


def mixed(source: str, target: str, _state: str) -> None:
    asked = {
        "zscore": "avg({0}), stddev_pop({0})",
        "minmax": "min({0}), max({0}) - min({0})",
        "robust": "quantile_cont({0}, 0.5), quantile_cont({0}, 0.75) - quantile_cont({0}, 0.25)",
    }
    spelled = {"log": "ln({0})", "log1p": "ln(1 + {0})"}
    names = columns(source)
    method = {name: MIXED[name.rpartition("_")[0]] for name in names}
    term = {name: spelled.get(one, "{0}").format(name) for name, one in method.items()}
    queries = [asked.get(method[name], asked["zscore"]).format(term[name]) for name in names]
    [found] = rows(f"SELECT {', '.join(queries)} FROM '{source}'")
    write(source, target, {name: (term[name], *found[2 * i : 2 * i + 2]) for i, name in enumerate(names)})


def profile(source: str, target: str, _state: str) -> None:
    asked = {
        "nulls": "count(*) - count({0})",
        "mean": "avg({0})",
        "std": "stddev_pop({0})",
        "min": "min({0})",
        "max": "max({0})",
        "skew": "skewness({0})",
        "kurtosis": "kurtosis_pop({0})",
        "quantiles": f"quantile_cont({{0}}, {list(LEVELS)})",
    }
    names = columns(source)
    queries = [query.format(name) for name in names for query in asked.values()]
    [answers] = rows(f"SELECT {', '.join(queries)} FROM '{source}'")
    found = iter(answers)
    document = {name: {ask: listed(next(found)) for ask in asked} for name in names}
    Path(target).write_text(json.dumps(document))


def listed(answer: Any) -> list[float]:
    return answer if isinstance(answer, list) else [answer]


TASKS = {
    **dict.fromkeys(("T1", "T7", "T9", "WIDE"), zscore),
    "T2": mixed,
    "T5": stored,
    "T5-learn": learn,
    "T6": profile,
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](*sys.argv[2:])
