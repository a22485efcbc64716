"""Before a row is read: files, schema, contract, methods and checks, all judged from the schema alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from normflow import sinks
from normflow.contract import compile_checks, compile_table, gate, gate_table, registered
from normflow.contract.imports import schema_named
from normflow.dtypes import is_vector
from normflow.errors import ConfigError, SchemaError, SourceError
from normflow.fits import require_keys
from normflow.pipeline.drifting import require_compared
from normflow.pipeline.keys import keys_of
from normflow.predicates import predicate
from normflow.sources import resolve
from normflow.sources import schema as schema_of
from normflow.spec import (
    UNTOUCHED,
    added_names,
    resolve_checks,
    resolve_columns,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from normflow.contract import RowCheck
    from normflow.contract.foreign import Foreign
    from normflow.predicates import Predicate
    from normflow.sources import Source
    from normflow.spec import ColumnChecks, MethodSpec, Pipeline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A pipeline against its source's schema: which method and which checks apply to which column.

    `reuse_key` is the hash of everything that shapes parameters, except the data; `state_key` of what
    shapes a profile.
    """

    pipeline: Pipeline
    source: Source
    schema: Mapping[str, pl.DataType]
    plan: Mapping[str, MethodSpec]
    where: Predicate | None
    row_checks: tuple[RowCheck, ...]
    foreign: tuple[Foreign, ...]
    output_checks: Mapping[str, ColumnChecks]
    reuse_key: str
    state_key: str
    stamps: tuple[tuple[int, int, int], ...]


def prepare(
    pipeline: Pipeline,
    *,
    only: Collection[Path] | None = None,
    schema: object = None,
    allow_import: Collection[str] = (),
) -> Prepared:
    """Resolve a pipeline against its source, or `only` these resolved files of it; reads no row.

    `schema` is a pandera schema, or a list of them, that is judged besides those the file names; of these
    only modules in `allow_import`, and below them, are imported.

    Raises:
        SourceError: the source is missing or unreadable.
        SchemaError: a column is missing, has the wrong type, or cannot take what is asked of it.
        SinkError: a destination is a folder, or one of the sources.
        ConfigError: the sink's format does not have an option.
    """
    source = resolve(pipeline.source, only=only)
    given, schema = schema, schema_of(source)
    asked: tuple[Foreign, ...] = ()
    places, found = pipeline.places, Findings()
    by = pipeline.fit.by.columns if pipeline.fit.by else ()
    skip = {
        *by,
        *(name for name, checks in pipeline.contract.items() if checks.unique),
        *(name for key in pipeline.table.unique for name in key.columns),
    }
    plan: dict[str, MethodSpec] = {}
    checks: dict[str, ColumnChecks] = {}
    where: Predicate | None = None
    with found:
        gate(schema, pipeline.contract, places)
    with found:
        gate_table(schema, pipeline.table, pipeline.place("table.unique"))
    with found:
        asked = _foreign(pipeline, given, schema, allow_import)
    with found:
        registered(pipeline.contract, places)
        _require_unmended(pipeline, by)
    with found:
        plan = _declared(pipeline, resolve_columns(schema, pipeline.normalize, skip=skip, places=places))
    with found:
        require_keys(schema, by, f"{pipeline.place('fit.by')}: fit.by")
    with found:
        where = _where(pipeline, schema)
    outputs = _expected_outputs(schema, plan)
    if not found.errors:  # without a plan nobody knows the outputs
        with found:
            checks = resolve_checks(outputs, pipeline.checks, skip=skip, places=places)
            gate(outputs, checks, places, section="checks")
        with found:
            require_compared(pipeline, plan, outputs)
    with found:
        _check_options(pipeline)
    found.tell()
    for path in (pipeline.sink.path, pipeline.quarantine.path):
        sinks.check(path, sources=source.paths)
    keys = keys_of(pipeline, schema, plan, where, source, [one.told for one in asked])
    return Prepared(
        pipeline=pipeline,
        source=source,
        schema=schema,
        plan=plan,
        where=where,
        row_checks=(
            *compile_checks(pipeline.contract, "contract", schema),
            *compile_table(pipeline.table, schema),
            *(check for one in asked for check in one.rows),
        ),
        foreign=asked,
        output_checks=checks,
        reuse_key=keys.reuse,
        state_key=keys.state,
        stamps=_stamps(source),
    )


