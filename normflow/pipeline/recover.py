"""What runs left unfinished is finished or undone: for its sinks before a run, for all on request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from normflow import sinks
from normflow.errors import FormatError, SinkBusyError
from normflow.pipeline.write import quarantine_of
from normflow.spec import Pipeline, SinkSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.registry import Registry
    from normflow.registry.records import RunRow

INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What became of a run that had never ended: its status is `running` where its process lives."""

    run_id: str
    pipeline: str
    status: str
    told: str


def recover_all(registry: Registry) -> tuple[Recovered, ...]:
    """Finish or undo every run on record whose process is dead; the second time there is nothing to do.

    Raises:
        RegistryError: there is no registry, or it cannot be written.
        SinkError: the system refuses what is left to publish.
    """
    with registry.reading():
        dead = [one.run for one in registry.unfinished()]
    return tuple(_recovered(registry, run) for run in dead)


def _recovered(registry: Registry, run: RunRow) -> Recovered:
    targets = tuple(_specs(run).values())
    try:
        with sinks.lock(*(one.path for one in targets if one.path.parent.is_dir()), wait=0):
            recover_sinks(registry, targets)
    except SinkBusyError as error:
        return Recovered(run_id=run.run_id, pipeline=run.pipeline, status=run.status, told=error.what)
    now = registry.run(run.run_id)
    told = now.error or "its outputs are published"
    return Recovered(run_id=run.run_id, pipeline=run.pipeline, status=now.status, told=told)


def _specs(run: RunRow) -> dict[str, SinkSpec]:
    """The sinks of a run by the names it recorded; where its configuration cannot be read, as files."""
    plain = {one: SinkSpec(path=Path(one), format="parquet") for one in run.sinks}
    try:
        pipeline = Pipeline.from_json(run.config or "")
    except FormatError:  # of an earlier version, or damaged: no reason to keep the next run from its sinks
        return plain
    known = {one.named: one for one in (pipeline.sink, quarantine_of(pipeline))}
    return {name: known.get(name, spec) for name, spec in plain.items()}


def recover_sinks(registry: Registry, targets: Sequence[SinkSpec]) -> None:
    """Finish runs that recorded their intent, undo those that did not, and clear staged files of dead runs.

    Call it under the lock of the sinks, when no other run that writes them can be alive.
    """
    registry.require_ours()
    dead = registry.unfinished([one.named for one in targets])
    if not any(unfinished.outputs for unfinished in dead):
        _sweep(targets)  # first of all: a full disk may need the room before anything can be recorded
    for unfinished in dead:
        run_id = unfinished.run.run_id
        recovery = sinks.recover(unfinished.outputs, _specs(unfinished.run))
        if unfinished.outputs and not recovery.problem:
            registry.succeed(run_id, document=unfinished.run.document)
        else:
            registry.fail(run_id, INTERRUPTED, recovery.problem or "interrupted before it published")
    _sweep(targets)


def _sweep(targets: Sequence[SinkSpec]) -> None:
    for one in targets:
        sinks.sweep(one.path)
