"""What is wrong with a section's columns: collected, put in the order of the file, told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.errors import Problem, SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping


def problem(key: str, what: str, hint: str) -> Problem:
    """What is wrong at a dotted key, and what to do."""
    return Problem(key, f"{what}; {hint}" if hint else what)


def raise_all(problems: list[Problem], places: Mapping[str, str] | None) -> None:
    """Raise all problems, in the order of the file, each led by where its key was written."""
    known = places or {}
    order = {key: position for position, key in enumerate(known)}
    listed = sorted(problems, key=lambda one: order.get(one.place, len(order)))
    if listed:
        raise SchemaError.of(_placed(problem, known) for problem in listed)


def _placed(problem: Problem, places: Mapping[str, str]) -> Problem:
    place = places.get(problem.place)
    return Problem(place, str(problem)) if place else problem
