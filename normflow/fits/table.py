"""A fit: the learned transforms of a table, which apply, undo and describe themselves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from normflow.errors import FormatError, suggestion
from normflow.fits.apply import lost, restored, transformed
from normflow.fits.column import ColumnFit
from normflow.fits.rows import RowFit
from normflow.naming import member

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMAT = 1
Frame = TypeVar("Frame", pl.LazyFrame, pl.DataFrame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The transforms of a table, one per normalized column; all other columns pass through.

    `rows` is how many rows taught it; `where` is the predicate that chose them, if one did.
    """

    columns: tuple[ColumnFit, ...]
    rows: int
    goal: str = "model"
    where: str | None = None
    row_wise: tuple[RowFit, ...] = ()

    @property
    def id(self) -> str:
        """SHA-256 of all that transform and inverse depend on: equal bits, equal id.

        Columns count by name, not by position; evidence and statistics do not count.
        """
        essence: dict[str, Any] = {
            "format": FORMAT,
            "columns": [_essence(fit) for fit in sorted(self.columns, key=lambda fit: fit.label)],
        }
        if self.row_wise:
            essence["row_wise"] = sorted((rows.to_json() for rows in self.row_wise), key=_canonical)
        return hashlib.sha256(_canonical(essence).encode()).hexdigest()

    def __getitem__(self, name: str) -> ColumnFit:
        for fit in self.columns:
            if name in (fit.label, fit.output, fit.column):
                return fit
        raise KeyError(f"no fit for column '{name}'; {suggestion(name, (fit.label for fit in self.columns))}")

    def transform(self, frame: Frame) -> Frame:
        """Apply the fit: lazily to a LazyFrame, at once to a DataFrame.

        A value goes through: cast to Float64, the policies for NaN and ±inf, for what lies outside the
        fitted range, clip and nulls, then its transform, then the type asked for. By default NaN and ±inf
        become null and null stays null; a value outside a transform's domain becomes null. Columns keep
        their places; a column with a suffix is added at the end, as are `<column>_missing` and
        `<column>_outside`. A column whose method is `none` stays exactly as it is, type and all.

        Raises:
            SchemaError: a fitted column is missing or cannot be a number.
            FitError: a value breaks a policy of `error`; raised when the frame is collected.
        """
        result = transformed(frame.lazy(), self)
        return result if isinstance(frame, pl.LazyFrame) else result.collect()

    def inverse(self, frame: Frame, columns: Iterable[str] | Mapping[str, str] | None = None) -> Frame:
        """Undo the fit, in place: outputs back to the units of their columns.

        `columns` names the outputs to undo (default: all that are there); a mapping undoes renamed ones,
        such as predictions: `{"prediction": "price"}` takes `prediction` back with the fit of `price`. A
        value outside a transform's image becomes null (`lost` counts them). What was clipped or filled
        comes back as the value it was clipped to or filled with.

        Raises:
            SchemaError: a named column is missing from the frame or from the fit, or comes from a row-wise
                method, which cannot be undone.
        """
        result = restored(frame.lazy(), self, columns)
        return result if isinstance(frame, pl.LazyFrame) else result.collect()

    def lost(self, frame: Frame, columns: Iterable[str] | Mapping[str, str] | None = None) -> dict[str, int]:
        """By column, how many values `inverse` makes null because they lie outside the transform's image.

        Reads the frame once, streaming.

        Raises:
            SchemaError: as `inverse`.
        """
        lazy = frame.lazy()
        counts = lazy.select(lost(self, lazy.collect_schema(), columns)).collect(engine="streaming")
        return counts.row(0, named=True) if counts.width else {}

    def explain(self) -> pl.DataFrame:
        """One row a column: method, rule, reason, parameters, and its shape before and after."""
        return pl.DataFrame(
            [
                {
                    "column": fit.column if fit.index is None else member(fit.column, fit.index),
                    "output": fit.label,
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
                "where": self.where,
                "rows": self.rows,
                "columns": [fit.to_json() for fit in self.columns],
                "row_wise": [rows.to_json() for rows in self.row_wise],
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
                where=document["where"],
                row_wise=tuple(RowFit.from_json(one) for one in document["row_wise"]),
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


def _essence(fit: ColumnFit) -> dict[str, Any]:
    essence = {
        "column": fit.column,
        "output": fit.output,
        "transform": fit.transform.to_json(),
        "treatment": fit.treatment.essence(),
        "index": fit.index,
    }
    return {key: value for key, value in essence.items() if value not in (None, {})}


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
