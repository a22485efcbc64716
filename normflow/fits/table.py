"""A fit: the learned transforms of a table, which apply, undo and describe themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from normflow.dtypes import as_float, is_measurable
from normflow.errors import FormatError, SchemaError, suggestion
from normflow.fits.column import ColumnFit
from normflow.fits.layout import Lane, laid_out
from normflow.naming import column

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1
Frame = TypeVar("Frame", pl.LazyFrame, pl.DataFrame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The transforms of a table, one per normalized column; all other columns pass through."""

    columns: tuple[ColumnFit, ...]
    rows: int
    goal: str = "model"

    @property
    def id(self) -> str:
        """SHA-256 of all that transform and inverse depend on: equal bits, equal id.

        Columns count by name, not by position; evidence and statistics do not count.
        """
        essence = [
            {"column": fit.column, "output": fit.output, "transform": fit.transform.to_json()}
            for fit in sorted(self.columns, key=lambda fit: fit.output)
        ]
        return hashlib.sha256(_canonical({"format": FORMAT, "columns": essence}).encode()).hexdigest()

    def __getitem__(self, name: str) -> ColumnFit:
        for fit in self.columns:
            if name in (fit.output, fit.column):
                return fit
        raise KeyError(
            f"no fit for column '{name}'; {suggestion(name, (fit.column for fit in self.columns))}"
        )

    def transform(self, frame: Frame) -> Frame:
        """Apply the fit: lazily to a LazyFrame, at once to a DataFrame.

        A value goes through: cast to Float64, NaN and ±inf to null, then its transform. Null stays null; a
        value outside a transform's domain becomes null. Columns keep their places; a column with a suffix
        is added at the end. A column whose method is `none` stays exactly as it is, type and all.

        Raises:
            SchemaError: a fitted column is missing or cannot be a number.
        """
        lazy = frame.lazy()
        schema = lazy.collect_schema()
        self._require(schema)
        places = {name: place for place, name in enumerate(schema)}
        lanes = {
            fit.output: Lane(finite(as_float(column(fit.column), schema[fit.column])), fit.transform.stages)
            for fit in sorted(self.columns, key=lambda fit: places[fit.column])
            if not fit.passes_through
        }
        result = laid_out(lazy, lanes)
        return result if isinstance(frame, pl.LazyFrame) else result.collect()

    def inverse(self, frame: Frame, columns: Iterable[str] | Mapping[str, str] | None = None) -> Frame:
        """Undo the fit, in place: outputs back to the units of their columns.

        `columns` names the outputs to undo (default: all that are there); a mapping undoes renamed ones,
        such as predictions: `{"prediction": "price"}` takes `prediction` back with the fit of `price`. A
        value outside a transform's image becomes null.

        Raises:
            SchemaError: a named column is missing from the frame or from the fit.
        """
        lazy = frame.lazy()
        schema = lazy.collect_schema()
        wanted = self._undone(columns, schema)
        lanes = {
            name: Lane(column(name).cast(pl.Float64), fit.transform.inverse_stages)
            for name, fit in wanted.items()
            if not fit.passes_through
        }
        result = laid_out(lazy, lanes)
        return result if isinstance(frame, pl.LazyFrame) else result.collect()

    def explain(self) -> pl.DataFrame:
        """One row a column: method, rule, reason, parameters, and its shape before and after."""
        return pl.DataFrame(
            [
                {
                    "column": fit.column,
                    "output": fit.output,
                    "method": fit.method,
                    "rule": fit.choice.rule if fit.choice else "named",
                    "reason": fit.reason,
                    "parameters": fit.transform.formula("x"),
                    "missing": fit.missing,
                    "min_before": fit.before.min,
                    "max_before": fit.before.max,
                    "skew_before": fit.before.skew,
                    "min_after": fit.after.min,
                    "max_after": fit.after.max,
                    "skew_after": fit.after.skew,
                    "warnings": [notice.text for notice in fit.choice.notices] if fit.choice else [],
                }
                for fit in self.columns
            ],
            schema=EXPLAINED,
        )

    def to_json(self) -> str:
        """The whole fit as canonical JSON text (sorted keys, doubles that round-trip bit for bit)."""
        return _canonical(
            {
                "format": FORMAT,
                "id": self.id,
                "goal": self.goal,
                "rows": self.rows,
                "columns": [fit.to_json() for fit in self.columns],
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Fit:
        """Read a fit that `to_json` wrote.

        Raises:
            FormatError: the text is no fit, was written by a newer format, or was changed since.
        """
        document = _read(text)
        try:
            fit = cls(
                columns=tuple(ColumnFit.from_json(one) for one in document["columns"]),
                rows=document["rows"],
                goal=document["goal"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(
                f"the stored fit is incomplete: {error!r}", hint="export it again from the registry"
            ) from error
        if fit.id != document.get("id"):
            raise FormatError(
                "the stored fit does not match its id", hint="it was changed or damaged: fit again"
            )
        return fit

    def _require(self, schema: pl.Schema) -> None:
        for fit in self.columns:
            if fit.column not in schema:
                raise SchemaError(
                    f"the fit needs column '{fit.column}'", hint=suggestion(fit.column, schema.names())
                )
            if not is_measurable(schema[fit.column]):
                raise SchemaError(
                    f"column '{fit.column}' is {schema[fit.column]}, which has no numeric value",
                    hint="cast it to a number, or fit again without it",
                )

    def _undone(
        self, columns: Iterable[str] | Mapping[str, str] | None, schema: pl.Schema
    ) -> dict[str, ColumnFit]:
        by_output = {fit.output: fit for fit in self.columns}
        if columns is None:
            return {name: fit for name, fit in by_output.items() if name in schema}
        pairs = dict(columns) if isinstance(columns, Mapping) else {name: name for name in columns}
        for name, source in pairs.items():
            if name not in schema:
                raise SchemaError(
                    f"there is no column '{name}' to undo", hint=suggestion(name, schema.names())
                )
            if source not in by_output:
                raise SchemaError(f"the fit has no column '{source}'", hint=suggestion(source, by_output))
        return {name: by_output[source] for name, source in pairs.items()}


EXPLAINED: dict[str, pl.DataType | type[pl.DataType]] = {
    "column": pl.String,
    "output": pl.String,
    "method": pl.String,
    "rule": pl.String,
    "reason": pl.String,
    "parameters": pl.String,
    "missing": pl.Float64,
    "min_before": pl.Float64,
    "max_before": pl.Float64,
    "skew_before": pl.Float64,
    "min_after": pl.Float64,
    "max_after": pl.Float64,
    "skew_after": pl.Float64,
    "warnings": pl.List(pl.String),
}


def finite(x: pl.Expr) -> pl.Expr:
    """The value where it is finite, else null."""
    return pl.when(x.is_finite()).then(x)


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _read(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"this is no stored fit: {error}", hint="write it with Fit.to_json()") from error
    if not isinstance(document, dict) or "format" not in document:
        raise FormatError("this is no stored fit: it has no format", hint="write it with Fit.to_json()")
    if document["format"] != FORMAT:
        raise FormatError(
            f"the fit has format {document['format']}, this version reads {FORMAT}", hint="upgrade normflow"
        )
    return document
