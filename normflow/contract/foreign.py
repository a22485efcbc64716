"""An existing pandera schema as a contract: its checks join the pass, each as an expression where it can be.

Importing this module imports pandera, so it is imported where it is used and not with the package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandera.polars as pa
from pandera.api.function_dispatch import Dispatcher
from pandera.engines import polars_engine
from pandera.utils import is_regex

from normflow.contract.builtins import compiled, sentence, type_fault
from normflow.contract.checks import RowCheck, compile_checks, compile_table
from normflow.contract.registered import BatchCheck
from normflow.errors import ConfigError, Problem, SchemaError, suggestion
from normflow.naming import column as named
from normflow.spec import ColumnChecks, NamedCheck, TableSpec, UniqueSpec
from normflow.spec.named import builtin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from normflow.spec import Severity

AGGREGATES = ("unique_values_eq", "one_sample_ttest", "two_sample_ttest")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foreign:
    """A pandera schema against a source.

    Args:
        name: what it is called in the record, as `schema:name`.
        rows: its checks that have an expression.
        batches: the others, by column; pandera judges them batch by batch.
        told: all that it asks of rows, as text: equal schemas, equal text.
    """

    name: str
    rows: tuple[RowCheck, ...]
    batches: tuple[tuple[str, pa.Check], ...]
    told: str

    @property
    def section(self) -> str:
        """Who asks, in a record."""
        return f"schema:{self.name}"

    def observers(self, row: str, columns: tuple[str, ...]) -> list[BatchCheck]:
        """Those that see the batches; `row` is the column of row numbers, `columns` are the table's own."""
        return [
            BatchCheck(
                check,
                column,
                _name(check),
                ColumnChecks(severity=_severity(check)),
                row=row,
                place=self.section,
                section=self.section,
                columns=columns,
            )
            for column, check in self.batches
        ]


def foreign(schema: object, source: Mapping[str, pl.DataType], name: str = "") -> Foreign:
    """A pandera DataFrameSchema, or DataFrameModel, against the columns of a source.

    Columns, types, `required`, `nullable`, `unique`, patterns of names, `strict` and `ordered` are judged as
    pandera judges them, and so are its built-in checks, but that NaN passes no comparison. `unique` fails
    each later occurrence, as everywhere here. Other checks see the rows in batches.

    Raises:
        ConfigError: it is no pandera schema for Polars.
        SchemaError: a column is missing or has another type; or a part of the schema that a run cannot keep,
            such as `coerce`, or a check of all rows together.
    """
    found = _schema(schema)
    name = name or found.name or "schema"
    problems = [Problem("", what, f"schema:{name}") for what in _refused(found, source)]
    if problems:
        raise SchemaError.of(problems)
    rows, batches = list[RowCheck](), list[tuple[str, pa.Check]]()
    for column, asked in _columns(found, source):
        for one in _compiled(column, asked, source[column], f"schema:{name}"):
            if isinstance(one, RowCheck):
                rows.append(one)
            else:
                batches.append((column, one))
    batches += [("", check) for check in found.checks]
    rows += _keys(found, source, f"schema:{name}")
    return Foreign(name=name, rows=tuple(rows), batches=tuple(batches), told=_told(name, rows, batches))


def _schema(schema: object) -> pa.DataFrameSchema:
    if isinstance(schema, type) and issubclass(schema, pa.DataFrameModel):
        return schema.to_schema()
    if isinstance(schema, pa.DataFrameSchema):
        return schema
    raise ConfigError(
        f"a pandera schema for Polars is asked for, not {schema!r}",
        hint="give a DataFrameModel or a DataFrameSchema of pandera.polars",
    )


def _columns(schema: pa.DataFrameSchema, source: Mapping[str, pl.DataType]) -> Iterator[tuple[str, Any]]:
    """Each column of the source that the schema speaks of, and what it says."""
    for key, asked in schema.columns.items():
        if asked.regex or is_regex(key):
            yield from ((name, asked) for name in source if re.search(key, name))
        elif key in source:
            yield key, asked


