"""A run, from the file to the record: publish or nothing."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from normflow import sinks
from normflow.contract import contract_error, of_drift
from normflow.errors import ConfigError, ContractError, RegistryError, suggestion
from normflow.pipeline.drifting import beyond, drift_warnings, learned_anew
from normflow.pipeline.engines import engine
from normflow.pipeline.expected import expected_outputs
from normflow.pipeline.given import given_fit
from normflow.pipeline.hooks import Hooks
from normflow.pipeline.learn import Learned, fit_for
from normflow.pipeline.prepare import prepare
from normflow.pipeline.recover import recover_sinks
from normflow.pipeline.reporting import reported
from normflow.pipeline.spool import brought
from normflow.pipeline.story import Story, now
from normflow.pipeline.tabled import table_verdicts
from normflow.pipeline.watch import Watch
from normflow.pipeline.write import destinations, verified, with_examples, write
from normflow.registry import Registry
from normflow.sources import fingerprints_of
from normflow.spec import Mode, Pipeline

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from pathlib import Path

    from normflow.fits import Fit
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Progress
    from normflow.pipeline.write import Written
    from normflow.record import RunRecord
    from normflow.spec import RunMode, SinkSpec

WAIT = 10.0
INTERRUPTED = 130
EXECUTION = 3


def run(
    pipeline: Pipeline,
    *,
    mode: Mode | None = None,
    fit: Fit | str | Path | None = None,
    as_of: str | datetime | None = None,
    schema: object = None,
    allow_import: Collection[str] = (),
    wait: float = WAIT,
    progress: Progress | None = None,
) -> RunRecord:
    """Run a pipeline: read, judge, normalize, publish, record.

    The outputs are published whole, or nothing is: they are staged beside their destinations, judged, and
    renamed after the intent to do so is on record. What an earlier run left unfinished is finished or
    undone first. `mode` overrides the file's, and `wait` is how many seconds to wait for another run that
    holds the sink. `progress` is called with the stage, the rows that have passed it, and of how many.

    `fit` is applied whatever its configuration was: a fit, the id of one, a unique prefix, `pipeline@latest`,
    or a JSON file. `as_of` stands for the fit that was current then, as ISO 8601, UTC where it names no zone.

    `schema` is a pandera `DataFrameModel` or `DataFrameSchema` for Polars, or a list of them, and is judged
    beside the file's contract. Of the schemas that the file names as `module:Name` only modules in
    `allow_import`, and those below them, are imported.

    An interrupt ends the run within a second, and whatever else a signal handler raises, or `progress`,
    within a few. Then nothing is published and nothing stays staged; only where the intent was already on
    record the next run finishes, as a note of the exception says.

    Raises:
        ConfigError: found before a row was read; a fit that does not suit the source is.
        ContractError: the contract or a check failed; its `record` tells the whole run.
        NormflowError: any other of its children, each saying where, what and what to do.
    """
    if not isinstance(pipeline, Pipeline):
        raise ConfigError(f"a pipeline is asked for, not {pipeline!r}", hint="load it: nf.run(nf.load(path))")
    chosen = mode or pipeline.fit.mode
    if chosen not in get_args(Mode):
        raise ConfigError(f"no such mode '{chosen}'", hint=suggestion(chosen, get_args(Mode)))
    with brought(pipeline, progress) as read:
        prepared = prepare(pipeline, read=read, schema=schema, allow_import=allow_import)
        registry = Registry(pipeline.registry)
        found = given_fit(prepared, registry, mode, fit, as_of)
        given = Learned(fit=found, origin="given") if found else None
        how: RunMode = "frozen" if given else chosen
        return carried_out(prepared, registry, how, given, wait=wait, progress=progress)


def carried_out(
    prepared: Prepared,
    registry: Registry,
    mode: RunMode,
    given: Learned | None,
    *,
    wait: float = WAIT,
    progress: Progress | None = None,
) -> RunRecord:
    """Run what is prepared, by the fit that is given or by that which the mode asks for; see `run`."""
    targets = destinations(prepared)
    outputs = expected_outputs(prepared.schema, prepared.plan)
    for table in filter(None, (one.table for one in targets)):
        sinks.tables.check(table, outputs)
    with sinks.lock(*(spec.path for spec in targets), wait=wait):
        recover_sinks(registry, targets)
        hooks = Hooks()
        watch = Watch(prepared.source, progress, hooks.stage)
        return _run(prepared, registry, mode, watch, hooks, given)


def _run(
    prepared: Prepared,
    registry: Registry,
    mode: RunMode,
    watch: Watch,
    hooks: Hooks,
    given: Learned | None,
) -> RunRecord:
    started = now()
    run_id = f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    story = Story(prepared, registry, run_id, started, mode)
    story.begins()
    try:
        hooks.load(prepared.pipeline.plugins)
        hooks.started(prepared.pipeline, run_id)
        with engine(prepared.pipeline):
            record, files = _intended(prepared, registry, story, watch, hooks, given)
    except BaseException as error:
        _undone(prepared, story, error)
        hooks.failed(error)
        raise
    # The intent is on record: whatever happens from here on, this run or the next one finishes it.
    try:
        sinks.publish(files, run_id)
    except BaseException as error:
        error.add_note("the outputs were being published, and the next run finishes what is left")
        raise
    try:
        record = story.succeeded(record)
    except RegistryError as error:
        late = f"published, but the registry could not be told ({error.message}); the next run tells it"
        record = replace(record, warnings=(*record.warnings, late))
    watch.ends()
    return hooks.succeeded(reported(prepared.pipeline, record))


def _intended(
    prepared: Prepared,
    registry: Registry,
    story: Story,
    watch: Watch,
    hooks: Hooks,
    given: Learned | None,
) -> tuple[RunRecord, Mapping[Path, SinkSpec]]:
    """All that comes before publishing: the run so far, and where each staged file shall go.

    A fit that was learned is kept at once, whatever becomes of the run; all else is recorded together.

    Raises:
        ContractError: the contract or a check failed; DriftError where drift alone did.
    """
    learned = given or fit_for(prepared, registry, story.mode, watch, keep="registry")
    if not learned.prints:
        learned = replace(learned, prints=fingerprints_of(prepared.source))
    if learned.origin == "learned":
        story.fitted(learned)
    learned, written = _written(prepared, registry, story, watch, learned)
    table = table_verdicts(prepared, registry, written.counts.rows)
    written = replace(written, checks=(*written.checks, *table))
    written = with_examples(written, prepared, learned, watch)
    with watch.stage("verify", written.counts.rows):
        outputs = verified(written)
    refusal = contract_error(written.checks, prepared.pipeline.places)
    record = story.so_far(learned, written, outputs)
    if refusal is None:
        hooks.judged(record)
        watch.begins("publish", written.counts.rows)
    with registry.transaction():
        if learned.origin != "learned":
            story.fitted(learned)
        story.judged(learned, written, record)
        if refusal is None:
            story.publishes(record)
    if refusal:
        refusal.record = record
        raise refusal
    return record, written.files


def _written(
    prepared: Prepared, registry: Registry, story: Story, watch: Watch, learned: Learned
) -> tuple[Learned, Written]:
    """What the fit gives, staged; by a fit learned anew where the rows have drifted from this one.

    How far is known when all rows have passed: what was staged by then is thrown away.
    """
    with watch.stage("write", watch.total):
        written = write(prepared, learned, story.run_id, watch)
    limits = prepared.pipeline.fit.drift
    moved = beyond(written, limits) if learned.origin == "reused" and story.mode != "frozen" else {}
    if not moved:
        told = drift_warnings(learned, written, limits)
        return replace(learned, warnings=(*learned.warnings, *told)), written
    sinks.discard(*written.files)
    anew = fit_for(prepared, registry, "refit", watch, keep="registry")
    anew = replace(anew, warnings=(*anew.warnings, learned_anew(moved, limits)))
    story.fitted(anew)
    with watch.stage("write", watch.total):
        again = write(prepared, anew, story.run_id, watch)
    return anew, replace(
        again,
        drift=written.drift,
        moved=written.moved,
        measured=(*again.measured, *(one for one in written.measured if of_drift(one.section))),
        checks=(*again.checks, *(one for one in written.checks if of_drift(one.section))),
    )


def _undone(prepared: Prepared, story: Story, error: BaseException) -> None:
    """Leave nothing behind but the record of how it ended."""
    sinks.discard(*(sinks.staged_path(spec.path, story.run_id) for spec in destinations(prepared)))
    with suppress(RegistryError):  # the first error is the one to tell
        story.failed(_exit_code(error), error)
    if isinstance(error, ContractError) and error.record:
        error.record = reported(prepared.pipeline, error.record)


def _exit_code(error: BaseException) -> int:
    code = getattr(error, "exit_code", EXECUTION if isinstance(error, Exception) else INTERRUPTED)
    return int(code)
