"""What follows from a plan and the contract before a row is read: outputs, and ranges that lines refer to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from normflow.dtypes import is_vector
from normflow.errors import Problem, SchemaError
from normflow.spec import UNTOUCHED, added_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import ColumnChecks, MethodSpec, Pipeline


def expected_outputs(
    schema: Mapping[str, pl.DataType], plan: Mapping[str, MethodSpec]
) -> dict[str, pl.DataType]:
    """The columns of the output, with types as far as a check can ask for them."""
    # `auto` may leave a column as it is; for what a check can ask, a number is a number.
    outputs = dict(schema)
    for name, line in plan.items():
        number = pl.Float32() if line.policies.dtype == "Float32" else pl.Float64()
        for source in line.columns or (name,):
            if line.method != "none" or line.policies != UNTOUCHED:
                dtype = schema[source]
                whole = pl.Array(number, dtype.shape[0]) if is_vector(dtype) else number
                outputs[source + line.suffix] = whole
            added = added_names(source, line)
            outputs |= {added[key]: pl.Boolean() for key in ("outside", "nulls") if key in added}
    return outputs


def declared(pipeline: Pipeline, plan: Mapping[str, MethodSpec]) -> dict[str, MethodSpec]:
    """The plan with `bounds: declared` as the numbers of the contract's range, which `auto` is told as well.

    Raises:
        SchemaError: the contract declares no range with two ends.
    """
    found, problems = {}, []
    for name, line in plan.items():
        if line.method == "auto":
            found[name] = replace(line, declared=_unbroken(pipeline.contract.get(name)))
            continue
        bounds = line.options.get("bounds")
        if bounds == "declared":
            checks = pipeline.contract.get(name)
            bounds = checks.range if checks else None
            if bounds is None or None in bounds:
                key = f"normalize.{name}.bounds"
                what = "the contract declares no range with two ends for it"
                hint = f"write contract.{name}.range, or bounds: fitted"
                problems.append(Problem(pipeline.place(key), f"{what}; {hint}", key))
            line = replace(line, options={**line.options, "bounds": bounds})  # noqa: PLW2901
        found[name] = line
    if problems:
        raise SchemaError.of(problems)
    return found


def _unbroken(checks: ColumnChecks | None) -> tuple[float, float] | None:
    """The range, with two ends, that no published row can leave; what teaches passes the contract anyhow."""
    if checks is None or checks.range is None or not checks.stops:
        return None
    lo, hi = checks.range
    return (float(lo), float(hi)) if lo is not None and hi is not None and lo < hi else None
