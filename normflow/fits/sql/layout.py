"""How expressions are laid out in a query: one SELECT a stage, all columns side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.naming import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Columns:
    """What a query computes, by the quoted name it goes to; `steps` are working columns, `results` are read.

    A step mentions only steps before it.
    """

    steps: Mapping[str, str]
    results: Mapping[str, str]

    def inlined(self) -> Columns:
        """The same without steps that are mentioned once: these stand where they are mentioned."""
        texts = {**self.steps, **{(name,): text for name, text in self.results.items()}}
        for step in self.steps:
            users = {key: text.count(step) for key, text in texts.items() if step in text}
            if sum(users.values()) > 1:
                continue
            text = texts.pop(step)
            for user in users:
                texts[user] = texts[user].replace(step, text)
        return Columns(
            {name: texts[name] for name in self.steps if name in texts},
            {name: texts[name,] for name in self.results},
        )

    def stages(self) -> list[dict[str, str]]:
        """The steps, each as early as what it mentions allows."""
        level: dict[str, int] = {}
        for name, text in self.steps.items():
            level[name] = 1 + max((level[step] for step in level if step in text), default=-1)
        depth = 1 + max(level.values(), default=-1)
        return [{name: self.steps[name] for name in level if level[name] == i} for i in range(depth)]


def laid_out(table: str, stages: Iterable[Mapping[str, str]], selection: Sequence[str], prefix: str) -> str:
    """The whole query; each stage reads the one before it, `table` and the names of stages are quoted."""
    ctes = []
    for i, stage in enumerate(stages, 1):
        name = quoted(f"{prefix}stage_{i}")
        lines = ["*", *(f"{text} AS {column}" for column, text in stage.items())]
        ctes.append(f"{name} AS (\n{_select(lines, table, '  ')}\n)")
        table = name
    head = f"WITH {', '.join(ctes)}\n" if ctes else ""
    return head + _select(selection, table, "")


def _select(lines: Sequence[str], table: str, indent: str) -> str:
    columns = f",\n{indent}  ".join(lines)
    return f"{indent}SELECT\n{indent}  {columns}\n{indent}FROM {table}"
