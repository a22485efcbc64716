"""Reading YAML text into nodes, without trusting it: no code, no tags, bounded size, depth and aliases."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from normflow.config.lines import lines_of, place_in
from normflow.config.nodes import Entry, KeyPath, Mark, Node, Scalar, listing, table
from normflow.config.scalars import core_value

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 64
MAX_ALIASES = 100
MAX_REPEATED = 100_000
CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Fresh = yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent
Event = Fresh | yaml.AliasEvent
# libyaml is five times faster; the Python parser yields the same events where it is missing.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the text, at a place and under a key."""

    mark: Mark
    path: KeyPath
    what: str


class UnreadableError(Exception):
    """The text cannot be read on from here."""

    def __init__(self, mark: Mark, what: str) -> None:
        self.mark = mark
        self.what = what
        super().__init__(what)


@dataclass(slots=True)
class Document:
    """What could be read of a text, and all that is wrong with it; `root` is None where nothing could."""

    root: Node | None = None
    findings: list[Finding] = field(default_factory=list)


def read(text: str) -> Document:
    """Read one YAML document by the YAML 1.2 core schema; keys are always text.

    Duplicate keys, tags and keys that are no text are findings. Syntax errors, more than one document, and
    text that is too deep or has too many aliases end the reading; its size is for the caller to bound.
    """
    document = Document()
    try:
        _Reader(text, document).read()
    except UnreadableError as error:
        document.root = None
        document.findings.append(Finding(error.mark, (), error.what))
    except yaml.YAMLError as error:
        document.root = None
        document.findings.append(_syntax(error, text))
    return document


class _Reader:
    """One walk over the events, recursive in the depth: bounded here, before anything else sees the text."""

    def __init__(self, text: str, document: Document) -> None:
        if control := CONTROL.search(text):
            what = f"the control character U+{ord(control[0]):04X} is not allowed; remove it"
            raise UnreadableError(_mark_at(text, control.start()), what)
        self.document = document
        self.events: Iterator[Any] = yaml.parse(text, Loader=LOADER)
        self.anchors: dict[str, Node | None] = {}
        self.aliases = 0
        self.repeated = 0

    def read(self) -> None:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self.document.root is not None:
                    raise UnreadableError(
                        _mark(event), "a second document starts here; write one file for each"
                    )
                self.document.root = self.node(next(self.events), (), 1)

    def node(self, event: Event, path: KeyPath, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise UnreadableError(_mark(event), f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, depth)
        if event.tag is not None:
            self.note(
                _mark(event), path, f"tags such as {_short_tag(event.tag)} are not read; remove the tag"
            )
        if event.anchor:
            self.anchors[event.anchor] = None
        node = self.fresh(event, path, depth)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def fresh(self, event: Fresh, path: KeyPath, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(inner, (*path, len(items)), depth + 1))
            return listing(items, _mark(event))
        entries: dict[str, Entry] = {}
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            self.entry(inner, path, depth, entries)
        return table(list(entries.values()), _mark(event))

    def entry(self, event: Event, path: KeyPath, depth: int, entries: dict[str, Entry]) -> None:
        key = event.value if isinstance(event, yaml.ScalarEvent) else None
        mark = _mark(event)
        if key is None:
            self.note(mark, path, _no_text(event))
        if not isinstance(event, yaml.AliasEvent) and (key is None or event.anchor or event.tag is not None):
            self.node(event, path, depth + 1)  # a key may carry an anchor, or reach over many events
        value = self.node(next(self.events), path if key is None else (*path, key), depth + 1)
        if key in entries:
            self.note(
                mark,
                (*path, key),
                f"the key was already written on line {entries[key].mark.line}; remove one",
            )
        elif key is not None:
            entries[key] = Entry(key, mark, value)

    def alias(self, event: yaml.AliasEvent, depth: int) -> Node:
        name = event.anchor
        if name not in self.anchors:
            what = f'the alias *{name} has no anchor &{name} before it; for text, quote it: "*{name}"'
            raise UnreadableError(_mark(event), what)
        node = self.anchors[name]
        if node is None:
            raise UnreadableError(_mark(event), f"the alias *{name} stands inside what it names")
        self.aliases += 1
        self.repeated += node.size
        if self.aliases > MAX_ALIASES or self.repeated > MAX_REPEATED:
            raise UnreadableError(
                _mark(event), f"more than {MAX_ALIASES} aliases, or {MAX_REPEATED:,} values by alias"
            )
        if depth + node.height - 1 > MAX_DEPTH:
            raise UnreadableError(_mark(event), f"nested deeper than {MAX_DEPTH} levels")
        return node

    def scalar(self, event: yaml.ScalarEvent, path: KeyPath) -> Scalar:
        plain = event.tag is None and event.implicit[0]
        try:
            return Scalar(core_value(event.value) if plain else event.value, _mark(event))
        except ValueError as error:
            self.note(_mark(event), path, str(error))
            return Scalar(0, _mark(event))

    def note(self, mark: Mark, path: KeyPath, what: str) -> None:
        self.document.findings.append(Finding(mark, path, what))


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _mark_at(text: str, position: int) -> Mark:
    return Mark(*place_in(text, position))


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _no_text(event: Event) -> str:
    if isinstance(event, yaml.AliasEvent):
        return f'a key that starts with a star is quoted: "*{event.anchor}"'
    return "a key is text, not a list or a mapping; quote it"


def _syntax(error: yaml.YAMLError, text: str) -> Finding:
    """The parser's complaint with its place, and what usually mends it."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it ends early"
    context = getattr(error, "context", None)
    at, since = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    mark = Mark(at.line + 1, at.column + 1) if at else Mark(1, 1)
    if context == "while scanning an alias":
        return Finding(
            Mark(mark.line, max(mark.column - 1, 1)), (), 'not valid YAML: quote the star, as in "*": auto'
        )
    start = (
        f" {context} from line {since.line + 1}" if context and since and since.line + 1 < mark.line else ""
    )
    hint = _mend(problem, text, mark)
    return Finding(mark, (), f"not valid YAML: {problem}{start}{hint}")


def _mend(problem: str, text: str, mark: Mark) -> str:
    lines = lines_of(text)
    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    first = line[mark.column - 1 : mark.column]
    if "cannot start any token" in problem:
        return "; indent with spaces, not tabs" if first == "\t" else f"; quote text that starts with {first}"
    if "mapping values are not allowed" in problem:
        return "; check the indentation, and quote text that holds ': '"
    return ""