def unchanged(prepared: Prepared) -> None:
    """See that the source's files are those that were resolved.

    Raises:
        SourceError: one was replaced or written to while it was read.
    """
    for path, then, now in zip(prepared.source.paths, prepared.stamps, _stamps(prepared.source), strict=True):
        if then != now:
            raise SourceError("it was changed while it was read", where=str(path), hint="run again")


def _stamps(source: Source) -> tuple[tuple[int, int, int], ...]:
    """Size, time of the last change and inode of each file."""
    found = (path.stat() for path in source.paths)
    return tuple((one.st_size, one.st_mtime_ns, one.st_ino) for one in found)


@dataclass
class Findings:
    """The configuration errors of several steps, told together."""

    errors: list[ConfigError] = field(default_factory=list)

    def __enter__(self) -> None:
        """Begin a step."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Keep a configuration error for later; let everything else through."""
        if isinstance(error, ConfigError):
            self.errors.append(error)
            return True
        return False

    def tell(self) -> None:
        """Raise what was found: one error as it is, several as one with all their lines."""
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            problems = [problem for error in self.errors for problem in error.problems]
            raise SchemaError("\n".join(error.message for error in self.errors), problems=problems)


def _foreign(
    pipeline: Pipeline, given: object, schema: Mapping[str, pl.DataType], allowed: Collection[str]
) -> tuple[Foreign, ...]:
    """The pandera schemas that were given and named, against the source."""
    objects = [] if given is None else given if isinstance(given, list | tuple) else [given]
    place = pipeline.place("schemas")
    named = [(one, schema_named(one, place=place, allowed=allowed)) for one in pipeline.schemas]
    if not objects and not named:
        return ()
    from normflow.contract.foreign import foreign  # a second of pandera

    found = (
        *(foreign(one, schema) for one in objects),
        *(foreign(one, schema, name.rpartition(":")[2]) for name, one in named),
    )
    twice = next((one.name for i, one in enumerate(found) if one.name in {o.name for o in found[:i]}), None)
    if twice is not None:
        raise ConfigError(f"two schemas are called '{twice}'", hint="give each a name of its own")
    return found


def _require_unmended(pipeline: Pipeline, by: Collection[str]) -> None:
    """See that no row changes its group on the way.

    Raises:
        SchemaError: a column that makes groups is mended.
    """
    for name in by:
        checks = pipeline.contract.get(name)
        if checks is not None and checks.on_fail in ("null", "clip"):
            raise SchemaError(
                f"{name} makes groups, and on_fail: {checks.on_fail} would move rows between them",
                where=f"{pipeline.place(f'contract.{name}.on_fail')}: contract.{name}.on_fail",
                hint="fail or quarantine",
            )


def _where(pipeline: Pipeline, schema: Mapping[str, pl.DataType]) -> Predicate | None:
    text = pipeline.fit.where
    return predicate(text, schema, place=f"{pipeline.place('fit.where')}: fit.where") if text else None


def _check_options(pipeline: Pipeline) -> None:
    try:
        sinks.writer_options(pipeline.sink)
    except ConfigError as error:
        place = f"{pipeline.place(error.where)}: {error.where}"
        raise ConfigError(error.what, where=place, hint=error.hint) from None


def _expected_outputs(
    schema: Mapping[str, pl.DataType], plan: Mapping[str, MethodSpec]
) -> dict[str, pl.DataType]:
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


def _declared(pipeline: Pipeline, plan: Mapping[str, MethodSpec]) -> dict[str, MethodSpec]:
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
                where = pipeline.place(f"normalize.{name}.bounds")
                what = (
                    f"{where}: normalize.{name}.bounds: the contract declares no range with two ends for it"
                )
                problems.append(f"{what}; write contract.{name}.range, or bounds: fitted")
            line = replace(line, options={**line.options, "bounds": bounds})  # noqa: PLW2901
        found[name] = line
    if problems:
        raise SchemaError("\n".join(problems))
    return found


def _unbroken(checks: ColumnChecks | None) -> tuple[float, float] | None:
    """The range, with two ends, that no published row can leave; what teaches passes the contract anyhow."""
    if checks is None or checks.range is None or not checks.stops:
        return None
    lo, hi = checks.range
    return (float(lo), float(hi)) if lo is not None and hi is not None and lo < hi else None
