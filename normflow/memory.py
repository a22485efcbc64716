"""How much memory there is, how much of it a run may hold, and how much it held."""

from __future__ import annotations

import os
import sys
from pathlib import Path

QUARTER = 4
USUAL = 1 << 33  # bytes, on a system that does not tell
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of a container


def usual() -> int:
    """Bytes that a run may hold where nobody said: a quarter of the machine, or of the container."""
    return min([_physical(), *_limits()]) // QUARTER


def peak() -> int | None:
    """The most bytes that this process ever held; None on a system that does not tell."""
    try:
        import resource  # not on every system
    except ImportError:
        return None
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held << 10


def _physical() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return USUAL


def _limits() -> list[int]:
    found = (Path(path).read_text().strip() for path in LIMITS if Path(path).exists())
    return [int(text) for text in found if text.isdecimal()]
