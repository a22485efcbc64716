"""The tables of the suite, and what they were measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tests.benchmarks.suite.cases import COPY, NORMFLOW
from tests.benchmarks.suite.processes import Cost, median, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.suite.tasks import Task


@dataclass(frozen=True, slots=True)
class Result:
    """What a task cost everybody who did it, by round."""

    task: Task
    costs: Mapping[str, Sequence[Cost]]

    def ratio(self, who: str) -> float:
        """CPU seconds to those of the copy of the same round, the median over the rounds."""
        return ratio(self.costs[who], self.costs[COPY])

    def verdict(self) -> str:
        """Whether normflow is where it must be, or even where it aims."""
        task = self.task
        if task.reach is None or task.aim is None:
            return ""
        got = median(self.costs[NORMFLOW]).cpu if task.in_seconds else self.ratio(NORMFLOW)
        return "aim" if got <= task.aim else "reached" if got <= task.reach else "missed"

    def to_json(self) -> dict[str, Any]:
        """Every measurement."""
        return {
            "task": self.task.name,
            "reach": self.task.reach,
            "aim": self.task.aim,
            "verdict": self.verdict(),
            "costs": {who: [asdict(one) for one in costs] for who, costs in self.costs.items()},
            "ratios": {who: self.ratio(who) for who in self.costs},
        }


HEAD = """\
| task | by | CPU s | ratio | wall s | peak MB | must reach | aims at | |
|---|---|---|---|---|---|---|---|---|"""


def rows(result: Result) -> str:
    """A row of the table for each participant, in Markdown."""
    lines = []
    for who in result.costs:
        told = ["", "", ""]
        if who == NORMFLOW:
            unit = " s" if result.task.in_seconds else ""
            told = [_number(result.task.reach, unit), _number(result.task.aim, unit), result.verdict()]
        middle = median(result.costs[who])
        cells = [
            f"{result.task.name} {result.task.what}" if who == COPY else "",
            who,
            f"{middle.cpu:.2f}",
            f"{result.ratio(who):.2f}",
            f"{middle.wall:.2f}",
            f"{middle.peak:.0f}",
            *told,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _number(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:g}{unit}"


def memory_table(peaks: Mapping[str, Mapping[int, float]]) -> str:
    """A row a task, a column a size; the last column is how much more the largest takes than the smallest."""
    sizes = sorted({rows for by_rows in peaks.values() for rows in by_rows})
    heads = [f"{rows:,} rows, MB" for rows in sizes]
    lines = [f"| task | {' | '.join(heads)} | growth |", f"|---|{'---|' * len(sizes)}---|"]
    for what, by_rows in peaks.items():
        numbers = [by_rows[rows] for rows in sizes]
        cells = [f"{one:.0f}" for one in numbers]
        lines.append(f"| {what} | {' | '.join(cells)} | {numbers[-1] / numbers[0]:.2f} |")
    return "\n".join(lines)


def machine(versions: Mapping[str, str]) -> str:
    """The machine and the versions, as a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}; {told}"
