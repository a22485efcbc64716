"""Staged files: `.<name>.<run>.tmp` in the folder of their destination, so that a rename publishes them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from normflow.errors import SinkError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from normflow.stores import Place

UNTOUCHED = "the earlier output is untouched"
RUN_ID = re.compile(r"[A-Za-z0-9_-]+")  # no dot: `.a.b.run.tmp` belongs to the sink `a.b`, never to `a`


def destination(path: Path) -> Path:
    """The file that is written in the end: absolute, links followed."""
    return path.resolve()


def staged_path(path: Path, run_id: str) -> Path:
    """Where a run writes this sink before publishing it."""
    if not RUN_ID.fullmatch(run_id):
        raise ValueError(f"run id {run_id!r} has other characters than letters, digits, - and _")
    file = destination(path)
    return file.with_name(f".{file.name}.{run_id}.tmp")


def check(path: Path, *, sources: Iterable[Place] = (), keys: Sequence[str] = ()) -> None:
    """Refuse a destination that cannot be replaced, or that is one of the sources.

    With `keys` it is a folder, which may hold `key=value` folders of these and nothing else.

    Raises:
        SinkError: it is a folder, no regular file, or read by the same run; a folder that holds other files.
    """
    file = destination(path)
    if keys:
        _check_folder(file, keys, sources)
        return
    if file.is_dir():
        raise SinkError("is a folder, not a file", where=str(path), hint="name a file in it")
    if file.exists() and not file.is_file():
        raise SinkError("is no regular file", where=str(path), hint="name a file that may be replaced")
    for source in sources:
        if isinstance(source, Path) and _same_file(file, source):
            raise SinkError(
                "is read as a source by the same run", where=str(path), hint="write to another file"
            )


def _check_folder(folder: Path, keys: Sequence[str], sources: Iterable[Place]) -> None:
    """Refuse a folder that is no output of ours: it would be replaced as a whole."""
    if folder.exists() and not folder.is_dir():
        raise SinkError("is a file, not a folder", where=str(folder), hint="name a folder for partition_by")
    for one in folder.rglob("*") if folder.is_dir() else ():
        depth = len(one.relative_to(folder).parts)
        named = one.is_file() if depth > len(keys) else one.name.startswith(f"{quote(keys[depth - 1])}=")
        if depth > len(keys) + 1 or not named:
            what = (
                f"holds '{one.relative_to(folder)}', which is not of this sink, and would be replaced whole"
            )
            raise SinkError(what, where=str(folder), hint="name a folder of its own")
    for source in sources:
        if isinstance(source, Path) and folder in source.resolve().parents:
            raise SinkError(
                "is read as a source by the same run", where=str(folder), hint="write to another folder"
            )


def stage(path: Path, run_id: str, *, sources: Iterable[Place] = (), keys: Sequence[str] = ()) -> Path:
    """Reserve the staged file of a sink, empty, or folder; its own folder is made when it is missing.

    Raises:
        SinkError: see `check`; or the folder cannot be written.
    """
    check(path, sources=sources, keys=keys)
    staged = staged_path(path, run_id)
    try:
        if not staged.parent.exists():
            staged.parent.mkdir(parents=True, exist_ok=True)
        if keys:
            staged.mkdir()
        else:
            staged.touch()
        if destination(path).exists():
            staged.chmod(destination(path).stat().st_mode)
    except OSError as error:
        raise unwritable(path, error) from error
    return staged


def discard(*staged: Path) -> None:
    """Remove staged files that will not be published; those that are gone already are no matter."""
    for file in staged:
        try:
            if file.is_dir() and not file.is_symlink():
                shutil.rmtree(file)
            else:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(file, error) from error


def sweep(path: Path) -> tuple[Path, ...]:
    """Remove what dead runs left staged for this sink, and say what it was.

    Call it under the lock of the sink, when no other run can be alive, and after `recover`.
    """
    file = destination(path)
    pattern = re.compile(rf"\.{re.escape(file.name)}\.{RUN_ID.pattern}\.tmp")
    if not file.parent.is_dir():
        return ()
    stale = tuple(sorted(found for found in file.parent.iterdir() if pattern.fullmatch(found.name)))
    discard(*stale)
    return stale


def unwritable(path: Path, error: OSError) -> SinkError:
    """The error for a folder that takes no files."""
    return SinkError(
        f"cannot be written: {error.strerror}", where=str(path), hint=f"check the folder; {UNTOUCHED}"
    )


def _same_file(file: Path, source: Path) -> bool:
    if file.exists() and source.exists():
        return file.samefile(source)
    return file == source.resolve()
