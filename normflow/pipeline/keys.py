"""The keys of a pipeline: under which a fit is used again, and under which a profile is stored."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from normflow.methods import METHODS, ROW_METHODS, plugin_methods, plugin_versions
from normflow.spec import TEXT_FORMATS, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from normflow.predicates import Predicate
    from normflow.sources import Source
    from normflow.spec import ColumnChecks, MethodSpec, Pipeline

STATE_FORMAT = 1


UNSHAPING = {"redact", "skew", "quantile", "nulls_at_most", "drift"}
"""What of a column's checks chooses no rows."""


class Keys(NamedTuple):
    """Hashes: `reuse` of all that shapes parameters, except the data; `state` of what shapes a profile."""

    reuse: str
    state: str


def keys_of(
    pipeline: Pipeline,
    schema: Mapping[str, pl.DataType],
    plan: Mapping[str, MethodSpec],
    where: Predicate | None,
    source: Source,
    foreign: Sequence[str] = (),
) -> Keys:
    """The keys of a pipeline against its source's schema; `foreign` is what pandera schemas ask of rows."""
    state = _state_facts(pipeline, schema, plan, where, source)
    if foreign:
        state["schemas"] = list(foreign)
    return Keys(reuse=_hashed({**_reuse_facts(pipeline, plan), "state": state}), state=_hashed(state))


def _state_facts(
    pipeline: Pipeline,
    schema: Mapping[str, pl.DataType],
    plan: Mapping[str, MethodSpec],
    where: Predicate | None,
    source: Source,
) -> dict[str, Any]:
    by = pipeline.fit.by
    asked = {*(where.columns if where else ()), *(by.columns if by else ())}
    read = [name for name in schema if name in plan or name in pipeline.contract or name in asked]
    return {
        "format": STATE_FORMAT,
        "where": pipeline.fit.where,
        "by": [sorted(by.columns), by.resolution] if by else None,
        "resolution": pipeline.fit.resolution,
        "types": {name: _type(schema[name], source) for name in sorted(read)},
        "contract": {name: _shaping(checks) for name, checks in pipeline.contract.items()},
    }


def _shaping(checks: ColumnChecks) -> dict[str, Any]:
    """What chooses rows; not whether a value may be told, nor what is for outputs only."""
    return {name: value for name, value in asdict(checks).items() if name not in UNSHAPING}


def _type(dtype: pl.DataType, source: Source) -> str:
    # Text has no types of its own: a day on which all prices happen to be whole is a day like any other.
    told = source.layout.format in TEXT_FORMATS and dtype.is_numeric()
    return "number" if told else str(dtype)


def _reuse_facts(pipeline: Pipeline, plan: Mapping[str, MethodSpec]) -> dict[str, Any]:
    """What shapes parameters beside what shapes a profile."""
    return {
        "goal": pipeline.fit.goal,
        "groups": [pipeline.fit.by.min_rows, pipeline.fit.by.unseen] if pipeline.fit.by else None,
        "normalize": {
            name: {
                "method": line.method,
                "options": dict(line.options),
                "suffix": line.suffix,
                "policies": written(line.policies),
                "columns": line.columns,
                "goal": line.goal,
                "candidates": line.candidates,
            }
            for name, line in plan.items()
        },
        "compat": pipeline.fit.compat,
        "quantiles": pipeline.fit.quantiles,
        "margin": pipeline.fit.margin,
        **({"window": pipeline.fit.window} if pipeline.fit.window else {}),
        "methods": {method.name: method.version for method in METHODS},
        "plugins": plugin_versions(plugin_methods(pipeline.plugins)),
        "row_methods": {method.name: method.version for method in ROW_METHODS},
    }


def _hashed(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
