"""The settings of a pipeline file for people: key, value, and where it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.text import Text

from normflow.report.rows import Rows
from normflow.report.text import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def settings_table(settings: Iterable[Mapping[str, Any]]) -> Rows:
    """One line a key; behind its place the text with references that was written."""
    table = Rows("key", "value", "from")
    for one in settings:
        value = one["value"] if isinstance(one["value"], str) else json.dumps(one["value"])
        source = one["source"] if ":" not in one["source"] else place(one["source"])
        table.add_row(Text(one["key"]), Text(value), Text(" ".join(filter(None, (source, one["written"])))))
    return table
