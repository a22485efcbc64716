"""Which files a source names: a file, a glob or a folder, in a fixed order."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from fnmatch import translate
from glob import glob, has_magic
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from normflow.errors import SourceError
from normflow.sources.hive import Keys, keys_below
from normflow.sources.reading import DAMAGED, reading
from normflow.spec import format_of
from normflow.spec.tables import is_remote
from normflow.stores import below, bucket_of, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from normflow.spec import FileFormat, Options
    from normflow.stores import Place

HIDDEN = (".", "_")


@dataclass(frozen=True, slots=True)
class Found:
    """A file, and the `key=value` folders between it and the folder the source names."""

    path: Place
    keys: Keys = ()


def listed(paths: Iterable[str], file_format: FileFormat | None, storage: Options) -> list[Found]:
    """The files that the paths name: each path's sorted, in the order of the paths, none twice.

    A path that exists is meant as it stands, even where it reads like a glob. Folders are searched at any
    depth, without names that begin with a dot or an underscore; globs leave out those with a dot.

    Raises:
        SourceError: a path names nothing, or no regular file.
    """
    found: dict[Place, Found] = {}
    for path in paths:
        with reading(path):
            some = objects(path, file_format, storage) if is_remote(path) else _expanded(path, file_format)
            for one in some:
                found.setdefault(one.path, one)
    return list(found.values())


def objects(address: str, file_format: FileFormat | None, storage: Options) -> list[Found]:
    """The objects that an address names: the one, those that match as a glob, or all below as a folder.

    Raises:
        SourceError: there is none.
        OSError: the store cannot be reached.
    """
    key, bucket = PurePosixPath(key_of(address)), bucket_of(address)
    steps = list(takewhile(lambda part: not has_magic(part), key.parts))
    fixed = PurePosixPath(*steps)
    near = list(below(f"{bucket}/{fixed}" if steps else f"{bucket}/", storage))
    exact = [one for one in near if one.url == address]
    if exact:
        return [Found(exact[0])]
    named = {one: PurePosixPath(key_of(one.url)) for one in near}
    if len(steps) == len(key.parts):
        inside = [one for one, path in named.items() if fixed in path.parents and not _hidden(path, fixed)]
    else:
        pattern = re.compile(_pattern(key.parts))
        inside = [one for one, path in named.items() if pattern.fullmatch(str(path))]
    if any("_delta_log" in path.parts for path in named.values()) and not inside:
        raise SourceError(
            "the address is a Delta table",
            where=address,
            hint="write it as source: {delta: …}",
        )
    told = [one for one in inside if format_of(one.name) and file_format in (None, format_of(one.name))]
    chosen = told or (inside if file_format else [])
    if not chosen:
        raise SourceError("no such object", where=address, hint="check the address")
    ordered = sorted(chosen, key=lambda one: one.url)
    return [Found(one, keys_below(fixed, named[one])) for one in ordered]


def _hidden(path: PurePosixPath, folder: PurePosixPath) -> bool:
    return any(part.startswith(HIDDEN) for part in path.relative_to(folder).parts)


def require_filled(files: Iterable[Found]) -> None:
    """See that each of the files can be opened, and holds something.

    Raises:
        SourceError: one is empty, or cannot be read.
    """
    for path in (one.path for one in files):
        with reading(path):
            filled, kind = _filled(path)
        if not filled:
            raise SourceError(f"the {kind} is empty (0 bytes)", where=str(path), hint=DAMAGED)


def _filled(path: Place) -> tuple[bool, str]:
    """Whether it holds something, and what it is."""
    if not isinstance(path, Path):
        return path.size > 0, "object"
    with path.open("rb") as stream:
        return bool(stream.read(1)), "file"


def _pattern(parts: tuple[str, ...]) -> str:
    """A glob as a regular expression: `*` stays within a folder, `**` takes in any number of them."""
    steps = []
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        if part == "**":
            steps.append(".*" if last else "(?:.*/)?")
        else:
            inside = translate(part).replace(".*", "[^/]*").removeprefix("(?s:").removesuffix(r")\Z")
            steps.append(inside if last else f"{inside}/")
    return "".join(steps)


def _expanded(text: str, file_format: FileFormat | None) -> list[Found]:
    path = Path(text)
    if path.is_dir():
        return _in_folder(path, file_format)
    if path.exists():
        return [Found(_regular(path))]
    if has_magic(text):
        return _matching(text, file_format)
    raise SourceError("no such file", where=text, hint=_advice(path))


def _in_folder(folder: Path, file_format: FileFormat | None) -> list[Found]:
    if (folder / "_delta_log").is_dir():
        what = "the folder is a Delta table, whose files are not all current"
        raise SourceError(what, where=str(folder), hint="write it as source: {delta: …}")
    files = sorted(_below(folder))
    told = [path for path in files if format_of(path.name) and file_format in (None, format_of(path.name))]
    chosen = told or (files if file_format else [])
    if not chosen:
        raise SourceError(
            "no data file in the folder", where=str(folder), hint="check the folder and the format"
        )
    return [Found(_regular(path), keys_below(folder, path)) for path in chosen]


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(HIDDEN)]
        yield from (Path(here, name) for name in files if not name.startswith(HIDDEN))


def _raise(error: OSError) -> None:
    raise error


def _matching(pattern: str, file_format: FileFormat | None) -> list[Found]:
    # Path.glob would take in hidden files.
    matches = sorted(Path(path) for path in glob(pattern, recursive=True))  # noqa: PTH207
    files: list[Place] = [path for path in matches if path.is_file()]
    inside = matches if not files else []
    files += [one.path for folder in inside if folder.is_dir() for one in _in_folder(folder, file_format)]
    fixed = _fixed(pattern)
    if not files:
        hint = "check the pattern" if fixed.is_dir() else f"there is no folder '{fixed}'"
        raise SourceError("no file matches", where=pattern, hint=hint)
    return [Found(path, keys_below(fixed, Path(str(path)))) for path in files]


def _fixed(pattern: str) -> Path:
    """The folder of a glob before its first wildcard."""
    parts = Path(pattern).parts
    return Path(*parts[: next(place for place, part in enumerate(parts) if has_magic(part))])


def _regular(path: Path) -> Path:
    if not path.is_file():
        raise SourceError("it is no regular file", where=str(path), hint="name a file")
    return path


def _advice(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder '{path.parent}'"
    if path.is_symlink():
        return "it is a link that leads nowhere"
    close = difflib.get_close_matches(path.name, [one.name for one in path.parent.iterdir()], n=1)
    return f"did you mean '{close[0]}'?" if close else "check the path"
