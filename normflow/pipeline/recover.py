"""Before a run: what an earlier one left unfinished for these sinks is finished or undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow import sinks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from normflow.registry import Registry

INTERRUPTED = 130


def recover_sinks(registry: Registry, targets: Sequence[Path]) -> None:
    """Finish runs that recorded their intent, undo those that did not, and clear staged files of dead runs.

    Call it under the lock of the sinks, when no other run that writes them can be alive.
    """
    dead = registry.unfinished([sinks.destination(path) for path in targets])
    if not any(unfinished.outputs for unfinished in dead):
        _sweep(targets)  # first of all: a full disk may need the room before anything can be recorded
    for unfinished in dead:
        run_id = unfinished.run.run_id
        recovery = sinks.recover(unfinished.outputs)
        if unfinished.outputs and not recovery.problem:
            registry.succeed(run_id, document=unfinished.run.document)
        else:
            registry.fail(run_id, INTERRUPTED, recovery.problem or "interrupted before it published")
    _sweep(targets)


def _sweep(targets: Sequence[Path]) -> None:
    for path in targets:
        sinks.sweep(path)
