"""One run at a time for a sink."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from normflow.errors import SinkBusyError
from normflow.locks import Busy, FileLock
from normflow.sinks.stage import destination, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def lock(*paths: Path, wait: float = 10.0) -> Iterator[None]:
    """Hold these sinks against other runs; a run that dies lets go by dying.

    Several are taken in one fixed order, so that two runs never wait for each other in a ring.

    Raises:
        SinkBusyError: another run still holds one of them after `wait` seconds.
        SinkError: the folder cannot be written.
    """
    with ExitStack() as held:
        for file in sorted({destination(path) for path in paths}):
            held.callback(_acquire(file, wait).release)
        yield


def _acquire(file: Path, wait: float) -> FileLock:
    try:
        return FileLock.acquire(file.with_name(f".{file.name}.normflow.lock"), wait=wait)
    except Busy as busy:
        raise SinkBusyError(
            f"another run holds this sink ({busy.holder}, waited {wait:g} s)",
            where=str(file),
            hint="wait for it to end, then run again",
        ) from None
    except OSError as error:
        raise unwritable(file, error) from error
