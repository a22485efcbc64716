"""Two folders that change places in one step, where the system can."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

AT_FDCWD = -100
EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def exchange(new: Path, place: Path) -> None:
    """Put a folder in the place of another, which is then where the first one was, if there is one.

    On Linux and macOS readers find the old folder or the new one. Elsewhere, and on file systems that cannot,
    there is an instant between two renames with none.

    Raises:
        OSError: the system refuses; the old folder is in its place then.
    """
    if not place.exists():
        new.rename(place)
    elif not _at_once(new, place):
        aside = new.with_name(f"{new.name.removesuffix('.tmp')}-old.tmp")
        place.rename(aside)
        try:
            new.rename(place)
        except OSError:
            aside.rename(place)
            raise
        aside.rename(new)


def _at_once(first: Path, second: Path) -> bool:
    """Whether the system has exchanged them."""
    old, new = os.fsencode(first), os.fsencode(second)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(library.renamex_np(old, new, EXCHANGE) == 0)
        return bool(library.renameat2(AT_FDCWD, old, AT_FDCWD, new, EXCHANGE) == 0)
    except (OSError, AttributeError, TypeError):  # a system without the call
        return False
