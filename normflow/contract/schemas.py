"""The contract as pandera schemas: a Python object for users, and the reference that reports failures.

Importing this module imports pandera, so it is imported where it is used and not with the package.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.dtypes import immutable
from pandera.engines import polars_engine
from pandera.errors import SchemaErrors
from pandera.utils import is_regex

from normflow.contract.conditions import condition
from normflow.contract.outputs import promise
from normflow.contract.registered import pandera_check
from normflow.contract.values import bounds_in, listed_in
from normflow.contract.wording import ends
from normflow.errors import SchemaError
from normflow.spec import ColumnChecks, is_type

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from pandera.api.polars.types import PolarsData

    from normflow.contract.checks import RowCheck
    from normflow.contract.outputs import DerivedColumn
    from normflow.spec import Interval, TableSpec

NATIVE = {
    kind.__name__: kind
    for kind in (
        *(pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64),
        *(pl.Float32, pl.Float64, pl.Boolean, pl.String, pl.Binary, pl.Date, pl.Time),
    )
}


@immutable(init=True)
class NamedType(polars_engine.DataType):
    """A family of types such as `integer`, or a Polars type whatever its parameters."""

    name: str

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "type", pl.Object)
        object.__setattr__(self, "name", name)

    def check(self, pandera_dtype: Any, data_container: object = None) -> bool:  # noqa: ARG002 (pandera's signature)
        """Whether a column's type is what the name stands for."""
        return is_type(getattr(pandera_dtype, "type", pandera_dtype), self.name)

    def __str__(self) -> str:
        return self.name


def input_schema(
    checks: Mapping[str, ColumnChecks],
    schema: Mapping[str, pl.DataType] | None = None,
    table: TableSpec | None = None,
    plugins: Collection[str] = (),
) -> pa.DataFrameSchema:
    """The contract on what enters, as pandera declares it.

    With the source's `schema`, ranges and lists are in the columns' own types, as in a run. At severity warn
    a failure is a warning; `plugins` are those whose checks may be named. pandera's `unique` reports all
    equal values, the first one too. On a LazyFrame pandera judges only names and types unless told otherwise
    (`pandera.config.config_context`). Of the keys of a `table` those at severity error are there: one as
    pandera's own `unique`, more as checks.

    Raises:
        SchemaError: pandera cannot name a column such as `*`.
    """
    found = _schema("contract", {name: (rule,) for name, rule in checks.items()}, schema, plugins)
    keys = [list(key.columns) for key in (table.unique if table else ()) if key.severity == "error"]
    if len(keys) == 1:
        found.unique = keys[0]
    else:
        found.checks = [_unique_key(key) for key in keys]
    return found


def output_schema(
    checks: Mapping[str, ColumnChecks],
    derived: Sequence[DerivedColumn],
    schema: Mapping[str, pl.DataType] | None = None,
) -> pa.DataFrameSchema:
    """The contract on what leaves: the declared checks and what the fit promises, without the null counts.

    Raises:
        SchemaError: pandera cannot name a column such as `*`.
    """
    rules: dict[str, tuple[ColumnChecks, ...]] = {name: (rule,) for name, rule in checks.items()}
    for column in derived:
        rules[column.name] = (*rules.get(column.name, ()), promise(column))
    return _schema("output", rules, schema)


def report(check: RowCheck, sample: pl.DataFrame) -> pl.DataFrame:
    """The failure cases of pandera for a sample of rows that fail one check.

    `sample` has columns `row` and `value`; `index` in the report is the row.
    """
    values = sample["value"]
    # A repeated value fails only beside the one it repeats, so those stand in front.
    firsts = values.unique(maintain_order=True) if check.kind == "unique" else values.clear()
    cases = _failure_cases(check, pl.concat([firsts, values]))
    later = cases.filter(pl.col("index") >= len(firsts))
    return later.with_columns(
        column=pl.lit(check.column), index=sample["row"].gather(later["index"] - len(firsts))
    )


def _schema(
    name: str,
    rules: Mapping[str, tuple[ColumnChecks, ...]],
    schema: Mapping[str, pl.DataType] | None,
    plugins: Collection[str] = (),
) -> pa.DataFrameSchema:
    for column in rules:
        if column == "*" or is_regex(column):
            raise SchemaError(
                f"pandera reads the column name '{column}' as a pattern",
                hint="rename the column to have the contract as a pandera schema",
            )
    known = schema or {}
    return pa.DataFrameSchema(
        {column: _column(column, own, known.get(column), plugins) for column, own in rules.items()}, name=name
    )


def _column(
    name: str, rules: Sequence[ColumnChecks], dtype: pl.DataType | None, plugins: Collection[str] = ()
) -> pa.Column:
    """One column; what its first rule says of type, nulls and repeats holds."""
    first = rules[0]
    warns = first.severity == "warn"
    return pa.Column(
        _type(first.dtype),
        checks=[check for rule in rules for check in _checks(rule, dtype, plugins)],
        nullable=first.nullable or warns,
        unique=first.unique and not warns,
        name=name,
    )


