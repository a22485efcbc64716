"""What is looked up: methods and plugins, for a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from normflow.report.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType


def methods_table(methods: Iterable[Mapping[str, Any]]) -> Rows:
    """A line a method."""
    table = Rows("method", "what", "options")
    for one in methods:
        options = ", ".join(option["option"] for option in one["options"])
        table.add_row(Text(one["method"], style="bold"), Text(one["summary"]), Text(options))
    return table


def method_page(method: Mapping[str, Any]) -> RenderableType:
    """All that a method says of itself."""
    parts: list[RenderableType] = [
        Text.assemble((method["method"], "bold"), f": {method['summary']}"),
        Text(),
        Text(method["text"]),
    ]
    if method["options"]:
        table = Rows("option", "default", "what")
        for one in method["options"]:
            table.add_row(Text(one["option"]), Text(json.dumps(one["default"])), Text(one["may_be"]))
        parts += [Text(), table]
    return Group(*parts)


def plugins_table(plugins: Iterable[Mapping[str, Any]]) -> Rows:
    """A line an entry point."""
    listed = {True: "yes", False: "no", None: ""}
    table = Rows("kind", "name", "package", "version", "code", "listed")
    for one in plugins:
        told = (one["kind"], one["name"], one["package"], one["package_version"], one["code"])
        table.add_row(*map(Text, told), listed[one["listed"]])
    return table
