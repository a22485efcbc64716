"""Which files a source names: a file, a glob or a folder, in a fixed order."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING

from normflow.errors import SourceError
from normflow.sources.hive import Keys, keys_below
from normflow.sources.reading import DAMAGED, reading
from normflow.spec import format_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from normflow.spec import FileFormat

HIDDEN = (".", "_")


@dataclass(frozen=True, slots=True)
class Found:
    """A file, and the `key=value` folders between it and the folder the source names."""

    path: Path
    keys: Keys = ()


def listed(paths: Iterable[str], file_format: FileFormat | None) -> list[Found]:
    """The files that the paths name: each path's sorted, in the order of the paths, none twice.

    A path that exists is meant as it stands, even where it reads like a glob. Folders are searched at any
    depth, without names that begin with a dot or an underscore; globs leave out those with a dot.

    Raises:
        SourceError: a path names nothing, or nothing that can be read.
    """
    found: dict[Path, Found] = {}
    for path in paths:
        with reading(path):
            for one in _expanded(path, file_format):
                found.setdefault(one.path, one)
    return list(found.values())


def _expanded(text: str, file_format: FileFormat | None) -> list[Found]:
    path = Path(text)
    if path.is_dir():
        return _in_folder(path, file_format)
    if path.exists():
        return [Found(_readable(path))]
    if has_magic(text):
        return _matching(text, file_format)
    raise SourceError("no such file", where=text, hint=_advice(path))


def _in_folder(folder: Path, file_format: FileFormat | None) -> list[Found]:
    if (folder / "_delta_log").is_dir():
        what = "the folder is a Delta table, whose files are not all current"
        raise SourceError(what, where=str(folder), hint="export the current rows to Parquet, and read that")
    files = sorted(_below(folder))
    told = [path for path in files if format_of(path.name) and file_format in (None, format_of(path.name))]
    chosen = told or (files if file_format else [])
    if not chosen:
        raise SourceError(
            "no data file in the folder", where=str(folder), hint="check the folder and the format"
        )
    return [Found(_readable(path), keys_below(folder, path)) for path in chosen]


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(HIDDEN)]
        yield from (Path(here, name) for name in files if not name.startswith(HIDDEN))


def _raise(error: OSError) -> None:
    raise error


def _matching(pattern: str, file_format: FileFormat | None) -> list[Found]:
    # Path.glob would take in hidden files.
    matches = sorted(Path(path) for path in glob(pattern, recursive=True))  # noqa: PTH207
    files = [_readable(path) for path in matches if path.is_file()]
    inside = matches if not files else []
    files += [one.path for folder in inside if folder.is_dir() for one in _in_folder(folder, file_format)]
    fixed = _fixed(pattern)
    if not files:
        hint = "check the pattern" if fixed.is_dir() else f"there is no folder '{fixed}'"
        raise SourceError("no file matches", where=pattern, hint=hint)
    return [Found(path, keys_below(fixed, path)) for path in files]


def _fixed(pattern: str) -> Path:
    """The folder of a glob before its first wildcard."""
    parts = Path(pattern).parts
    return Path(*parts[: next(place for place, part in enumerate(parts) if has_magic(part))])


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise SourceError("it is no regular file", where=str(path), hint="name a file")
    with reading(path), path.open("rb") as stream:
        if not stream.read(1):
            raise SourceError("the file is empty (0 bytes)", where=str(path), hint=DAMAGED)
    return path


def _advice(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder '{path.parent}'"
    if path.is_symlink():
        return "it is a link that leads nowhere"
    close = difflib.get_close_matches(path.name, [one.name for one in path.parent.iterdir()], n=1)
    return f"did you mean '{close[0]}'?" if close else "check the path"
