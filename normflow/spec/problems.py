"""What is wrong with a section's columns: collected, put in the order of the file, told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from normflow.errors import Problem, SchemaError

SHOWN = 40


def problem(key: str, what: str, hint: str) -> Problem:
    """What is wrong at a dotted key, and what to do."""
    return Problem("", f"{what}; {hint}" if hint else what, key)


def raise_all(problems: list[Problem], places: Mapping[str, str] | None) -> None:
    """Raise all problems, in the order of the file, each led by where its key was written."""
    known = places or {}
    order = {key: position for position, key in enumerate(known)}
    listed = sorted(problems, key=lambda one: order.get(one.key, len(order)))
    if listed:
        raise SchemaError.of(_placed(problem, known) for problem in listed)


def said(value: object) -> str:
    """A value for a message: `'abc'`, `5`, `true`, `nothing`, `a list`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        text = repr(value)
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _placed(problem: Problem, places: Mapping[str, str]) -> Problem:
    return replace(problem, place=places.get(problem.key, ""))