def _type(name: str | None) -> Any:
    return None if name is None else NATIVE.get(name) or NamedType(name)


def _checks(rule: ColumnChecks, dtype: pl.DataType | None, plugins: Collection[str]) -> Iterator[pa.Check]:
    warns = rule.severity == "warn"
    if rule.range is not None:
        lo, hi = _bounds(rule.range, dtype)
        yield pa.Check.in_range(lo, hi, raise_warning=warns)
    if rule.isin is not None:
        allowed = listed_in(rule.isin, dtype) if dtype is not None else list(rule.isin)
        yield pa.Check.isin(allowed, raise_warning=warns)
    yield from _text_checks(rule, plugins, warns=warns)
    if rule.finite:
        yield pa.Check(_finite, name="finite", error="finite", raise_warning=warns)
    if rule.mean is not None:
        yield _moment("mean", rule.mean, lambda x: x.mean(), warns=warns)
    if rule.std is not None:
        yield _moment("std", rule.std, lambda x: x.std(ddof=0), warns=warns)
    if warns and not rule.nullable:
        # pandera's own nullable and unique cannot warn.
        yield pa.Check(_present, name="not_nullable", error="not_nullable", raise_warning=True)
    if warns and rule.unique:
        yield pa.Check(_unique, name="unique", error="unique", raise_warning=True)


def _text_checks(rule: ColumnChecks, plugins: Collection[str], *, warns: bool) -> Iterator[pa.Check]:
    if rule.regex is not None:
        yield pa.Check.str_matches(f"^(?:{rule.regex})$", raise_warning=warns)
    if rule.length is not None:
        yield pa.Check(
            partial(_long, rule), name="length", error=f"length {ends(rule.length)}", raise_warning=warns
        )
    for one in rule.checks:
        check = pandera_check(one, plugins, warns=warns)
        if isinstance(check, str):
            raise SchemaError(check)
        yield check


def _long(rule: ColumnChecks, data: PolarsData) -> pl.LazyFrame:
    dtype = data.lazyframe.collect_schema()[data.key]
    return data.lazyframe.select(condition("length", rule, pl.col(data.key), dtype))


def _bounds(interval: Interval, dtype: pl.DataType | None) -> tuple[float, float]:
    own = (
        bounds_in(interval, dtype) if dtype is not None and (dtype.is_integer() or dtype.is_float()) else None
    )
    lo, hi = own or interval
    return -math.inf if lo is None else lo, math.inf if hi is None else hi


def _finite(data: PolarsData) -> pl.LazyFrame:
    return data.lazyframe.select(pl.col(data.key).cast(pl.Float64).is_finite())


def _present(data: PolarsData) -> pl.LazyFrame:
    x = pl.col(data.key)
    dtype = data.lazyframe.collect_schema()[data.key]
    return data.lazyframe.select(x.is_not_null() & x.is_not_nan() if dtype.is_float() else x.is_not_null())


def _unique(data: PolarsData) -> pl.LazyFrame:
    return data.lazyframe.select(~pl.col(data.key).is_duplicated())


def _unique_key(columns: list[str]) -> pa.Check:
    def judged(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(~pl.struct(columns).is_duplicated())

    return pa.Check(judged, name="unique", error=f"unique({', '.join(columns)})")


def _moment(kind: str, interval: Interval, of: Callable[[pl.Expr], pl.Expr], *, warns: bool) -> pa.Check:
    lo, hi = _bounds(interval, None)

    def judged(data: PolarsData) -> pl.LazyFrame:
        x = pl.col(data.key)
        passed = of(x.cast(pl.Float64)).is_between(lo, hi).fill_null(value=False)
        # One verdict for all rows: pandera cannot report a bare False beside failing rows.
        return data.lazyframe.select(passed & (x.is_null() | x.is_not_null()))

    return pa.Check(
        judged, name=kind, error=f"{kind} in {ends(interval)}", raise_warning=warns, n_failure_cases=1
    )


def _failure_cases(check: RowCheck, values: pl.Series) -> pl.DataFrame:
    only = replace(ColumnChecks(), **{check.kind: getattr(check.rule, check.kind)})
    # A plain name, since pandera reads some column names as patterns.
    schema = pa.DataFrameSchema({"value": _column("value", (only,), check.dtype)})
    # Set for this context: depth and switch are otherwise the environment's.
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        try:
            schema.validate(values.alias("value").to_frame(), lazy=True)
        except SchemaErrors as errors:
            cases: pl.DataFrame = errors.failure_cases
            return cases
    return pl.DataFrame(schema=NOTHING)


NOTHING = {
    "failure_case": pl.String,
    "schema_context": pl.String,
    "column": pl.String,
    "check": pl.String,
    "check_number": pl.Int32,
    "index": pl.Int32,
}
