"""Errors with the line of the file they are about, and a mark below what is wrong in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.cells import cell_len

from normflow.config.lines import lines_of
from normflow.config.text import text_of
from normflow.errors import ConfigError

if TYPE_CHECKING:
    from normflow.errors import NormflowError, Problem

WIDTH = 100  # cells of a line that are shown
LOOKED_AT = 1_000  # characters on each side of the place
BEFORE = 60  # of these, at most so many before the place
WORD = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\$\{[^{}]*\}?|\[[^][{}]*\]|[^\s,:\[\]{}#"']+|.""")
TAB = "    "
ADDRESS = re.compile(r"(://)(.*@)?([^?#]*)(.*)")
CALLED_SECRET = re.compile(
    r"""((?:passw|\bpass\b|\bpw\b|pwd|secret|token|credential|signature|authorization"""
    r"""|(?:access|account|api|master|shared)[_.-]?key)[\w.-]{0,40}["']?:\s+)(?!\$\{)(.*)""",
    re.IGNORECASE,
)


def told(error: NormflowError) -> str:
    """The message; below each problem of a configuration the line it is on, where the file can be read."""
    if not isinstance(error, ConfigError):
        return error.message
    files: dict[str, list[str]] = {}
    return "\n".join(f"{problem}{_excerpt(problem, files)}" for problem in error.listed())


def _excerpt(problem: Problem, files: dict[str, list[str]]) -> str:
    file, number, column = problem.position
    if not (number and column):
        return ""
    if file not in files:
        files[file] = _lines(file)
    line = files[file][number - 1] if number <= len(files[file]) else ""
    if not line.strip():
        return ""
    shown, start, length = marked(line, column)
    gutter = click.style(f"{number:>5} | ", dim=True)
    blank = click.style(f"{'':>5} | ", dim=True)
    return f"\n{gutter}{shown}\n{blank}{' ' * start}{click.style('^' * length, fg='red')}"


def marked(line: str, column: int) -> tuple[str, int, int]:
    """A line as a terminal shows it, cut around a column; the cells before the mark, and those below it.

    Tabs are four spaces wide, and what shows nothing or steers the terminal is a dot.
    """
    place = min(column - 1, len(line))
    word = WORD.match(line, place, place + LOOKED_AT)
    end = word.end() if word else place
    what = _plain(line[place:end] or " ")
    after = _plain(line[end : end + LOOKED_AT])
    cut = _last(_plain(line[max(0, place - LOOKED_AT) : place]), BEFORE)
    under = _first(what, WIDTH - 1 - cell_len(cut))
    rest = _first(after, WIDTH - cell_len(cut + under)) if under == what else ""
    return (cut + under + rest).rstrip(), cell_len(cut), cell_len(under)


def hidden(line: str) -> str:
    """A line with asterisks for what may be secret, as many as there are characters.

    That is what an address has before its `@` and after its `?`, and the value of a key such as `password`.
    """
    found = ADDRESS.sub(lambda one: f"{one[1]}{'*' * len(one[2] or '')}{one[3]}{'*' * len(one[4])}", line)
    return CALLED_SECRET.sub(lambda one: one[1] + "*" * len(one[2]), found)


def _lines(file: str) -> list[str]:
    try:
        return [hidden(line) for line in lines_of(text_of(Path(file)))]
    except ConfigError:
        return []


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else "·" for one in text.replace("\t", TAB))


def _first(text: str, cells: int) -> str:
    """As much of a text as has room, with a sign that there is more."""
    if cell_len(text) <= cells:
        return text
    kept, used = "", 1
    for one in text:
        used += cell_len(one)
        if used > cells:
            break
        kept += one
    return f"{kept}…"


def _last(text: str, cells: int) -> str:
    if cell_len(text) <= cells:
        return text
    kept, used = "", 1
    for one in reversed(text):
        used += cell_len(one)
        if used > cells:
            break
        kept = one + kept
    return f"…{kept}"
