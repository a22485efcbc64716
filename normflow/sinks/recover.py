"""Recovery: what a run that died while publishing meant to do is done, or undone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from normflow.sinks.publish import publish
from normflow.sinks.stage import discard, staged_path
from normflow.sinks.verify import digest

if TYPE_CHECKING:
    from collections.abc import Sequence


class Intended(Protocol):
    """An output as its run recorded it before publishing."""

    @property
    def run_id(self) -> str:
        """The run."""

    @property
    def path(self) -> str:
        """The destination."""

    @property
    def sha256(self) -> str:
        """The hash of the staged file."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of a run's outputs: the destinations that hold them now, and what is wrong, if anything."""

    published: tuple[Path, ...]
    problem: str = ""


def recover(outputs: Sequence[Intended]) -> Recovery:
    """Finish the publishing of one run; call it under the lock of its sinks.

    A staged file with the recorded hash is renamed; a destination with the recorded hash is done. Anything
    else is lost: then, if nothing of the run was published, all is undone and the old outputs stay; if
    something was, the rest is published all the same, and the loss is reported.

    Raises:
        SinkError: the system refuses.
    """
    staged = {staged_path(Path(one.path), one.run_id): one for one in outputs}
    waiting = {file: Path(one.path) for file, one in staged.items() if _holds(file, one.sha256)}
    done = {
        Path(one.path)
        for file, one in staged.items()
        if file not in waiting and _holds(Path(one.path), one.sha256)
    }
    lost = [one.path for file, one in staged.items() if file not in waiting and Path(one.path) not in done]
    if lost and not done:
        discard(*staged)
        return Recovery(
            (), f"interrupted while publishing; undone, because the staged file of {_all(lost)} is not whole"
        )
    publish(waiting)
    discard(*staged)
    published = tuple(Path(one.path) for one in outputs if one.path not in lost)
    problem = f"interrupted while publishing; the staged file of {_all(lost)} is lost" if lost else ""
    return Recovery(published, problem)


def _holds(path: Path, sha256: str) -> bool:
    return path.is_file() and digest(path).sha256 == sha256


def _all(paths: Sequence[str]) -> str:
    return ", ".join(paths)
