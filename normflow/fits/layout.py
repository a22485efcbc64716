"""How transforms are laid out on a frame: one `with_columns` a stage, all columns side by side.

Working columns carry names of our own, so that a data column may be called anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain, zip_longest
from typing import NamedTuple

import polars as pl

Stages = Callable[[str, str], list[dict[str, pl.Expr]]]


class Lane(NamedTuple):
    """What happens to one column: the value it enters with, and the stages it goes through."""

    entry: pl.Expr
    stages: Stages


def laid_out(lf: pl.LazyFrame, lanes: Mapping[str, Lane]) -> pl.LazyFrame:
    """The frame with each column of `lanes` computed, in its place; new names are added at the end."""
    if not lanes:
        return lf
    prefix = _free_prefix(lf.collect_schema().names())
    work = {name: f"{prefix}{i}" for i, name in enumerate(lanes)}
    scratch = set(work.values())
    lf = lf.with_columns(lane.entry.alias(work[name]) for name, lane in lanes.items())
    for stage in zip_longest(*_columns(lanes, work), fillvalue={}):
        exprs = dict(chain.from_iterable(step.items() for step in stage))
        scratch |= exprs.keys()
        lf = lf.with_columns(expr.alias(name) for name, expr in exprs.items())
    return lf.with_columns(pl.col(worked).alias(name) for name, worked in work.items()).drop(scratch)


def _columns(lanes: Mapping[str, Lane], work: Mapping[str, str]) -> list[list[dict[str, pl.Expr]]]:
    return [lane.stages(work[name], f"{work[name]}_") for name, lane in lanes.items()]


def _free_prefix(names: list[str]) -> str:
    prefix = "__nf_"
    while any(name.startswith(prefix) for name in names):
        prefix = f"_{prefix}"
    return prefix
