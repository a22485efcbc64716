"""How answers leave: data on stdout, the rest on stderr, and no write that changes the exit code.

A reader that went away (`normflow runs | head`) has what it wanted; it is no error of the command.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from normflow.errors import ConfigError, Problem, RegistryError, RegistryWarning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import RenderableType

    from normflow.errors import NormflowError
    from normflow.spec import Server

PLAIN_WIDTH = 160  # where the output is no terminal, and COLUMNS says nothing else


def print_json(document: dict[str, Any], indent: int | None = None) -> None:
    """One JSON document on stdout, in ASCII, which every encoding can hold."""
    with _written(err=False):
        click.echo(json.dumps(document, allow_nan=False, indent=indent))


def error_document(error: NormflowError | None, message: str, exit_code: int) -> dict[str, Any]:
    """An error as `--json` tells it; `places` has an entry a problem, with file, line, column and key."""
    places: tuple[Problem, ...] = ()
    if isinstance(error, ConfigError):
        places = error.listed()
    elif error and error.where:
        places = (Problem(error.where, error.what),)
    return {
        "id": error.id if error else None,
        "exit_code": exit_code,
        "message": message,
        "hint": (error.hint if error else "") or None,
        "places": [one.to_json() for one in places],
    }


def print_text(text: str, *, err: bool = True, color: bool | None = None) -> None:
    """A line for people."""
    with _written(err=err):
        click.echo(text, err=err, color=color)


def show(what: RenderableType, *, err: bool = False) -> None:
    """A table or a text for people: styled on a terminal, plain elsewhere."""
    from rich.console import Console

    plain = click.get_current_context().color is False
    console = Console(stderr=err, highlight=False, color_system=None if plain else "auto")
    with _written(err=err):
        if console.is_terminal:
            console.print(what)
            return
        wide = Console(stderr=err, color_system=None, highlight=False, width=_width())
        with wide.capture() as captured:
            wide.print(what)
        # Cells are padded to their column; in a file or a pipe that is only trailing space.
        click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()), err=err)


@contextmanager
def legible(registry: Path | Server) -> Iterator[None]:
    """One error that names the registry, where what it keeps of a run is not what a run recorded."""
    try:
        yield
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise RegistryError(
            f"the record of a run is damaged ({type(error).__name__})",
            where=str(registry),
            hint="`normflow registry check` judges the registry",
        ) from error


def forgiving() -> None:
    """Let characters that the terminal's encoding lacks be spelled in others, or be question marks."""
    codecs.register_error("spelled", _spelled)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="spelled")


def short_warnings() -> None:
    """Let a warning about a registry be a line on stderr; those of others stay as Python shows them."""
    usual = warnings.showwarning

    def told(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, RegistryWarning):
            print_text(f"warning: {message}")
        else:
            usual(message, category, *where, **more)

    warnings.showwarning = told


def show_usage(error: click.ClickException) -> None:
    """A command that was written wrong, and where its help is."""
    with _written(err=True):
        error.show()


def _spelled(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    from normflow.report.text import plainly

    text = plainly(error.object[error.start : error.end])
    return text.encode("ascii", "replace").decode(), error.end


def _width() -> int:
    """The letters of a line in a file or a pipe: what COLUMNS asks for, else many."""
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isdecimal() and int(asked) else PLAIN_WIDTH


@contextmanager
def _written(*, err: bool) -> Iterator[None]:
    stream = sys.stderr if err else sys.stdout
    try:
        yield
        stream.flush()
    except OSError as error:
        # What is still buffered goes nowhere, instead of failing again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError) and not err:
            print_text(f"warning: the answer could not be written: {error.strerror}")
