"""A run, from the file to the record: publish or nothing."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from normflow import sinks
from normflow.contract import contract_error
from normflow.errors import ConfigError, RegistryError, suggestion
from normflow.pipeline.learn import fit_for
from normflow.pipeline.prepare import prepare
from normflow.pipeline.recover import recover_sinks
from normflow.pipeline.story import Story, now
from normflow.pipeline.watch import Watch
from normflow.pipeline.write import destinations, verified, with_examples, write
from normflow.registry import Registry
from normflow.spec import Mode, Pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Progress
    from normflow.record import RunRecord

WAIT = 10.0
INTERRUPTED = 130
EXECUTION = 3


def run(
    pipeline: Pipeline, *, mode: Mode | None = None, wait: float = WAIT, progress: Progress | None = None
) -> RunRecord:
    """Run a pipeline: read, judge, normalize, publish, record.

    The outputs are published whole, or nothing is: they are staged beside their destinations, judged, and
    renamed after the intent to do so is on record. What an earlier run left unfinished is finished or
    undone first. `mode` overrides the file's, and `wait` is how many seconds to wait for another run that
    holds the sink. `progress` is called with the stage, the rows that have passed it, and of how many.

    An interrupt ends the run within a second, and whatever else a signal handler raises, or `progress`,
    within a few. Then nothing is published and nothing stays staged; only where the intent was already on
    record the next run finishes, as a note of the exception says.

    Raises:
        ConfigError: found before a row was read.
        ContractError: the contract or a check failed; its `record` tells the whole run.
        NormflowError: any other of its children, each saying where, what and what to do.
    """
    if not isinstance(pipeline, Pipeline):
        raise ConfigError(f"a pipeline is asked for, not {pipeline!r}", hint="load it: nf.run(nf.load(path))")
    chosen = mode or pipeline.fit.mode
    if chosen not in get_args(Mode):
        raise ConfigError(f"no such mode '{chosen}'", hint=suggestion(chosen, get_args(Mode)))
    prepared = prepare(pipeline)
    registry = Registry(pipeline.registry)
    targets = [spec.path for spec in destinations(prepared)]
    with sinks.lock(*targets, wait=wait):
        recover_sinks(registry, targets)
        return _run(prepared, registry, chosen, Watch(prepared.source, progress))


def _run(prepared: Prepared, registry: Registry, mode: Mode, watch: Watch) -> RunRecord:
    started = now()
    run_id = f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    story = Story(prepared, registry, run_id, started, mode)
    story.begins()
    try:
        record, files = _intended(prepared, registry, story, watch)
    except BaseException as error:
        _undone(prepared, story, error)
        raise
    # The intent is on record: whatever happens from here on, this run or the next one finishes it.
    try:
        sinks.publish(files)
    except BaseException as error:
        error.add_note("the outputs were being published, and the next run finishes what is left")
        raise
    try:
        record = story.succeeded(record)
    except RegistryError as error:
        late = f"published, but the registry could not be told ({error.message}); the next run tells it"
        record = replace(record, warnings=(*record.warnings, late))
    watch.ends()
    return record


def _intended(
    prepared: Prepared, registry: Registry, story: Story, watch: Watch
) -> tuple[RunRecord, dict[Path, Path]]:
    """All that comes before publishing: the run so far, and where each staged file shall go.

    A fit that was learned is kept at once, whatever becomes of the run; all else is recorded together.

    Raises:
        ContractError: the contract or a check failed.
    """
    learned = fit_for(prepared, registry, story.mode, watch)
    if learned.origin == "learned":
        story.fitted(learned)
    with watch.stage("write", watch.total):
        written = write(prepared, learned, story.run_id, watch)
    written = with_examples(written, prepared, learned, watch)
    with watch.stage("verify", written.counts.rows):
        outputs = verified(written)
    refusal = contract_error(written.checks, prepared.pipeline.places)
    if refusal is None:
        watch.begins("publish", written.counts.rows)
    with registry.transaction():
        if learned.origin == "reused":
            story.fitted(learned)
        record = story.judged(learned, written, outputs)
        if refusal is None:
            story.publishes(record)
    if refusal:
        refusal.record = record
        raise refusal
    return record, {file: spec.path for file, spec in written.files.items()}


def _undone(prepared: Prepared, story: Story, error: BaseException) -> None:
    """Leave nothing behind but the record of how it ended."""
    sinks.discard(*(sinks.staged_path(spec.path, story.run_id) for spec in destinations(prepared)))
    with suppress(RegistryError):  # the first error is the one to tell
        story.failed(_exit_code(error), error)


def _exit_code(error: BaseException) -> int:
    code = getattr(error, "exit_code", EXECUTION if isinstance(error, Exception) else INTERRUPTED)
    return int(code)
