"""One file of several: what `include` names lies below a pipeline file, a target's overlay above it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from normflow.config.document import Finding, read
from normflow.config.nodes import Entry, Listing, Scalar, Table, marked, table
from normflow.config.text import text_of
from normflow.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.config.nodes import Mark, Node

INCLUDE, TARGETS, VARS = "include", "targets", "vars"
ROOTS = ("pyproject.toml", ".git")
MOST_FILES = 20


@dataclass(slots=True)
class Layers:
    """The layers of a pipeline file as one table, and what is wrong with them."""

    file: Path
    findings: list[Finding] = field(default_factory=list)
    _read: list[Path] = field(default_factory=list)

    def included(self, root: Node) -> Node:
        """The file over all that it includes, of which a later one lies over an earlier one."""
        self._read = [_real(self.file)]
        return self._over_included(root, ())

    def chosen(self, root: Node, target: str | None) -> Node:
        """The file with a target's overlay above it; without a target as it is."""
        if target is None:
            return root
        targets = entry(root, TARGETS)
        known = targets.value if targets else None
        overlay = entry(known, target) if known else None
        if overlay is None:
            names = [one.key for one in known.entries] if isinstance(known, Table) else []
            hint = suggestion(target, names) or "the file has no targets"
            self.findings.append(
                Finding(targets.mark if targets else root.mark, (), f"no such target '{target}'; {hint}")
            )
            return root
        if not isinstance(overlay.value, Table):  # what it is instead the section's types tell
            return root
        for inner in overlay.value.entries:
            if inner.key in (TARGETS, INCLUDE):
                what = f"a target cannot have {inner.key}"
                self.findings.append(Finding(inner.mark, (TARGETS, target, inner.key), what))
        return merged(root, overlay.value)

    def _over_included(self, root: Node, above: tuple[Path, ...]) -> Node:
        below: Node | None = None
        for path, mark in _paths(root):
            found = self._layer(path, mark, above)
            if found is not None:
                below = found if below is None else merged(below, found)
        return root if below is None else merged(below, root)

    def _layer(self, path: str, mark: Mark, above: tuple[Path, ...]) -> Node | None:
        folder = (above[-1] if above else self.file).parent
        file, wrong = folder / path, ""
        real, home = _real(file), project(self.file)
        if home not in real.parents:
            wrong = f"'{path}' lies outside the project folder {home.name or home}; move it below that"
        elif real in (_real(self.file), *map(_real, above)):
            wrong = f"'{path}' includes itself"
        elif len(self._read) > MOST_FILES:
            wrong = f"more than {MOST_FILES} files are included"
        if wrong:
            self.findings.append(Finding(mark, (INCLUDE,), wrong))
            return None
        self._read.append(real)
        try:
            document = read(text_of(file))
        except ConfigError as error:
            self.findings.append(Finding(mark, (INCLUDE,), error.message))
            return None
        self.findings += [
            Finding(one.mark.within(str(file)), one.path, one.what) for one in document.findings
        ]
        if document.root is None:
            return None
        if not isinstance(document.root, Table):
            self.findings.append(Finding(mark, (INCLUDE,), f"'{path}' is no mapping"))
            return None
        return self._over_included(marked(document.root, str(file)), (*above, file))


def merged(below: Node, above: Node) -> Node:
    """Mappings key by key, the upper value where both have one; any other value replaces what is below it."""
    if not (isinstance(below, Table) and isinstance(above, Table)):
        return above
    lower = {one.key: one for one in below.entries}
    upper = [
        Entry(one.key, one.mark, merged(lower[one.key].value, one.value)) if one.key in lower else one
        for one in above.entries
    ]
    known = {one.key for one in upper}
    return table([*upper, *(one for key, one in lower.items() if key not in known)], above.mark)


def entry(node: Node, key: str) -> Entry | None:
    """The entry of a mapping; None where it has none, or the node is no mapping."""
    found = node.entries if isinstance(node, Table) else ()
    return next((one for one in found if one.key == key), None)


def project(file: Path) -> Path:
    """The nearest folder above a pipeline file with pyproject.toml or .git, else the file's own folder."""
    here = _real(file).parent
    found = (one for one in (here, *here.parents) if any((one / root).exists() for root in ROOTS))
    return next(found, here)


def _paths(root: Node) -> Iterator[tuple[str, Mark]]:
    listed = entry(root, INCLUDE)
    value = listed.value if listed else None
    for one in value.items if isinstance(value, Listing) else (value,):
        if isinstance(one, Scalar) and isinstance(one.value, str):
            yield one.value, one.mark


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
