"""Why each column got its method, for a terminal: questions, evidence, candidates, formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from normflow.record import NAMED
from normflow.report.rows import Rows
from normflow.report.sparks import sparks
from normflow.report.summary import DRAWN
from normflow.report.text import decimals, interval, method_text, plural, printable, share, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

SHOWN = 30
SCORES = ("normality", "skew", "kurtosis", "P/df")


def explanation(columns: Iterable[Mapping[str, Any]]) -> RenderableType:
    """Why each column got its method: sentence, formula with its numbers, questions, candidates, warnings.

    A terminal is shown the first 30 columns, and told how to see the others.
    """
    return _Explanation(list(columns))


class _Explanation:
    def __init__(self, columns: list[Mapping[str, Any]]) -> None:
        self._columns = columns

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        shown = self._columns[:SHOWN] if options.is_terminal else self._columns
        for column in shown:
            yield from _explained(column)
        if more := len(self._columns) - len(shown):
            yield Text(f"and {more:,} more: name a column, or see all in a pipe or a file", style="dim")


def _explained(column: Mapping[str, Any]) -> list[RenderableType]:
    choice = column["choice"]
    rule = f"rule {choice['rule']}" if choice else NAMED
    parts: list[RenderableType] = [
        Text.assemble((printable(column["output"]), "bold"), f": {method_text(dict(column))} ({rule})"),
    ]
    if choice:
        parts.append(_line(choice["reason"]))
    parts += _drawn(column)
    parts.append(_line(f"y = {column['formula']}"))
    if column.get("groups"):
        parts.append(_line(by_group(column["groups"])))
    return [*parts, *(_decided(choice) if choice else []), Text()]


def _drawn(column: Mapping[str, Any]) -> list[RenderableType]:
    """The shape before and after, with the ends, where there is something to draw."""
    shape = sparks(column)
    if not shape:
        return []
    ends = [column["before"], column["after"]] if "→" in shape else [column["before"]]
    told = " → ".join(interval(one["min"], one["max"]) for one in ends)
    return [_line(Text.assemble((shape, DRAWN), f"  {told}"))]


def _decided(choice: Mapping[str, Any]) -> list[RenderableType]:
    seen = {key: value for key, value in choice["evidence"].items() if value is not None}
    evidence = ", ".join(f"{key} {plain(value)}" for key, value in seen.items())
    parts: list[RenderableType] = [_line(f"goal {choice['goal']}{_near(choice)}"), _questions(choice)]
    parts.append(_line(Text(evidence, style="dim")))
    parts += [_candidates(choice)] if choice["candidates"] else []
    parts += [_line(stable(choice["stability"], choice["method"]))] if choice["stability"] else []
    warnings = [Text(f"warning: {notice['text']}", style="yellow") for notice in choice["notices"]]
    return [*parts, *map(_line, warnings)]


def _line(text: str | Text) -> RenderableType:
    """A text two letters in, where it goes on too."""
    return Padding(Text(text) if isinstance(text, str) else text, (0, 0, 0, 2))


def _near(choice: Mapping[str, Any]) -> str:
    margin = choice["margin"]
    return "" if margin is None else f", {share(margin) or '0%'} from the nearest threshold of its rule"


def _questions(choice: Mapping[str, Any]) -> RenderableType:
    table = Rows("asked", "answer", "what")
    for step in choice["path"]:
        known = {key: value for key, value in step["seen"].items() if value is not None}
        looked = ", ".join(f"{key} {plain(value)}" for key, value in known.items())
        table.add_row(step["rule"], "yes" if step["held"] else "no", looked)
    return Padding(table, (0, 0, 0, 2))


def _candidates(choice: Mapping[str, Any]) -> RenderableType:
    table = Rows("candidate", *SCORES, "", "formula")
    if choice["before"]:
        table.add_row("as it is", *_scores(choice["before"]))
    for candidate in choice["candidates"]:
        mark = "chosen" if candidate["method"] == choice["method"] else candidate["refusal"] or ""
        if candidate["method"] == choice["runner_up"]:
            mark = "runner-up"
        table.add_row(
            candidate["method"],
            *_scores(candidate),
            Text(mark),
            Text(candidate["formula"] or "", style="dim"),
        )
    return Padding(table, (0, 0, 0, 2))


def _scores(found: Mapping[str, Any]) -> tuple[str, str, str, str]:
    normality = found["normality"]
    return (
        "–" if normality is None else f"{normality:.4f}",
        decimals(found["skew"]),
        decimals(found["kurtosis"]),
        short(found["pearson"]),
    )


def stable(stability: Mapping[str, Any], method: str) -> str:
    """Whether the choice holds without any one partition, in a sentence."""
    agree, partitions = stability["agree"], stability["partitions"]
    told = f"{method} without any one of {agree} of {plural(partitions, 'partition')}"
    return told + "".join(f", {name} without {count:,}" for name, count in stability["others"].items())


def by_group(groups: Mapping[str, Any]) -> str:
    """How many groups have parameters of their own, and why the others have none, in a sentence."""
    text = f"{plural(groups['own'], 'group')} with parameters of their own"
    for what, count in (
        ("of too few rows", groups["too_few_rows"]),
        ("that the method refuses", groups["refused"]),
    ):
        text += f", {count:,} {what}" if count else ""
    return text + "".join(f"; {one}" for one in groups["refusals"])


def plain(value: object) -> str:
    """A piece of evidence as people read it: a number, yes or no, an interval."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " to ".join(plain(one) for one in value)
    return short(value) if isinstance(value, float) else f"{value:,}"