def _refused(schema: pa.DataFrameSchema, source: Mapping[str, pl.DataType]) -> Iterator[str]:
    """What the source lacks, and what a run cannot keep, in the order of the schema."""
    known = dict(_columns(schema, source))
    yield from _missing(schema, source)
    for name, asked in known.items():
        kind = polars_engine.Engine.dtype(source[name])
        if asked.dtype is not None and not asked.dtype.check(kind):
            done = ", and a run converts no types" if asked.coerce or schema.coerce else ""
            yield f"{name}: the schema asks for {asked.dtype}, and the column is {source[name]}{done}"
        unkept = (_unkept(check, source[name]) for check in asked.checks)
        yield from (f"{name}: {wrong}" for wrong in unkept if wrong)
    unknown = [name for name in source if name not in known]
    if schema.dtype is not None:
        yield "a type for all columns is not kept; give each column its own"
    if schema.strict is True and unknown:
        yield f"strict, and the source has {', '.join(unknown)} beside the schema's columns"
    if schema.strict == "filter":
        yield "strict='filter' drops columns, which a run does not; leave them out of the source"


def _missing(schema: pa.DataFrameSchema, source: Mapping[str, pl.DataType]) -> Iterator[str]:
    for key, asked in schema.columns.items():
        pattern = asked.regex or is_regex(key)
        there = any(re.search(key, name) for name in source) if pattern else key in source
        if asked.required and not there:
            yield f"no such column '{key}' in the source; {suggestion(key, source)}"
    order = [name for name in schema.columns if name in source]
    if schema.ordered and order != [name for name in source if name in schema.columns]:
        yield f"ordered, and the source has its columns in another order than {', '.join(order)}"


def _unkept(check: pa.Check, dtype: pl.DataType) -> str:
    if check.name in AGGREGATES or check.groupby is not None:
        return f"{_name(check)} judges all rows together, and a run sees them in batches"
    known = _builtin(check)
    return type_fault(known, _arguments(check), dtype) if known else ""


def _builtin(check: pa.Check) -> str | None:
    """The name of a check that pandera has built in; somebody's own function may have that name too."""
    known = builtin(check.name or "")
    its_own = isinstance(check._check_fn, Dispatcher)  # noqa: SLF001 (only these choose by the frame's type)
    return known if its_own and not check.element_wise else None


def _arguments(check: pa.Check) -> dict[str, Any]:
    """The arguments of a built-in check, those by default too."""
    return dict(check._check_kwargs)  # noqa: SLF001 (its statistics lack some)


def _compiled(column: str, asked: Any, dtype: pl.DataType, section: str) -> Iterator[RowCheck | pa.Check]:
    own = ColumnChecks(nullable=asked.nullable, unique=asked.unique)
    yield from compile_checks({column: own}, section, {column: dtype})
    taken: dict[str, int] = {}
    for check in asked.checks:
        known = _builtin(check)
        arguments = _arguments(check) if known else {}
        passes = compiled(known, arguments, named(column), dtype) if known else None
        if known is None or passes is None:
            yield check
            continue
        place = taken[known] = taken.get(known, 0) + 1
        rule = ColumnChecks(checks=(NamedCheck(name=known, arguments=arguments),), severity=_severity(check))
        yield RowCheck(
            column=column,
            kind=f"checks.{known}" + (f"_{place}" if place > 1 else ""),
            section=section,
            rule=rule,
            dtype=dtype,
            ok=passes if check.ignore_na else passes & named(column).is_not_null(),
            text=f"{column} {sentence(known, arguments)}",
        )


def _keys(schema: pa.DataFrameSchema, source: Mapping[str, pl.DataType], section: str) -> list[RowCheck]:
    """The columns that are unique together."""
    if not schema.unique:
        return []
    columns = (schema.unique,) if isinstance(schema.unique, str) else tuple(schema.unique)
    table = TableSpec(unique=(UniqueSpec(columns=columns),))
    return [replace(one, section=section) for one in compile_table(table, source)]


def _severity(check: pa.Check) -> Severity:
    return "warn" if check.raise_warning else "error"


def _name(check: pa.Check) -> str:
    return str(check.name or getattr(check._check_fn, "__name__", "check"))  # noqa: SLF001 (it has no other name)


def _told(name: str, rows: list[RowCheck], batches: list[tuple[str, pa.Check]]) -> str:
    """What shapes parameters: rows that fail at severity error do not teach."""
    judged = [f"{one.name} {one.rule.severity} {one.text}" for one in rows]
    return "\n".join([name, *judged, *(f"{column} {_name(check)}" for column, check in batches)])
