"""A file under its name for good: after a loss of power, too, as far as the disk keeps what it flushed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def renamed(new: Path, path: Path) -> None:
    """Rename a file once its bytes are on the disk, and put the new name there too.

    Raises:
        OSError: the system refuses.
    """
    _flush(new)
    new.replace(path)
    if os.name != "nt":  # Windows cannot open a folder, and needs no flush of its names
        _flush(path.parent)


def _flush(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
