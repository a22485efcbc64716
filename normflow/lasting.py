"""What is on the disk for good: after a loss of power, too, as far as the disk keeps what it flushed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def flush(path: Path) -> None:
    """Put a file, or the names in a folder, on the disk.

    Raises:
        OSError: the system refuses.
    """
    if os.name == "nt" and path.is_dir():  # Windows cannot open a folder, and needs no flush of its names
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def renamed(new: Path, path: Path) -> None:
    """Rename a file once its bytes are on the disk, and put the new name there too.

    Raises:
        OSError: the system refuses.
    """
    flush(new)
    new.replace(path)
    flush(path.parent)
