"""How far a run is, on stderr: a line that moves on a terminal, or JSON lines for machines."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from normflow.cli.answers import print_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from rich.progress import Progress as Bar

    from normflow.pipeline.watch import Progress

EVERY = 1.0  # seconds between two JSON lines of one stage
PATIENCE = 1.0  # seconds of a run without a bar, which short runs need not load
DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How far a stage is after so many seconds: rows, of how many, rows a second, and the seconds left.

    What nobody knows yet is None.
    """

    stage: str
    rows: int
    total: int | None
    rate: float | None
    seconds: float
    seconds_left: float | None

    @classmethod
    def of(cls, stage: str, rows: int, total: int | None, seconds: float) -> Pace:
        """The pace of the rows so far."""
        rate = rows / seconds if rows and seconds > 0 else None
        left = None if total is None or rate is None else max(0, total - rows) / rate
        return cls(stage=stage, rows=rows, total=total, rate=rate, seconds=seconds, seconds_left=left)

    def to_json(self) -> str:
        """One line; times in seconds to the millisecond, the rate in rows a second to three digits."""
        rounded = {
            "rate": None if self.rate is None else float(f"{self.rate:.3g}"),
            "seconds": round(self.seconds, 3),
            "seconds_left": None if self.seconds_left is None else round(self.seconds_left, 3),
        }
        return json.dumps({**asdict(self), **rounded})

    def to_text(self) -> str:
        """Rows, rate and time left, as far as they are known."""
        told = []
        if self.rows:
            told.append(
                f"{self.rows:,} rows" if self.total is None else f"{self.rows:,} of {self.total:,} rows"
            )
        if self.rate is not None:
            told.append(f"{self.rate:,.0f} rows/s")
        if self.seconds_left is not None:
            told.append(f"{_clock(self.seconds_left)} left")
        return ", ".join(told)


class Stopwatch:
    """The pace of each stage from its own beginning."""

    def __init__(self) -> None:
        self._stage, self._since = "", 0.0

    def pace(self, stage: str, rows: int, total: int | None) -> tuple[Pace, bool]:
        """How far the stage is, and whether it only begins."""
        begins = stage != self._stage
        if begins:
            self._stage, self._since = stage, time.monotonic()
        return Pace.of(stage, rows, total, time.monotonic() - self._since), begins


class JsonLines:
    """A JSON object a line: at the start and the end of each stage, and once a second between."""

    def __init__(self) -> None:
        self._watch = Stopwatch()
        self._held: Pace | None = None
        self._written = 0.0

    def __call__(self, stage: str, rows: int, total: int | None, /) -> None:
        """Write how far the stage is, or hold it back until it was the last word on the stage."""
        pace, begins = self._watch.pace(stage, rows, total)
        if begins:
            self.close()
        if begins or pace.seconds - self._written >= EVERY:
            self._write(pace)
        else:
            self._held = pace

    def close(self) -> None:
        """Write what was held back."""
        if self._held:
            self._write(self._held)

    def _write(self, pace: Pace) -> None:
        print_text(pace.to_json())
        self._written, self._held = pace.seconds, None


class TerminalBar:
    """One line that moves while a run takes longer than a moment, and is gone when it ends."""

    def __init__(self) -> None:
        self._watch = Stopwatch()
        self._since = time.monotonic()
        self._bar: Bar | None = None

    def __call__(self, stage: str, rows: int, total: int | None, /) -> None:
        """Show how far the stage is."""
        pace, begins = self._watch.pace(stage, rows, total)
        if self._bar is None:
            if time.monotonic() - self._since < PATIENCE:
                return
            self._bar, begins = _bar(), True
        if begins:
            for earlier in self._bar.task_ids:
                self._bar.remove_task(earlier)
            self._bar.add_task(stage, total=total, told="")
        (task,) = self._bar.task_ids
        self._bar.update(task, completed=rows, told=pace.to_text())
        self._bar.refresh()

    def close(self) -> None:
        """Take the line away."""
        if self._bar:
            self._bar.stop()


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[told]}", markup=False),
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,  # a thread of its own would outlive an interrupted run
    )
    bar.start()
    return bar


def shown(*, as_lines: bool, silent: bool, plain: bool) -> AbstractContextManager[Progress | None]:
    """Who listens to a run: JSON lines where they are asked for, a bar for people who watch, else nobody.

    `plain` promises a terminal without escape sequences, and a line cannot move without them.
    """
    if as_lines:
        return _closed(JsonLines())
    if silent or plain or not sys.stderr.isatty():
        return nullcontext()
    return _closed(TerminalBar())


@contextmanager
def _closed(listener: JsonLines | TerminalBar) -> Iterator[Progress]:
    try:
        yield listener
    finally:
        listener.close()


def _clock(seconds: float) -> str:
    """Seconds as `7 s`, `1:05` or `2:00:03`; days where it takes that long."""
    if seconds >= DAY:
        return f"{seconds / DAY:.1f} days"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"
