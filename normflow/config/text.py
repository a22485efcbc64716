"""The text of a pipeline file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.errors import ConfigError, Problem, suggestion

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1_000_000


def text_of(file: Path) -> str:
    """What a file says, as UTF-8.

    Raises:
        ConfigError: there is no such file, it cannot be read, is too large or not UTF-8.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        way = "normflow init DATA writes one" if file.parent.is_dir() else "check the path"
        hint = suggestion(file.name, _neighbours(file)) or way
        raise problem(file, f"no such file; {hint}") from None
    except IsADirectoryError:
        raise problem(file, "is a folder; name the pipeline file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise problem(file, f"cannot be read: {reason}") from error
    if len(content) > MAX_BYTES:
        raise problem(file, "the file is larger than 1 MB; a pipeline file is a few kB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{content[error.start]:02x} is no UTF-8; save the file as UTF-8"
        raise problem(f"{file}:{line}", what) from None


def problem(place: object, what: str) -> ConfigError:
    """One thing wrong, at a place."""
    return ConfigError.of([Problem(str(place), what)])


def _neighbours(file: Path) -> list[str]:
    return sorted(found.name for found in file.parent.glob("*.y*ml"))
