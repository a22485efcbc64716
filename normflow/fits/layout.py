"""How transforms are laid out on a frame: one `with_columns` a stage, all lanes side by side.

Working columns carry names of our own, so that a data column may be called anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain, zip_longest
from typing import NamedTuple, TypeVar

import polars as pl

Stages = Callable[[str, str], list[dict[str, pl.Expr]]]
Key = TypeVar("Key")
Outputs = Callable[[Mapping[Key, pl.Expr]], Mapping[str, pl.Expr]]


class Lane(NamedTuple):
    """The way of one number through its maps: the value it enters with, and the stages it goes through."""

    entry: pl.Expr
    stages: Stages


def laid_out(lf: pl.LazyFrame, lanes: Mapping[Key, Lane], outputs: Outputs[Key]) -> pl.LazyFrame:
    """The frame with `outputs` of the lanes' results, each in its column's place or added at the end."""
    prefix = free_prefix(lf.collect_schema().names())
    work = {key: f"{prefix}{i}" for i, key in enumerate(lanes)}
    scratch = set(work.values())
    lf = lf.with_columns(lane.entry.alias(work[key]) for key, lane in lanes.items())
    staged = [lane.stages(work[key], f"{work[key]}_") for key, lane in lanes.items()]
    for stage in zip_longest(*staged, fillvalue={}):
        exprs = dict(chain.from_iterable(step.items() for step in stage))
        scratch |= exprs.keys()
        lf = lf.with_columns(expr.alias(name) for name, expr in exprs.items())
    results = outputs({key: pl.col(name) for key, name in work.items()})
    return lf.with_columns(expr.alias(name) for name, expr in results.items()).drop(scratch)


def free_prefix(names: list[str]) -> str:
    """A prefix that none of the names has."""
    prefix = "__nf_"
    while any(name.startswith(prefix) for name in names):
        prefix = f"_{prefix}"
    return prefix
