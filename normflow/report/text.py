"""Numbers and shares as people read them."""

from __future__ import annotations

import os
from typing import Any

SPELLED = str.maketrans(
    {
        **dict(zip("▁▂▃▄▅▆▇", "_.:-=+*", strict=True)),
        "→": "->",
        "…": "..",
        "–": "-",
        "−": "-",
        "≈": "~",
        "×": "x",
        "÷": "/",
        "·": "*",
        "±": "+-",
        "λ": "lambda",
        "σ": "sigma",
        "Φ": "Phi",
        "Σ": "sum ",
        "√": "sqrt",
        "∞": "inf",
        "½": "1/2",
        "≤": "<=",
        "≥": ">=",
        "²": "^2",
        "³": "^3",
        "‖": "||",
        "ᵢ": "_i",
        "•": "*",
    }
)


def plainly(text: str) -> str:
    """A text in the letters of ASCII, as far as normflow's own signs go."""
    return text.translate(SPELLED)


def printable(text: str) -> str:
    """A text with what would move the cursor, or cannot be seen, as Python writes it."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def short(value: float | None) -> str:
    """A number in four significant digits; a dash where there is none."""
    return "–" if value is None else f"{value:.4g}"


def interval(lo: float | None, hi: float | None) -> str:
    """`lo … hi`, a dash where there is none."""
    return "–" if lo is None or hi is None else f"{short(lo)} … {short(hi)}"


def share(part: float) -> str:
    """A share in percent; empty for nothing."""
    if part == 0:
        return ""
    return "<0.1%" if part < 0.001 else f"{part:.1%}"  # noqa: PLR2004 (one decimal shows no less)


def decimals(value: float | None) -> str:
    """A number in two decimals; a dash where there is none."""
    return "–" if value is None else f"{value:.2f}".replace("-0.00", "0.00")


def skew(before: float | None, after: float | None, *, unchanged: bool) -> str:
    """`before → after` in two decimals, or only before where nothing was done."""
    return decimals(before) if unchanged else f"{decimals(before)} → {decimals(after)}"


def place(path: str) -> str:
    """A path as seen from here, where that is shorter; the address of a server as it is."""
    if "://" in path:
        return path
    return min(path, os.path.relpath(path), key=len)


def plural(count: int, noun: str) -> str:
    """`1 row`, `2 rows`, `1,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def method_text(column: dict[str, Any]) -> str:
    """The method with what a person would ask next: λ, and what follows it."""
    text = str(column["method"])
    maps = column["transform"]["maps"] if column["transform"] else ()
    lam = next((one["lam"] for one in maps if "lam" in one), None)
    if lam is not None:
        text += f" λ={lam:.4g}"
    text += ", soft clip" if "soft_clip" in column["options"] else ""
    return f"{text}, 0 to 1" if "unit" in column["options"] else text
