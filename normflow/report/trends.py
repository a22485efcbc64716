"""How a number went over the runs of a pipeline: a small line, a dot a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.report.drift_chart import BASE, HEIGHT, MARGIN, WIDTH
from normflow.report.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A line through the runs, the latest at the right, on an axis from 0; what it shows in words.

    `dots` are places with the status of their run; `last` is the newest value.
    """

    title: str
    label: str
    path: str
    dots: tuple[tuple[int, int, str], ...]
    last: str


def trend(
    title: str, values: Sequence[float | None], statuses: Sequence[str], *, percent: bool = False
) -> Trend | None:
    """The line of values over runs, oldest first; it is interrupted where one is None. None without any."""
    known = [one for one in values if one is not None]
    if not known:
        return None
    top = max(known) or 1.0
    room = WIDTH - 2 * MARGIN
    parts, dots, down = [], [], "M"
    for i, (value, status) in enumerate(zip(values, statuses, strict=True)):
        if value is not None:
            x = WIDTH - MARGIN - room * (len(values) - 1 - i) // max(len(values) - 1, 1)
            y = BASE - round(value / top * (HEIGHT - 2 * MARGIN))
            parts.append(f"{down}{x} {y}")
            dots.append((x, y, status))
        down = "M" if value is None else "L"
    low, high, last = (_told(one, percent=percent) for one in (min(known), max(known), known[-1]))
    label = f"{title} over {plural(len(known), 'run')}: from {low} to {high}, last {last}"
    return Trend(title=title, label=label, path="".join(parts), dots=tuple(dots), last=last)


def _told(value: float, *, percent: bool) -> str:
    return f"{value:.3%}" if percent else f"{value:,.0f}"
