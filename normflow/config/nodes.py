"""What a YAML file says, value by value, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from normflow.spec import JsonScalar

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the text; lines and columns count from 1. `file` is where it is not the pipeline file."""

    line: int
    column: int
    file: str = ""

    def within(self, file: str) -> Mark:
        """The same place in another file."""
        return replace(self, file=file)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: text, a number, true, false or null; `written` is the text with references that made it."""

    value: JsonScalar
    mark: Mark
    size: int = 1
    height: int = 1
    written: str = ""

    def plain(self) -> object:
        """The value itself."""
        return self.value


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; `size` counts the values in it and `height` the levels, aliases followed."""

    items: tuple[Node, ...]
    mark: Mark
    size: int
    height: int

    def plain(self) -> object:
        """The list of plain values."""
        return [item.plain() for item in self.items]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value."""

    key: str
    mark: Mark
    value: Node


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order of the text; `size` and `height` as in a list. `by_key` finds an entry."""

    entries: tuple[Entry, ...]
    mark: Mark
    size: int
    height: int
    by_key: Mapping[str, Entry] = field(compare=False, repr=False)

    def plain(self) -> object:
        """The dict of plain values."""
        return {entry.key: entry.value.plain() for entry in self.entries}


Node = Scalar | Listing | Table


def listing(items: list[Node], mark: Mark) -> Listing:
    """A list that knows its size and height."""
    return Listing(tuple(items), mark, 1 + sum(one.size for one in items), _height(items))


def table(entries: list[Entry], mark: Mark) -> Table:
    """A mapping that knows its size and height."""
    values = [entry.value for entry in entries]
    by_key = {entry.key: entry for entry in entries}
    return Table(tuple(entries), mark, 1 + sum(one.size for one in values), _height(values), by_key)


def marked(node: Node, file: str) -> Node:
    """The same values, each with the file it stands in."""
    if isinstance(node, Table):
        entries = [Entry(one.key, one.mark.within(file), marked(one.value, file)) for one in node.entries]
        return table(entries, node.mark.within(file))
    if isinstance(node, Listing):
        return listing([marked(one, file) for one in node.items], node.mark.within(file))
    return replace(node, mark=node.mark.within(file))


def _height(values: list[Node]) -> int:
    return 1 + max((one.height for one in values), default=0)


def dotted(path: KeyPath) -> str:
    """A path as a reader writes it: `contract.temp.range[0]`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


@dataclass(frozen=True, slots=True)
class Located:
    """A path as it stands in the file, the deepest value there is on it, and where its last key stands."""

    path: KeyPath
    value: Node
    key: Mark


def locate(root: Node, path: KeyPath) -> Located:
    """Find a path in a file, where a short form leaves out the key it stands for."""
    node, mark, written = root, root.mark, list[str | int]()
    for place, step in enumerate(path):
        below = _below(node, step)
        if below is None and isinstance(node, Table):
            return Located((*written, *path[place:]), node, mark)
        if below is not None:
            node, mark = below
            written.append(step)
    return Located(tuple(written), node, mark)


def _below(node: Node, step: str | int) -> tuple[Node, Mark] | None:
    if isinstance(node, Table):
        entry = node.by_key.get(str(step))
        return (entry.value, entry.mark) if entry else None
    if isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
        return node.items[step], node.items[step].mark
    return None


def keys(node: Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Mark]]:
    """Every key of the file, and every item of its lists, with its place, in the order of the file."""
    if isinstance(node, Scalar):
        return
    inner = (
        [(one.key, one.mark, one.value) for one in node.entries]
        if isinstance(node, Table)
        else [(place, one.mark, one) for place, one in enumerate(node.items)]
    )
    for step, mark, value in inner:
        yield (*path, step), mark
        yield from keys(value, (*path, step))
