"""Before a row is read: files, schema, contract, methods and checks, all judged from the schema alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from normflow import sinks
from normflow.contract import compile_checks, compile_table, gate, gate_table, require_registered
from normflow.contract.imports import schema_named
from normflow.errors import ConfigError, SchemaError, SourceError, in_order, suggestion
from normflow.fits import require_keys
from normflow.pipeline.drifting import require_compared
from normflow.pipeline.expected import declared, expected_outputs
from normflow.pipeline.keys import keys_of
from normflow.predicates import predicate
from normflow.sources import reading, resolve, stamp
from normflow.sources import schema as schema_of
from normflow.spec import resolve_checks, resolve_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from normflow.contract import RowCheck
    from normflow.contract.foreign import Foreign
    from normflow.pipeline.spool import Brought
    from normflow.predicates import Predicate
    from normflow.sources import Source
    from normflow.spec import ColumnChecks, MethodSpec, Pipeline
    from normflow.stores import Place


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
    read: Brought | None = None,
    only: Collection[str] | None = None,
    schema: object = None,
    allow_import: Collection[str] = (),
) -> Prepared:
    """Resolve a pipeline against its source, or `only` these resolved files of it; reads no row.

    `read` are the files that its source was brought as.

    `schema` is a pandera schema, or a list of them, that is judged besides those the file names; of these
    only modules in `allow_import`, and below them, are imported.

    Raises:
        SourceError: the source is missing or unreadable.
        SchemaError: a column is missing, has the wrong type, or cannot take what is asked of it.
        SinkError: a destination is a folder, or one of the sources.
        ConfigError: the sink's format does not have an option.
    """
    source = resolve(read.files if read else pipeline.source, only=only)
    source = replace(source, table=read.table) if read and read.table else source
    given, schema = schema, schema_of(source)
    asked: tuple[Foreign, ...] = ()
    places, found = pipeline.places, Findings()
    by = pipeline.fit.by.columns if pipeline.fit.by else ()
    skip = {
        *by,
        *(name for name, checks in pipeline.contract.items() if checks.unique),
        *(name for key in pipeline.table.unique for name in key.columns),
        *pipeline.sink.partition_by,
    }
    plan: dict[str, MethodSpec] = {}
    checks: dict[str, ColumnChecks] = {}
    where: Predicate | None = None
    with found:
        gate(schema, pipeline.contract, places)
    with found:
        gate_table(schema, pipeline)
    with found:
        asked = _foreign(pipeline, given, schema, allow_import)
    with found:
        require_registered(pipeline.contract, places, pipeline.plugins)
        _require_unmended(pipeline, by)
    with found:
        plan = declared(pipeline, resolve_columns(schema, pipeline.normalize, skip=skip, places=places))
    with found:
        require_keys(schema, by, "fit.by", [pipeline.place_in("fit.by", i) for i in range(len(by))])
    with found:
        where = _where(pipeline, schema)
    outputs = expected_outputs(schema, plan)
    if not found.errors:  # without a plan nobody knows the outputs
        with found:
            checks = resolve_checks(outputs, pipeline.checks, skip=skip, places=places)
            gate(outputs, checks, places, section="checks")
        with found:
            require_compared(pipeline, plan, outputs)
        with found:
            _require_partitions(pipeline, outputs)
    with found:
        _check_options(pipeline)
    found.tell(pipeline.file)
    sinks.check(pipeline.sink.path, sources=source.paths, keys=pipeline.sink.partition_by)
    sinks.check(pipeline.quarantine.path, sources=source.paths)
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
        stamps=tuple(map(stamp, source.paths)),
    )


def unchanged(prepared: Prepared, *paths: Place) -> None:
    """See that the source's files, or these of them, are those that were resolved.

    Raises:
        SourceError: one was replaced or written to while it was read.
    """
    then = dict(zip(prepared.source.paths, prepared.stamps, strict=True))
    for path in paths or prepared.source.paths:
        with reading(path):
            now = stamp(path)
        if then[path] != now:
            raise SourceError("it was changed while it was read", where=str(path), hint="run again")


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

    def tell(self, file: Path) -> None:
        """Raise what was found: one error as it is, several as one, in the order of the file."""
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            listed = [problem for error in self.errors for problem in error.listed()]
            raise SchemaError.of(in_order(listed, file))


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


def _require_partitions(pipeline: Pipeline, outputs: Mapping[str, pl.DataType]) -> None:
    """See that the columns which make folders are in the output, with values that make names.

    Raises:
        SchemaError: one is not there, or holds decimals, times or lists.
    """
    for index, name in enumerate(pipeline.sink.partition_by):
        place = f"{pipeline.place_in('sink.partition_by', index)}: sink.partition_by"
        if name not in outputs:
            raise SchemaError(f"no column '{name}' leaves", where=place, hint=suggestion(name, outputs))
        kind = outputs[name]
        named = kind in (pl.String, pl.Boolean, pl.Date, pl.Enum, pl.Categorical)
        if not (kind.is_integer() or named):
            what = f"{name} is {kind}, of which no folders are made"
            raise SchemaError(
                what, where=place, hint="partition by whole numbers, text, dates or truth values"
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
