"""The policies of a column as SQL: what becomes of a number before its maps, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SchemaError
from normflow.fits.treatment import forbidden
from normflow.naming import quoted
from normflow.transforms.arithmetic import INFINITY, Sql, sql_number

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from normflow.fits.treatment import Treatment

LARGEST = sql_number(1.7976931348623157e308)
NO_FLOAT32 = sql_number(2.0**128 - 2.0**103)
"""What rounds to more than Float32 holds."""


def number(name: str, dtype: PolarsDataType | None) -> Sql:
    """A column as a DOUBLE: booleans as 0 and 1, what is of an unknown type by a cast.

    Raises:
        SchemaError: it is no number and no boolean.
    """
    column = quoted(name)
    if dtype == pl.Float64:
        return Sql(column)
    if dtype == pl.Boolean:
        return Sql(f"CASE WHEN {column} THEN 1.0e0 WHEN NOT {column} THEN 0.0e0 END")
    if dtype is not None and not dtype.is_numeric():
        raise SchemaError(
            f"column '{name}' is {dtype}, which has no SQL number that all dialects share",
            hint="let the query read a view that has it in seconds, as a DOUBLE",
        )
    return Sql(f"CAST({column} AS DOUBLE)")


def entered(treatment: Treatment, x: Sql, column: str) -> Sql:
    """The number after the policy for NaN and ±∞; one of `error` stops the query at such a row."""
    if treatment.nonfinite == "keep":
        return x
    finite = f"CASE WHEN abs({x.text}) <= {LARGEST} THEN {x.text}"
    if treatment.nonfinite == "clip" and treatment.low is not None and treatment.high is not None:
        low, high = sql_number(treatment.low), sql_number(treatment.high)
        return Sql(f"{finite} WHEN {x.text} < 0.0e0 THEN {low} WHEN {x.text} <= {INFINITY} THEN {high} END")
    if treatment.nonfinite == "error":
        stop = _stop(x, forbidden(column, "nonfinite"))
        return Sql(f"{finite} WHEN {x.text} IS NOT NULL THEN {stop} END")
    return Sql(f"{finite} END")


def judged(treatment: Treatment, x: Sql, column: str) -> Sql:
    """The entered number, where `outside: error` does not forbid it."""
    if treatment.outside != "error":
        return x
    stop = _stop(x, forbidden(column, "outside"))
    return Sql(f"CASE WHEN {beyond(treatment, x).text} THEN {stop} ELSE {x.text} END")


def beyond(treatment: Treatment, x: Sql) -> Sql:
    """Whether an entered number lies outside the fitted range; NULL and NaN do not."""
    number_ = f"{x.text} IS NOT NULL AND {x.text} <= {INFINITY}"
    if treatment.low is None or treatment.high is None:
        return Sql(f"({number_})")
    low, high = sql_number(treatment.low), sql_number(treatment.high)
    return Sql(f"({number_} AND ({x.text} < {low} OR {x.text} > {high}))")


def leaving(treatment: Treatment, y: Sql) -> Sql:
    """The result in the type asked for; what is beyond Float32 is ±∞, as in a frame."""
    if treatment.dtype != "Float32":
        return y
    infinity = INFINITY.replace("DOUBLE", "REAL")
    return Sql(
        f"CASE WHEN {y.text} >= {NO_FLOAT32} AND {y.text} <= {INFINITY} THEN {infinity}"
        f" WHEN {y.text} <= -{NO_FLOAT32} THEN -{infinity} ELSE CAST({y.text} AS REAL) END"
    )


def _stop(x: Sql, sentence: str) -> str:
    # no function raises in every dialect, but a text that is no number cannot be cast to one
    text = sentence.replace("'", "''")
    return f"CAST('{text}: ' || CAST({x.text} AS VARCHAR) AS DOUBLE)"
