"""What is left of a pipeline file without what is wrong with it, so that the rest can be judged at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.config.nodes import Entry, Scalar, Table, table

if TYPE_CHECKING:
    from collections.abc import Collection

    from normflow.config.nodes import KeyPath, Node

LINES = ("contract", "normalize", "checks")
"""Sections with a line a column."""
NORMALIZE, CHECKS = "normalize", "checks"


def without(root: Node, wrong: Collection[KeyPath]) -> Node | None:
    """The file without the values at these paths; None where nothing would be left to judge.

    With a wrong line in `normalize` nobody knows all outputs, so `checks` is left out.
    """
    if not isinstance(root, Table) or any(len(path) == 0 for path in wrong):
        return None
    dropped = {_above_items(path) for path in wrong}
    if any(path[0] == NORMALIZE for path in dropped):
        dropped.add((CHECKS,))
    return _kept(root, dropped, ())


def without_lines(root: Node, wrong: Collection[KeyPath]) -> Node | None:
    """The file without the whole lines, or sections, of these paths; lines of normalize keep their names."""
    return without(root, [path[:2] if path and path[0] in LINES else path[:1] for path in wrong])


def _above_items(path: KeyPath) -> KeyPath:
    """The path up to the first item of a list: a list is kept or left out as a whole."""
    item = next((place for place, step in enumerate(path) if isinstance(step, int)), len(path))
    return path[:item]


def _kept(node: Table, dropped: Collection[KeyPath], path: KeyPath) -> Table:
    entries = list[Entry]()
    for one in node.entries:
        here, value = (*path, one.key), one.value
        if here not in dropped:
            inner = _kept(value, dropped, here) if isinstance(value, Table) else value
            entries.append(Entry(one.key, one.mark, inner))
        elif path == (NORMALIZE,):
            entries.append(Entry(one.key, one.mark, Scalar("none", one.mark)))
    return table(entries, node.mark)
