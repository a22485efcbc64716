"""Before a row is read: files, schema, contract, methods and checks, all judged from the schema alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from normflow import sinks
from normflow.contract import compile_checks, gate
from normflow.dtypes import is_vector
from normflow.errors import ConfigError, SchemaError, SourceError
from normflow.fits import require_keys
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
    from collections.abc import Mapping

    from normflow.contract import RowCheck
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
    output_checks: Mapping[str, ColumnChecks]
    reuse_key: str
    state_key: str
    stamps: tuple[tuple[int, int, int], ...]


def prepare(pipeline: Pipeline) -> Prepared:
    """Resolve a pipeline against its source; reads no row.

    Raises:
        SourceError: the source is missing or unreadable.
        SchemaError: a column is missing, has the wrong type, or cannot take what is asked of it.
        SinkError: a destination is a folder, or one of the sources.
        ConfigError: the sink's format does not have an option.
    """
    source = resolve(pipeline.source)
    schema = schema_of(source)
    places, found = pipeline.places, Findings()
    by = pipeline.fit.by.columns if pipeline.fit.by else ()
    skip = {*by, *(name for name, checks in pipeline.contract.items() if checks.unique)}
    plan: dict[str, MethodSpec] = {}
    checks: dict[str, ColumnChecks] = {}
    where: Predicate | None = None
    with found:
        gate(schema, pipeline.contract, places)
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
        _check_options(pipeline)
    found.tell()
    for path in (pipeline.sink.path, pipeline.quarantine.path):
        sinks.check(path, sources=source.paths)
    keys = keys_of(pipeline, schema, plan, where, source)
    return Prepared(
        pipeline=pipeline,
        source=source,
        schema=schema,
        plan=plan,
        where=where,
        row_checks=compile_checks(pipeline.contract, "contract", schema),
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
