"""Copies of a registry: a backup that is one state of it, and the same rows in a smaller file."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.errors import RegistryError
from normflow.registry.database import copied

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

    Raises:
        RegistryError: there is no registry, or something is at `to` already, or it cannot be written.
        RegistryBusyError: another process holds the registry past the time limit.
    """
    if to.exists():
        raise RegistryError("is there already", where=str(to), hint="name a file that is not there yet")
    new = to.with_name(f".{to.name}.new")
    with registry.alone() as file:
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, new)
            _publish(new, to)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise RegistryError(f"cannot be written: {error.strerror}", where=str(to)) from error
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
            _publish(new, file)
        except OSError as error:
            raise RegistryError(f"cannot be written: {error.strerror}", where=str(registry.path)) from error
        finally:
            new.unlink(missing_ok=True)
        return before, after


def _publish(new: Path, path: Path) -> None:
    """Rename a file once its bytes are on the disk, and put the new name there too."""
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
