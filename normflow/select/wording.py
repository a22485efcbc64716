"""Numbers as the sentences of a decision say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normflow.select.evidence import Evidence


def whole_numbers(e: Evidence) -> str:
    """How many different whole numbers there are, or about how many."""
    return f"{'' if e.exact else 'about '}{e.distinct:,} distinct whole numbers"


def number(value: float | None) -> str:
    """A value of the column for a sentence: 15 digits, which is what was written into a file."""
    return f"{value:.15g}"


def percent(share: float, decimals: int = 0) -> str:
    """A share for a sentence; what is not all is not rounded up to 100 %."""
    most = 1.0 if share == 1.0 else 1.0 - 10.0 ** -(decimals + 2)
    return f"{min(share, most):.{decimals}%}"


def shown(value: float | None) -> str:
    """A number for a sentence: two decimals, or `undefined`."""
    return "undefined" if value is None else f"{value:z.2f}"
