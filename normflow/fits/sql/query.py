"""A fit's query: which columns it selects, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, count, zip_longest
from typing import TYPE_CHECKING

import polars as pl

from normflow.dialects import dialect_named
from normflow.errors import ConfigError, SchemaError, suggestion
from normflow.fits.frame import require, undone
from normflow.fits.layout import free_prefix
from normflow.fits.sql.layout import Columns, Select
from normflow.fits.sql.values import beyond, entered, judged, leaving, number
from normflow.naming import quoted
from normflow.spec import MISSING, OUTSIDE
from normflow.transforms.arithmetic import StagedSql

if TYPE_CHECKING:
    from collections.abc import Callable

    from polars._typing import PolarsDataType

    from normflow.dialects import Dialect
    from normflow.fits.column import ColumnFit
    from normflow.fits.table import Fit

Types = Mapping[str, "PolarsDataType | None"]
WAY_OUT = "transform a frame, or fit without it"


def query(
    fit: Fit,
    table: str | Sequence[str],
    dialect: str,
    *,
    columns: Sequence[str] | Mapping[str, PolarsDataType] | None,
    inverse: bool,
) -> str:
    """One SELECT that gives what the fit's transform gives, or its inverse.

    Raises:
        ConfigError: an unknown dialect, one that must know the table's columns, names that cannot stand in
            SQL or beside each other, a row-wise method, or sqlglot is not installed.
        SchemaError: a fitted column is missing, or has no number in SQL.
    """
    writer = dialect_named(dialect)
    path = (table,) if isinstance(table, str) else tuple(table)
    if fit.groups is not None:
        raise ConfigError(
            "parameters that differ between groups have no SQL here",
            hint="write one query a group, such as fit.group(key).to_sql(…)",
        )
    if not inverse:
        _require_sql(fit)
    there = _table(fit, columns, inverse=inverse)
    prefix = free_prefix([name.casefold() for name in (*there, *path)])
    numbers = count()

    def staged() -> StagedSql:
        return StagedSql(lambda: f"{prefix}{next(numbers)}", writer.natives)

    lanes, written = (_backward if inverse else _forward)(fit, there, staged)
    _require_names(writer, path, [*there, *(name for name in written if name not in there)])
    stages = [
        dict(chain.from_iterable(step.items() for step in level))
        for level in zip_longest(*(lane.stages() for lane in lanes), fillvalue={})
    ]
    working = list(chain.from_iterable(stages))
    if columns is not None:
        selection = [_named(name, written.get(name)) for name in there]
    elif not written:
        selection = ["*"]
    elif writer.replaces:
        selection = [_star(working, [_named(name, written[name]) for name in there if name in written])]
    else:
        raise ConfigError(
            f"{dialect} cannot replace columns of `SELECT *`, so the query must name all of the table's",
            hint="give them in their order, such as columns=frame.columns",
        )
    selection += [_named(name, text) for name, text in written.items() if name not in there]
    source = ".".join(quoted(part) for part in path)
    return Select(table=source, stages=stages, items=selection, prefix=prefix).text(writer)


def _forward(fit: Fit, types: Types, staged: Callable[[], StagedSql]) -> tuple[list[Columns], dict[str, str]]:
    """The working columns, and what is written by name: in the order in which a frame gets it."""
    order = {name: place for place, name in enumerate(types)}
    active = sorted((one for one in fit.columns if not one.passes_through), key=lambda one: order[one.column])
    lanes = [_lane(one, types[one.column], staged()).inlined() for one in active]
    written = {one.output: lane.results[one.output] for one, lane in zip(active, lanes, strict=True)}
    written |= {
        one.output: quoted(one.column)
        for one in fit.columns
        if one.passes_through and one.column != one.output
    }
    for lane in lanes:
        written |= {name: text for name, text in lane.results.items() if name not in written}
    return lanes, written


def _lane(fit: ColumnFit, dtype: PolarsDataType | None, staged: StagedSql) -> Columns:
    treatment = fit.treatment
    x = staged.keep(entered(treatment, number(fit.column, dtype), fit.column))
    y = fit.chain.forward(judged(treatment, x, fit.column), staged)
    y = staged.keep(y) if treatment.dtype == "Float32" else y
    results = {fit.output: leaving(treatment, y).text}
    if treatment.outside == "flag":
        results[fit.column + OUTSIDE] = beyond(treatment, x).text
    if treatment.indicator:
        emptied = f" OR {beyond(treatment, x).text}" if treatment.empties else ""
        results[fit.column + MISSING] = f"({x.text} IS NULL{emptied})"
    return Columns(staged.steps, results)


def _backward(
    fit: Fit, types: Types, staged: Callable[[], StagedSql]
) -> tuple[list[Columns], dict[str, str]]:
    lanes: list[Columns] = []
    written: dict[str, str] = {}
    for place, one in undone(fit, pl.Schema(dict.fromkeys(types, pl.Null())), None).items():
        _require_number(one)
        a = staged()
        x = one.transform.backward(number(place.output, types[place.output]), a)
        lanes.append(Columns(a.steps, {place.output: x.text}).inlined())
        written |= lanes[-1].results
    return lanes, written


def _table(fit: Fit, columns: Sequence[str] | Mapping[str, PolarsDataType] | None, *, inverse: bool) -> Types:
    """The columns of the table in their order, each with its type where that is known."""
    if columns is None:
        rows = [name for one in fit.row_wise for name in one.outputs]
        known = [one.output if inverse else one.column for one in fit.columns]
        return dict.fromkeys([*known, *(rows if inverse else ())])
    if isinstance(columns, Mapping):
        if not inverse:
            require(fit, pl.Schema(columns))
        return dict(columns)
    if isinstance(columns, str) or len(set(columns)) < len(columns):
        raise ConfigError(f"columns are the names of the table's columns, each once, and not {columns!r}")
    missing = next((one.column for one in fit.columns if one.column not in columns and not inverse), None)
    if missing is not None:
        raise SchemaError(f"the fit needs column '{missing}'", hint=suggestion(missing, columns))
    return dict.fromkeys(columns)


def _star(working: Sequence[str], replaced: Sequence[str]) -> str:
    without = f" EXCLUDE ({', '.join(working)})" if working else ""
    instead = f" REPLACE ({', '.join(replaced)})" if replaced else ""
    return f"*{without}{instead}"


def _named(name: str, text: str | None) -> str:
    return quoted(name) if text is None else f"{text} AS {quoted(name)}"


def _require_sql(fit: Fit) -> None:
    if fit.groups is not None:
        raise ConfigError(
            f"the fit has parameters by {', '.join(fit.groups.by)}, which have no SQL",
            hint="transform a frame, or write the query of one group: fit.group({…}).to_sql(…)",
        )
    for rows in fit.row_wise:
        raise ConfigError(f"{rows.method} works on whole rows, which has no SQL here", hint=WAY_OUT)
    for one in fit.columns:
        _require_number(one)


def _require_number(fit: ColumnFit) -> None:
    if fit.index is not None:
        raise ConfigError(f"column '{fit.column}' holds arrays, which have no SQL here", hint=WAY_OUT)


def _require_names(dialect: Dialect, path: Sequence[str], columns: Sequence[str]) -> None:
    if not path:
        raise ConfigError("a table's name has at least one part")
    seen: dict[str, str] = {}
    for name in (*path, *columns):
        if not name or "\0" in name:
            raise ConfigError(f"{name!r} cannot be a name in SQL", hint="rename it")
    for name in columns:
        twin = seen.setdefault(name.casefold() if dialect.folds_case else name, name)
        if twin != name:
            raise ConfigError(
                f"columns '{twin}' and '{name}' differ only in case, and {dialect.name} takes them for one",
                hint="rename one",
            )
