"""The fit of a row-wise method: what it reads and writes; there is nothing to learn."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow.dtypes import is_vector
from normflow.fits.frame import float_of
from normflow.fits.layout import free_prefix
from normflow.methods import row_method_named
from normflow.record import NAMED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from normflow.spec import MethodSpec
    from normflow.spec.policies import FloatType


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFit:
    """A row-wise method over named columns, or over the places of one array column.

    `outputs` stand beside `columns`: the same names unless a suffix was asked for.
    """

    columns: tuple[str, ...]
    outputs: tuple[str, ...]
    method: str
    options: Mapping[str, object]
    version: int
    dtype: FloatType = "Float64"

    @property
    def of_array(self) -> bool:
        """Whether the members of a row are the places of one array: named columns are two or more."""
        return len(self.columns) == 1

    @property
    def reason(self) -> str:
        """Why this method, in a sentence."""
        return NAMED

    @property
    def formula(self) -> str:
        """The method with what it reads and its options: `unit(u, v; norm=l2)`."""
        options = ", ".join(f"{name}={value}" for name, value in self.options.items())
        return f"{self.method}({', '.join(self.columns)}{f'; {options}' if options else ''})"

    def members(self, schema: Mapping[str, PolarsDataType]) -> list[pl.Expr]:
        """The Float64 of each member of a row."""
        dtype = schema[self.columns[0]]
        if is_vector(dtype):
            return [float_of(self.columns[0], dtype, place) for place in range(dtype.shape[0])]
        return [float_of(name, schema[name]) for name in self.columns]

    def applied(self, lf: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the outputs computed."""
        schema = lf.collect_schema()
        members = self.members(schema)
        plan = row_method_named(self.method, self.options).plan(members, free_prefix(schema.names()))
        for step in plan.steps:
            lf = lf.with_columns(expr.alias(scratch) for scratch, expr in step.items())
        results = [one.cast(pl.Float32) if self.dtype == "Float32" else one for one in plan.results]
        if is_vector(schema[self.columns[0]]):  # a row without a result has none for any member
            results = [pl.when(results[0].is_not_null()).then(pl.concat_arr(results))]
        lf = lf.with_columns(one.alias(output) for one, output in zip(results, self.outputs, strict=True))
        return lf.drop(scratch for step in plan.steps for scratch in step)

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return {
            "columns": list(self.columns),
            "outputs": list(self.outputs),
            "method": self.method,
            "options": dict(self.options),
            "version": self.version,
            "dtype": self.dtype,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> RowFit:
        """Read what `to_json` wrote."""
        pairs = {name: tuple(document[name]) for name in ("columns", "outputs")}
        return cls(**{**document, **pairs})


def row_fit(wanted: MethodSpec) -> RowFit:
    """The fit of a row-wise method; its columns are resolved."""
    method = row_method_named(wanted.method, wanted.options)
    return RowFit(
        columns=wanted.columns,
        outputs=tuple(name + wanted.suffix for name in wanted.columns),
        method=method.name,
        options=asdict(method),  # type: ignore[call-overload]  # row-wise methods are dataclasses
        version=method.version,
        dtype=wanted.policies.dtype or "Float64",
    )
