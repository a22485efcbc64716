"""Recovery: what a run that died while publishing meant to do is done, or undone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from normflow.errors import SinkBusyError, SinkError
from normflow.sinks import tables
from normflow.sinks.publish import publish
from normflow.sinks.stage import discard, staged_path
from normflow.sinks.verify import digest
from normflow.spec import SinkSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NONE: Mapping[str, SinkSpec] = {}


class Intended(Protocol):
    """An output as its run recorded it before publishing."""

    @property
    def run_id(self) -> str:
        """The run."""

    @property
    def path(self) -> str:
        """The destination, or the name of the table."""

    @property
    def sha256(self) -> str:
        """The hash of the staged file."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of a run's outputs: the destinations that hold them now, and what is wrong, if anything."""

    published: tuple[str, ...]
    problem: str = ""


def recover(outputs: Sequence[Intended], specs: Mapping[str, SinkSpec] = NONE) -> Recovery:
    """Finish the publishing of one run; call it under the lock of its sinks.

    A staged file with the recorded hash is put in its place; a destination with the recorded hash is done,
    and so is a table whose staged file is gone, since that is removed when the table has taken its rows.
    A table that refuses the rows, as it did when the run was there, is left as it is, and the run undone.
    Anything else is lost: then, if nothing of the run was published, all is undone and the old outputs stay;
    if something was, the rest is published all the same, and the loss is reported.

    Args:
        outputs: what the run meant to publish.
        specs: the sinks of its pipeline by their names; what is not among them is a file.

    Raises:
        SinkError: the system refuses; SinkBusyError where another process holds a table.
    """
    known = {
        one.path: specs.get(one.path) or SinkSpec(path=Path(one.path), format="parquet") for one in outputs
    }
    staged = {one.path: staged_path(known[one.path].path, one.run_id) for one in outputs}
    waiting = {
        staged[one.path]: known[one.path]
        for one in outputs
        if _holds(staged[one.path], one.sha256) and not _once(known[one.path])
    }
    done = {
        one.path
        for one in outputs
        if staged[one.path] not in waiting and _is_done(known[one.path], staged[one.path], one.sha256)
    }
    lost = [one.path for one in outputs if staged[one.path] not in waiting and one.path not in done]
    if lost and not done:
        discard(*staged.values())
        return Recovery(
            (), f"interrupted while publishing; undone, because the staged file of {_all(lost)} is not whole"
        )
    try:
        publish(waiting, outputs[0].run_id if outputs else "")
    except SinkBusyError:
        raise
    except SinkError as error:
        first = next(iter(waiting.values())).table
        if done or first is None or error.where != first.named:
            raise
        discard(*staged.values())
        return Recovery((), f"interrupted while publishing; undone, because it {error.what}")
    discard(*staged.values())
    published = tuple(one.path for one in outputs if one.path not in lost)
    problem = f"interrupted while publishing; the staged file of {_all(lost)} is lost" if lost else ""
    return Recovery(published, problem)


def _once(spec: SinkSpec) -> bool:
    """Whether nobody waits any more for what was to go there."""
    return spec.table is not None and spec.table.kind in tables.ONCE


def _is_done(spec: SinkSpec, staged: Path, sha256: str) -> bool:
    return not staged.exists() if spec.table else _holds(spec.path, sha256)


def _holds(path: Path, sha256: str) -> bool:
    return path.exists() and digest(path).sha256 == sha256


def _all(paths: Sequence[str]) -> str:
    return ", ".join(paths)
