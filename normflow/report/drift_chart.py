"""How the drift of columns went over runs: a small line each, with its limits, and the numbers beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from normflow.report.text import plural, short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 320, 80
MARGIN = 6  # round the line, so that its dots are whole
BASE = HEIGHT - MARGIN
LEAST = 0.01  # of the axis, which is logarithmic: an index below says nothing
HEADROOM = 1.25
MOST = 50  # columns that are drawn
RANK = {"failed": 2, "warned": 1, "passed": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One column: its index over the runs as a path, and that of the group which had moved most.

    `dots` are places with a status, those of groups where one did not pass; `limits` are names and numbers
    with their heights, and `cells` a text and a status for each run.
    """

    column: str
    label: str
    path: str
    groups: str
    dots: tuple[tuple[int, int, str], ...]
    limits: tuple[tuple[str, str, int], ...]
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The columns that are drawn, those that are worst off first, and how many are not."""

    runs: tuple[str, ...]
    lines: tuple[Line, ...]
    others: int


def drift_lines(history: Mapping[str, Any] | None) -> Lines | None:
    """The lines of a history; None where there was nothing to measure.

    It has the start of each of its `runs`, and by column the indices `psi`, None where a run has none, with
    their `statuses`, those of `groups` that moved most with `group_statuses`, and the last `limits`.
    """
    if not history or not history["columns"]:
        return None
    columns = sorted(history["columns"], key=_standing)
    return Lines(
        runs=tuple(one[:16].replace("T", " ") for one in history["runs"]),
        lines=tuple(_line(one) for one in columns[:MOST]),
        others=max(0, len(columns) - MOST),
    )


def _standing(column: Mapping[str, Any]) -> tuple[int, float, str]:
    index = max(column["psi"][-1] or 0.0, column["groups"][-1] or 0.0)
    return (
        -RANK.get(_worse(column["statuses"][-1], column["group_statuses"][-1]), -1),
        -index,
        column["column"],
    )


def _worse(one: str | None, other: str | None) -> str:
    return max(one or "", other or "", key=lambda status: RANK.get(status, -1))


def _line(column: Mapping[str, Any]) -> Line:
    psi, groups, limits = column["psi"], column["groups"], column["limits"]
    known = [one for one in (*psi, *groups, *limits.values()) if one is not None]
    top = max([10 * LEAST, *known]) * HEADROOM
    places, statuses, by_group = _places(len(psi)), column["statuses"], column["group_statuses"]
    dots = (
        *(
            (x, one, status)
            for x, one, status in zip(places, groups, by_group, strict=True)
            if RANK.get(status)
        ),
        *zip(places, psi, statuses, strict=True),
    )
    measured = [one for one in psi if one is not None]
    told = f"PSI of {column['column']} over {plural(len(measured), 'run')}: from {short(min(measured))} to "
    told += f"{short(max(measured))}, last {short(psi[-1])}"
    return Line(
        column=column["column"],
        label=f"{told}; limits: {', '.join(f'{name} {limit:g}' for name, limit in limits.items())}",
        path=_path(psi, top),
        groups=_path(groups, top),
        dots=tuple((x, _height(one, top), status) for x, one, status in dots if one is not None),
        limits=tuple((name, f"{limit:g}", _height(limit, top)) for name, limit in limits.items()),
        cells=tuple(_cell(*one) for one in zip(psi, statuses, by_group, strict=True)),
    )


def _cell(psi: float | None, status: str | None, by_group: str | None) -> tuple[str, str]:
    """The index and what became of it, in words where it did not pass."""
    told = [short(psi), *([status] if status and RANK.get(status) else [])]
    told += [f"(groups {by_group})"] if by_group and RANK.get(by_group) else []
    return " ".join(told), _worse(status, by_group)


def _path(values: Sequence[float | None], top: float) -> str:
    """The line through the values, interrupted where a run has none."""
    parts, down = [], "M"
    for x, value in zip(_places(len(values)), values, strict=True):
        if value is not None:
            parts.append(f"{down}{x} {_height(value, top)}")
        down = "M" if value is None else "L"
    return "".join(parts)


def _places(many: int) -> list[int]:
    """Where the runs stand across, the last one at the right."""
    room = WIDTH - 2 * MARGIN
    return [WIDTH - MARGIN - room * (many - 1 - i) // max(many - 1, 1) for i in range(many)]


def _height(value: float, top: float) -> int:
    up = math.log(max(value, LEAST) / LEAST) / math.log(top / LEAST)
    return BASE - round(up * (BASE - MARGIN))
