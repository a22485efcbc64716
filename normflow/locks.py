"""One holder at a time: an operating-system lock on a small file, with the holder's process id inside.

The system drops the lock together with the process that holds it, however that process ends. A lock file
found lying around therefore holds nothing and asks for no care. Registry and sinks share this module.
"""

from __future__ import annotations

import os
import random
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST_PAUSE = 0.05
SHORTEST_PAUSE = 0.002

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    _FAR_BYTE = 1 << 20  # Windows locks bytes against reading too, so the lock sits far behind the process id

    def _try_lock(fd: int, *, shared: bool) -> bool:  # noqa: ARG001  (Windows has no shared byte lock here)
        os.lseek(fd, _FAR_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _try_lock(fd: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class Busy(Exception):  # noqa: N818  (a state of affairs; the caller makes the error of it)
    """Somebody else holds the lock past the time limit; `holder` says who, as far as is known."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(holder)


@dataclass(frozen=True, slots=True)
class FileLock:
    """A lock that is held until `release`."""

    path: Path
    fd: int

    @classmethod
    def acquire(cls, path: Path, *, wait: float, shared: bool = False) -> FileLock:
        """Take the lock on this file, trying again for `wait` seconds; its folder is made when it is missing.

        A shared lock goes together with other shared locks, and with no other.

        Raises:
            Busy: it is still held when the time has passed.
            OSError: the lock file cannot be made here.
        """
        if not path.parent.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
        for _ in pauses(wait):
            lock = cls(path, os.open(path, os.O_RDWR | os.O_CREAT, 0o666))
            if _try_lock(lock.fd, shared=shared) and lock._is_current():
                lock._sign()
                return lock
            os.close(lock.fd)
        raise Busy(_holder(path))

    def release(self) -> None:
        """Let go, and take the file away unless somebody else shares it.

        The file is removed only under the exclusive lock on it, and whoever was waiting on the removed file
        notices in `acquire` and begins again. A file left behind would stop readers that scan the folder.
        """
        with suppress(OSError):
            if _try_lock(self.fd, shared=False) and self._is_current():
                self.path.unlink()
        os.close(self.fd)

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self.fd), self.path.stat())
        except FileNotFoundError:
            return False

    def _sign(self) -> None:
        with suppress(OSError):  # a full disk must not keep anybody from clearing it up
            os.ftruncate(self.fd, 0)
            os.lseek(self.fd, 0, os.SEEK_SET)
            os.write(self.fd, str(os.getpid()).encode())


def pauses(wait: float) -> Iterator[None]:
    """Yield at once, and again after random pauses, until `wait` seconds have passed.

    The pauses shrink with the time waited: who came first asks most often, so that among many nobody starves.
    """
    since = time.monotonic()
    yield
    while (left := wait - (waited := time.monotonic() - since)) > 0:
        pause = max(SHORTEST_PAUSE, FIRST_PAUSE / (1 + 4 * waited))
        time.sleep(min(left, pause * random.uniform(0.5, 1.5)))  # noqa: S311  (jitter, no secret)
        yield


def _holder(path: Path) -> str:
    """Who signed the lock file: `process 1234`, or `another process`."""
    try:
        return f"process {int(path.read_text())}"
    except (OSError, ValueError):
        return "another process"
