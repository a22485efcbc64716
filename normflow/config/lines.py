"""The lines of a pipeline file, as the reader of YAML counts them."""

from __future__ import annotations

import re

BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


def lines_of(text: str) -> list[str]:
    """The lines without their ends; the first is that of line 1."""
    return BREAK.split(text)


def place_in(text: str, position: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at a position."""
    before = lines_of(text[:position])
    if text[position - 1 : position + 1] == "\r\n":  # between the two: still on the line they end
        return len(before) - 1, len(before[-2]) + 2
    return len(before), len(before[-1]) + 1
