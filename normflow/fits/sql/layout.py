"""How expressions are laid out in a query: one SELECT a stage, all columns side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.dialects import translator
from normflow.naming import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from normflow.dialects import Dialect


@dataclass(frozen=True, slots=True)
class Columns:
    """What a query computes, by the quoted name it goes to; `steps` are working columns, `results` are read.

    A step mentions only steps before it.
    """

    steps: Mapping[str, str]
    results: Mapping[str, str]

    def inlined(self) -> Columns:
        """The same without steps that are mentioned once: these stand where they are mentioned."""
        steps, results = dict(self.steps), dict(self.results)
        for step in self.steps:
            users = [
                (texts, name) for texts in (steps, results) for name, text in texts.items() if step in text
            ]
            if sum(texts[name].count(step) for texts, name in users) > 1:
                continue
            whole = steps.pop(step)
            for texts, name in users:
                texts[name] = texts[name].replace(step, whole)
        return Columns(steps, results)

    def stages(self) -> list[dict[str, str]]:
        """The steps, each as early as what it mentions allows."""
        level: dict[str, int] = {}
        for name, text in self.steps.items():
            level[name] = 1 + max((level[step] for step in level if step in text), default=-1)
        depth = 1 + max(level.values(), default=-1)
        return [{name: self.steps[name] for name in level if level[name] == i} for i in range(depth)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """One query: items of DuckDB's dialect over a table, through stages that each read the one before.

    `table` is a quoted path, and `prefix` begins no other name of the query.
    """

    table: str
    stages: Sequence[Mapping[str, str]]
    items: Sequence[str]
    prefix: str

    def text(self, dialect: Dialect) -> str:
        """The query, one item a line.

        Raises:
            ConfigError: sqlglot is needed, and not installed.
        """
        written, stages = translator(dialect), []
        table = written(self.table)
        for i, stage in enumerate(self.stages, 1):
            name = written(quoted(f"{self.prefix}stage_{i}"))
            items = ["*", *(written(f"{text} AS {column}") for column, text in stage.items())]
            fence = f"\n  {dialect.fence}" if dialect.fence else ""
            stages.append(f"{name} AS (\n{_select(items, table, '  ')}{fence}\n)")
            table = name
        head = f"WITH {', '.join(stages)}\n" if stages else ""
        return head + _select([written(item) for item in self.items], table, "")


def _select(items: Sequence[str], table: str, indent: str) -> str:
    listed = f",\n{indent}  ".join(items)
    return f"{indent}SELECT\n{indent}  {listed}\n{indent}FROM {table}"
