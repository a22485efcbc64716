"""Publishing: staged files become the outputs by renaming, after their bytes are on the disk."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from normflow.errors import SinkError
from normflow.sinks.stage import UNTOUCHED, check, destination

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ROLLS_FORWARD = "what comes before it is published, and the next run finishes the rest"


def publish(files: Mapping[Path, Path]) -> None:
    """Rename staged files to their destinations, in order.

    Every file is on the disk before the first is renamed, so a crash finds each destination either old or
    new, and the recorded intent tells which are still to come: several files roll forward.

    Args:
        files: the destination of each staged file.

    Raises:
        SinkError: a destination is a folder, or the system refuses.
    """
    for path in files.values():
        check(path)
    for staged, path in files.items():
        with _told(path, UNTOUCHED):
            _flush(staged)
    hint = UNTOUCHED
    for staged, path in files.items():
        with _told(path, hint):
            staged.replace(destination(path))
        hint = ROLLS_FORWARD
    for path in files.values():
        with _told(path, ROLLS_FORWARD):
            _flush(destination(path).parent)


@contextmanager
def _told(path: Path, hint: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SinkError(f"cannot be published: {error.strerror}", where=str(path), hint=hint) from error


def _flush(path: Path) -> None:
    """Put a file, or the names in a folder, on the disk."""
    if os.name == "nt" and path.is_dir():  # Windows cannot open a folder, and needs no flush of its names
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
