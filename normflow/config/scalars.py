"""Plain YAML scalars by the core schema of YAML 1.2: `1e-6` is a number, `no` is text, `010` is 10."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normflow.spec import JsonScalar

WORDS: dict[str, JsonScalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
SPECIAL = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
DECIMAL = re.compile(r"[-+]?[0-9]+")
BASED = re.compile(r"0o([0-7]+)|0x([0-9a-fA-F]+)")
REAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
DIGITS = 309
SHOWN = 20


def core_value(text: str) -> JsonScalar:
    """The value of an unquoted scalar; whatever is no null, truth value or number is text, dates included.

    Raises:
        ValueError: a number beyond what a float64 holds.
    """
    if text in WORDS:
        return WORDS[text]
    if DECIMAL.fullmatch(text) or REAL.fullmatch(text):
        return _number(text)
    if based := BASED.fullmatch(text):
        return _within(int(based[1], 8) if based[1] else int(based[2], 16), text)
    if special := SPECIAL.fullmatch(text):
        return math.nan if text[-3:].lower() == "nan" else float(f"{special[1]}inf")
    return text


def _number(text: str) -> int | float:
    """A decimal number; a long run of digits is measured before Python is asked to read it."""
    if not DECIMAL.fullmatch(text):
        return _within(float(text), text)
    if len(text.lstrip("+-").lstrip("0")) > DIGITS:
        raise ValueError(_beyond(text))
    return _within(int(text), text)


def _within(value: float, text: str) -> float:
    try:
        beyond = math.isinf(value)
    except OverflowError:
        beyond = True
    if beyond:
        raise ValueError(_beyond(text))
    return value


def _beyond(text: str) -> str:
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return f"the number {shown} is beyond a float64"
