"""Copies of a registry: a backup that is one state of it, and the same rows in a smaller file."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.errors import RegistryError
from normflow.lasting import renamed
from normflow.registry.database import copied, opened
from normflow.registry.file import FileConnection
from normflow.registry.health import read_through

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.registry.handle import Handle


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a registry: its bytes and their SHA-256."""

    path: Path
    bytes: int
    sha256: str


def backup(registry: Handle, to: Path) -> Backup:
    """Copy a registry, as one state of it, to a file that is not there yet: whole, or not at all.

    The copy is read through before it gets its name: what is damaged is no backup.

    Raises:
        RegistryError: there is no registry, it is damaged, something is at `to` already, or it cannot be
            written.
        RegistryBusyError: another process holds the registry past the time limit.
        ConfigError: `to` is the registry's own log or lock.
    """
    registry.require_other(to)
    if to.exists():
        raise RegistryError("is there already", where=str(to), hint="name a file that is not there yet")
    new = to.with_name(f".{to.name}.new")
    with registry.alone() as file:
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, new)
            with opened(new, file, read_only=True, wait=0) as con:
                read_through(FileConnection(con))
            renamed(new, to)
        except OSError as error:
            raise RegistryError(f"cannot be written: {error.strerror}", where=str(to)) from error
        finally:
            new.unlink(missing_ok=True)
    with to.open("rb") as copy:
        return Backup(to, to.stat().st_size, hashlib.file_digest(copy, "sha256").hexdigest())


def compact(registry: Handle) -> tuple[int, int]:
    """Write the registry anew, without the room of what is no longer in it; bytes before and after.

    The file is replaced in one step, so a crash leaves the old one or the new one.

    Raises:
        RegistryError: there is no registry, it is damaged, or there is no room beside it; it is as it was.
        RegistryBusyError: another process holds the registry past the time limit.
    """
    with registry.alone() as file:
        new = file.with_name(f".{file.name}.new")  # as when it is made, so whoever finds one left clears it
        new.unlink(missing_ok=True)
        before = file.stat().st_size
        try:
            copied(file, new, registry.path)
            after = new.stat().st_size
            shutil.copymode(file, new)
            renamed(new, file)
        except OSError as error:
            raise RegistryError(f"cannot be written: {error.strerror}", where=str(registry.path)) from error
        finally:
            new.unlink(missing_ok=True)
        return before, after
