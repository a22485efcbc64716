"""Values from elsewhere: `${var:root}` and `${env:HOME}` in the text of a pipeline file.

A `${secret:NAME}` stays as it is written until it is used (`normflow.spec.secrets`).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from normflow.config.document import Finding
from normflow.config.layers import INCLUDE, TARGETS, VARS, entry
from normflow.config.methods import PLUGINS
from normflow.config.nodes import Entry, Listing, Scalar, Table, dotted, listing, table
from normflow.config.scalars import core_value
from normflow.errors import suggestion
from normflow.plugins import listed
from normflow.spec.secrets import SECRET, keeper, missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.config.nodes import KeyPath, Node
    from normflow.spec import JsonScalar

REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}?")
KINDS = ("var", "env", "secret")
ADDRESSES = ("registry", "source.database", "sink.database")
"""Keys whose value is an address, of which only the password may be a secret."""
SECRETIVE = tuple(f"{place}.{part}." for place in ("source", "sink") for part in ("options", "storage"))
SECRETIVE += ADDRESSES
NO_SECRETS = (
    "only registry, and options, storage and database of source and sink take secrets; what other keys become"
    " is part of the record"
)
PASSWORD = re.compile(r"\w+://[^:@/]*:\$\{secret:[^{}]+\}@[^@]*")
ONLY_THERE = "here a secret is the password of an address: postgresql://user:${secret:NAME}@host/db"
LONGEST = 10_000  # characters of a value that references make, so that none grows by naming itself twice
FORMS = "write ${var:name} or ${env:NAME}, and $${ for the characters themselves"


class UnknownReferenceError(Exception):
    """A reference that has no value; its text says why."""


@dataclass(slots=True)
class References:
    """The values that references stand for.

    Args:
        written: the file's `vars`.
        given: what the command line, or the caller, says instead.
        environment: the variables of the process.
        plugins: those that the file lists.
    """

    written: Mapping[str, Scalar]
    given: Mapping[str, JsonScalar]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    plugins: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    _key: str = ""

    @classmethod
    def of(cls, root: Node, given: Mapping[str, JsonScalar]) -> References:
        """Those that a file's `vars` define; one that is given and not defined is a finding."""
        section = entry(root, VARS)
        lines = section.value.entries if section and isinstance(section.value, Table) else ()
        written = {one.key: one.value for one in lines if isinstance(one.value, Scalar)}
        found = cls(written, given, plugins=_listed(root))
        for name in given:
            if name not in written:
                hint = suggestion(name, written) or "the file has no vars"
                mark = section.mark if section else root.mark
                found.findings.append(Finding(mark, (), f"no such var '{name}'; {hint}"))
        return found

    def resolved(self, root: Node) -> Node:
        """The file with a value for each reference, but for its `vars`, `targets` and `include`."""
        if not isinstance(root, Table):
            return root
        entries = [
            one
            if one.key in (TARGETS, INCLUDE, VARS)
            else Entry(one.key, one.mark, self._node(one.value, (one.key,)))
            for one in root.entries
        ]
        return table(entries, root.mark)

    def _node(self, node: Node, path: KeyPath) -> Node:
        if isinstance(node, Table):
            inner = [
                Entry(one.key, one.mark, self._node(one.value, (*path, one.key))) for one in node.entries
            ]
            return table(inner, node.mark)
        if isinstance(node, Listing):
            return listing([self._node(one, (*path, i)) for i, one in enumerate(node.items)], node.mark)
        return self._scalar(node, path)

    def _scalar(self, node: Scalar, path: KeyPath) -> Scalar:
        if not isinstance(node.value, str) or "${" not in node.value:
            return node
        self._key = dotted(path)
        try:
            return replace(node, value=self._in_place(self._value(node.value, ())), written=node.value)
        except UnknownReferenceError as error:
            self.findings.append(Finding(node.mark, path, str(error)))
            return node

    def _in_place(self, value: JsonScalar) -> JsonScalar:
        """A value whose secrets are where they are asked for: of an address only the password is."""
        if self._key in ADDRESSES and SECRET.search(str(value)) and not PASSWORD.fullmatch(str(value)):
            raise UnknownReferenceError(ONLY_THERE)
        return value

    def _value(self, text: str, within: tuple[str, ...]) -> JsonScalar:
        whole = REFERENCE.fullmatch(text)
        if whole and whole[0] != "$${":
            return self._referred(whole, within)
        found = REFERENCE.sub(lambda one: self._part(one, within), text)
        if len(found) > LONGEST:
            raise UnknownReferenceError(f"the references make more than {LONGEST:,} characters")
        return found

    def _part(self, match: re.Match[str], within: tuple[str, ...]) -> str:
        if match[0] == "$${":
            if match.string.startswith("secret:", match.end()) and self._key.startswith(SECRETIVE):
                raise UnknownReferenceError("the characters ${secret: cannot stand where secrets may")
            return "${"
        value = self._referred(match, within)
        if value is None or isinstance(value, bool):
            raise UnknownReferenceError(f"{match[0]} is {shown(value)}, which is no part of a text")
        return str(value)

    def _referred(self, match: re.Match[str], within: tuple[str, ...]) -> JsonScalar:
        kind, colon, name = match[1].partition(":")
        if not (match[0].endswith("}") and colon and name) or kind not in KINDS:
            hint = suggestion(kind, KINDS) if colon and kind not in KINDS else FORMS
            raise UnknownReferenceError(f"'{match[0]}' is no reference; {hint}")
        if kind == "secret":
            return self._standing(name)
        return self._of_environment(name) if kind == "env" else self._of_vars(name, within)

    def _standing(self, name: str) -> str:
        """The reference itself: the value is asked for where it is used, and stands nowhere before."""
        if not self._key.startswith(SECRETIVE):
            raise UnknownReferenceError(NO_SECRETS)
        plugin = keeper(name)
        wrong = self._unlisted(plugin) if plugin else missing(name, self.environment)
        if wrong:
            raise UnknownReferenceError(wrong)
        return f"${{secret:{name}}}"

    def _unlisted(self, plugin: str) -> str:
        """Why a plugin gives no secrets here, as a sentence; empty where it does."""
        if plugin not in self.plugins:
            return f"the plugin '{plugin}' is not listed; write plugins: [{plugin}]"
        return "" if listed("secrets", [plugin]) else f"the plugin '{plugin}' keeps no secrets"

    def _of_environment(self, name: str) -> JsonScalar:
        if name not in self.environment:
            raise UnknownReferenceError(f"the environment has no variable {name}; set it, or use a var")
        try:
            return core_value(self.environment[name])
        except ValueError as error:
            raise UnknownReferenceError(f"the environment's {name}: {error}") from error

    def _of_vars(self, name: str, within: tuple[str, ...]) -> JsonScalar:
        if name in self.given:
            return self.given[name]
        if name not in self.written:
            hint = suggestion(name, self.written) or "the file has no vars"
            raise UnknownReferenceError(f"no such var '{name}'; {hint}")
        if name in within:
            raise UnknownReferenceError(f"the var '{name}' is made of itself")
        value = self.written[name].value
        return self._value(value, (*within, name)) if isinstance(value, str) else value


def _listed(root: Node) -> tuple[str, ...]:
    line = entry(root, PLUGINS)
    items = line.value.items if line and isinstance(line.value, Listing) else ()
    return tuple(str(one.value) for one in items if isinstance(one, Scalar))


def shown(value: JsonScalar) -> str:
    """A value as the file would have it."""
    return (
        {None: "null", True: "true", False: "false"}[value]
        if value is None or isinstance(value, bool)
        else str(value)
    )
