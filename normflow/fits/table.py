"""A fit: the learned transforms of a table, which apply, undo and describe themselves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow.errors import FitError, FormatError, NormflowError, suggestion
from normflow.fits.apply import collected, lost, restored, transformed
from normflow.fits.candidates import candidates_table
from normflow.fits.column import ColumnFit
from normflow.fits.explained import explained_table
from normflow.fits.groups import Groups
from normflow.fits.rows import RowFit
from normflow.fits.scorer import Scorer
from normflow.fits.stored import document_of
from normflow.frames import as_lazy
from normflow.guests import Frame, through
from normflow.methods import row_method_named
from normflow.upward import pandera_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from polars._typing import PolarsDataType

    from normflow.frames import ArrowStream

FORMAT = 1
SHOWN = 8
"""Columns that are named where a fit is shown."""
DAMAGE = (
    *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError),
    *(NormflowError, pl.exceptions.PolarsError),
)
"""What parts of a document raise that are not what they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The transforms of a table, one per normalized column; all other columns pass through.

    `rows` is how many rows taught it; `where` is the predicate that chose them, if one did. `groups` holds
    what differs between groups of rows, where the fit was learned `by` some columns; `columns` is then what
    the whole table taught.
    """

    columns: tuple[ColumnFit, ...]
    rows: int
    goal: str = "model"
    where: str | None = None
    row_wise: tuple[RowFit, ...] = ()
    groups: Groups | None = None

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
        if self.groups:
            essence["groups"] = self.groups.digest
        return hashlib.sha256(_canonical(essence).encode()).hexdigest()

    def __repr__(self) -> str:
        """Short, for people; `to_json` has it all."""
        named = [f"{one.label}: {one.method}" for one in self.columns]
        named += [one.method for one in self.row_wise]
        more = [f"… {len(named) - SHOWN} more"] if len(named) > SHOWN else []
        return f"<Fit {self.id[:12]} of {self.rows:,} rows: {', '.join([*named[:SHOWN], *more])}>"

    def __getitem__(self, name: str) -> ColumnFit:
        for fit in self.columns:
            if name in (fit.label, fit.output, fit.column):
                return fit
        raise KeyError(f"no fit for column '{name}'; {suggestion(name, (fit.label for fit in self.columns))}")

    def transform(self, frame: Frame) -> Frame:
        """Apply the fit: lazily to a LazyFrame, at once to any other frame, which comes back as it came.

        A value goes through: cast to Float64, the policies for NaN and ±inf, for what lies outside the
        fitted range, clip and nulls, then its transform, then the type asked for. By default NaN and ±inf
        become null and null stays null; a value outside a transform's domain becomes null. Columns keep
        their places; a column with a suffix is added at the end, as are `<column>_missing` and
        `<column>_outside`. A column whose method is `none` stays exactly as it is, type and all. With groups
        a row goes by the numbers of its group, whose key columns the frame must have.

        Raises:
            SchemaError: a fitted column or a key is missing, or cannot be what it is to be.
            FitError: a value or a group breaks a policy of `error`; raised when the frame is collected.
        """
        return through(frame, partial(transformed, fit=self), collected)

    def inverse(self, frame: Frame, columns: Iterable[str] | Mapping[str, str] | None = None) -> Frame:
        """Undo the fit, in place: outputs back to the units of their columns, in the kind of frame that came.

        `columns` names the outputs to undo (default: all that are there); a mapping undoes renamed ones,
        such as predictions: `{"prediction": "price"}` takes `prediction` back with the fit of `price`. A
        value outside a transform's image becomes null (`lost` counts them). What was clipped or filled
        comes back as the value it was clipped to or filled with.

        Raises:
            SchemaError: a named column is missing from the frame or from the fit, or comes from a row-wise
                method, which cannot be undone; or a group's key is missing, or was itself transformed.
        """
        return through(frame, partial(restored, fit=self, columns=columns), collected)

    def lost(
        self, frame: ArrowStream | pl.LazyFrame, columns: Iterable[str] | Mapping[str, str] | None = None
    ) -> dict[str, int]:
        """By column, how many values `inverse` makes null because they lie outside the transform's image.

        Reads the frame once, streaming.

        Raises:
            SchemaError: as `inverse`.
        """
        counts = lost(as_lazy(frame), self, columns).collect(engine="streaming")
        return counts.row(0, named=True) if counts.width else {}

    def scorer(self) -> Scorer:
        """The fit as a function of one row, in plain Python, for serving."""
        return Scorer(self)

    def to_sql(
        self,
        table: str | Sequence[str],
        dialect: str = "duckdb",
        *,
        columns: Sequence[str] | Mapping[str, PolarsDataType] | None = None,
        inverse: bool = False,
    ) -> str:
        """One SELECT over `table` that gives what `transform` gives, or `inverse`, in the warehouse itself.

        `table` is one name, or the parts of a path: `("analytics", "weather")`. `dialect` is duckdb,
        postgres, spark or bigquery; all but duckdb are written by sqlglot (`normflow-etl[sql]`). `columns`
        are the table's columns in their order, as names or as a schema with their Polars types. Without it
        the query replaces the fitted columns of `SELECT *`, which DuckDB and BigQuery can. A column whose
        type is not known is cast to a double; booleans need a schema, and times have no SQL here.

        Affine maps give the bits of `transform`, others 1e-12·max(1, |y|). Working columns and stages of the
        query are called `__nf_…`. A policy of `error` stops the query at a row that breaks it. Where a number
        in between is beyond float64, DuckDB and Spark go on with ±inf as a frame does, and Postgres and
        BigQuery stop; Postgres stops at results below 5e-324 too.

        Raises:
            ConfigError: an unknown dialect, postgres or spark without `columns`, names that cannot stand in
                SQL or beside each other, arrays, a row-wise method, or sqlglot is not installed.
            SchemaError: a fitted column is not among `columns`, or is no number.
        """
        from normflow.fits.sql import query

        return query(self, table, dialect, columns=columns, inverse=inverse)

    def output_schema(self) -> Any:
        """What the fit promises of its outputs, as a `pandera.polars.DataFrameSchema`.

        Types, bounds, no NaN and no infinity. The bounds are the image of all that may come in, so that no
        later row fails them. Array columns are left out, since pandera has no check of their places.

        Raises:
            SchemaError: pandera cannot name a column such as `*`.
        """
        return pandera_schema("output_schema", self)

    def group(self, key: Mapping[str, object]) -> Fit:
        """The fit of one group, named by its key, such as `{"origin": "JFK"}`: its parameters for all rows.

        Choices, shapes and shares of missing values stay those of the whole table.

        Raises:
            FitError: the fit has no groups, or none of this key.
        """
        if self.groups is None:
            raise FitError("the fit has no groups", hint="learn it with by=")
        place, columns = self.groups.place(key), self.groups.columns
        return replace(
            self,
            columns=tuple(
                columns[fit.label].fit_of(fit, place) if fit.label in columns else fit for fit in self.columns
            ),
            rows=int(self.groups.rows[place]),
            groups=None,
        )

    def told(self, fit: ColumnFit) -> dict[str, Any] | None:
        """How many groups have a column's parameters of their own, and why others have not; None without."""
        return self.groups.told(fit.label) if self.groups else None

    def explain(self) -> pl.DataFrame:
        """One row a column: what it reads, method, rule, reason, parameters, and its shape before and after.

        They are those of the whole table; `groups` tells how many groups have parameters of their own, and
        `stability` the share of the source's partitions without which `auto` chooses the same. A row-wise
        method has a row for each of its outputs, with what it reads: it learns nothing of their shape.
        """
        return explained_table(self)

    def candidates(self) -> pl.DataFrame:
        """One row a column and method that `auto` tried on it, with its scores; one of it as it is.

        `standing` is before, chosen, runner-up, tried or refused. `normality` is the normal-plot correlation,
        `skew` and `kurtosis` (excess) are biased moments, `pearson` is Pearson's P/df for normality.
        """
        return candidates_table(self.columns)

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
                "groups": self.groups.to_json() if self.groups else None,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Fit:
        """Read a fit that `to_json` wrote.

        Raises:
            FormatError: the text is no fit, was written by a newer format, or was changed since.
        """
        document = document_of(text, FORMAT)
        try:
            fit = cls(
                columns=tuple(ColumnFit.from_json(one) for one in document["columns"]),
                rows=document["rows"],
                goal=document["goal"],
                where=document["where"],
                row_wise=tuple(RowFit.from_json(one) for one in document["row_wise"]),
                groups=Groups.from_json(document["groups"]) if document["groups"] else None,
            )
            for rows in fit.row_wise:
                row_method_named(rows.method, rows.options)
            if fit.groups:
                fit.groups.require_columns({one.label: one for one in fit.columns})
            unchanged = fit.id == document.get("id")
        except FormatError:
            raise
        except DAMAGE as error:
            raise FormatError(
                f"the stored fit is incomplete: {error!r}", hint="export it again from the registry"
            ) from error
        if not unchanged:
            raise FormatError(
                "the stored fit does not match its id", hint="it was changed or damaged: fit again"
            )
        return fit


def _essence(fit: ColumnFit) -> dict[str, Any]:
    essence = {
        "column": fit.column,
        "output": fit.output,
        "transform": fit.transform.to_json(),
        "treatment": fit.treatment.essence(),
        "index": fit.index,
    }
    if not (fit.transform.maps or fit.passes_through or essence["treatment"]):
        essence["as_float"] = True
    return {key: value for key, value in essence.items() if value not in (None, {})}


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
