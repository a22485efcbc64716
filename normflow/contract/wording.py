"""Checks as sentences: what is wrong with a value, and numbers as they were declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.contract.builtins import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from normflow.spec import ColumnChecks, Interval

LISTED = 8


def trouble(column: str, kind: str, rule: ColumnChecks) -> str:
    """What a failing row has wrong, such as `wind_speed is not in [0, 250]`."""
    if kind in SAID:
        return f"{column} {SAID[kind](rule)}"
    one = next(one for one in rule.checks if kind == f"checks.{one.name}")
    return f"{column} {sentence(one.name, one.arguments)}"


def within(interval: Interval) -> str:
    """`in [0, 250]`, `at least 0`, `at most 250`, or `a number` for an interval without ends."""
    lo, hi = interval
    if lo is not None and hi is not None:
        return f"in {ends(interval)}"
    if lo is not None:
        return f"at least {plain(lo)}"
    return "a number" if hi is None else f"at most {plain(hi)}"


def ends(interval: Interval) -> str:
    """`[0, 250]`, with an infinite end where there is none."""
    lo, hi = interval
    return f"[{'-∞' if lo is None else plain(lo)}, {'∞' if hi is None else plain(hi)}]"


def listed(values: tuple[str | float | bool, ...]) -> str:
    """The values, or the first few of a long list and how many there are."""
    shown = ", ".join(value if isinstance(value, str) else plain(value) for value in values[:LISTED])
    return shown if len(values) <= LISTED else f"{shown}, … ({len(values)} values)"


def plain(value: object) -> str:
    """A number as a person would write it: 250, not 250.0; every digit that tells it apart is kept."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def share_of(failed: int, rows: int) -> str:
    """`3 of 26,115 rows (0.0115%)`."""
    noun = "row" if rows == 1 else "rows"
    percent = f" ({100 * failed / rows:.3g}%)" if rows else ""
    return f"{failed:,} of {rows:,} {noun}{percent}"


def _lengths(length: tuple[int | None, int | None]) -> str:
    lo, hi = length
    return f"a length of {lo}" if lo == hi else f"a length {within(length)}"


SAID: Mapping[str, Callable[[ColumnChecks], str]] = {
    "range": lambda rule: f"is not {within(rule.range or (None, None))}",
    "isin": lambda rule: f"is not one of {listed(rule.isin or ())}",
    "regex": lambda rule: f"does not match {rule.regex}",
    "length": lambda rule: f"has not {_lengths(rule.length or (None, None))}",
    "finite": lambda _: "is NaN or infinite",
    "nullable": lambda _: "is missing",
    "unique": lambda _: "repeats the value of an earlier row",
}
