"""Every setting of a pipeline file: its value, and where that came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from normflow.config.layers import INCLUDE, TARGETS, VARS
from normflow.config.nodes import Listing, Scalar, Table, dotted
from normflow.config.references import SECRETIVE
from normflow.spec import Server
from normflow.spec.secrets import masked
from normflow.spec.server import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.config.file import Resolved
    from normflow.config.nodes import KeyPath, Mark, Node

DEFAULT, GIVEN = "default", "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key such as `sink.path`.

    Args:
        key: the path of the key.
        value: its value, references resolved; a list as a list.
        source: `file:line:column`, `default`, or `given` for a var of the command line or the caller.
        written: the text with references that the value stands for; empty where it has none.
    """

    key: str
    value: Any
    source: str
    written: str = ""


def settings(resolved: Resolved) -> list[Setting]:
    """All that a pipeline file says, and what it leaves to the defaults, in the order of the sections."""
    written = [_given(resolved, one) for one in _written(resolved, resolved.root, ())]
    known = {one.key for one in written}
    order = list(type(resolved.model).model_fields)
    found = [*written, *_defaults(resolved.model, (), known)]
    return sorted(found, key=lambda one: order.index(one.key.partition(".")[0].partition("[")[0]))


def _given(resolved: Resolved, one: Setting) -> Setting:
    """A var with the value that the caller gave."""
    name = one.key.removeprefix(f"{VARS}.")
    if not one.key.startswith(f"{VARS}.") or name not in resolved.given:
        return one
    return Setting(key=one.key, value=resolved.given[name], source=GIVEN)


def _sections(sections: dict[str, BaseModel], path: KeyPath) -> Iterator[Setting]:
    """The keys that a default made of sections has."""
    for name, section in sections.items():
        for key in sorted(section.model_fields_set):
            yield Setting(key=dotted((*path, name, key)), value=getattr(section, key), source=DEFAULT)


def _written(resolved: Resolved, node: Node, path: KeyPath) -> Iterator[Setting]:
    if isinstance(node, Table) and node.entries:
        for one in node.entries:
            if path or one.key not in (INCLUDE, TARGETS):
                yield from _written(resolved, one.value, (*path, one.key))
        return
    key, value = dotted(path), node.plain()
    yield Setting(
        key=key,
        value=_masked(value) if key.startswith(SECRETIVE) else value,
        source=_place(resolved, node.mark),
        written=_text(node),
    )


def _masked(value: Any) -> Any:
    """A value as it may be shown: without what stands for a secret, or is one in the address of a server."""
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if isinstance(value, str) and value.startswith(SCHEMES):
        value = str(Server.of(value))
    return masked(value) if isinstance(value, str) else value


def _text(node: Node) -> str:
    """What was written where references were resolved."""
    if isinstance(node, Scalar):
        return node.written
    items = node.items if isinstance(node, Listing) else ()
    return ", ".join(one.written for one in items if isinstance(one, Scalar) and one.written)


def _place(resolved: Resolved, mark: Mark) -> str:
    return f"{mark.file or resolved.file}:{mark.line}:{mark.column}"


def _defaults(section: BaseModel, path: KeyPath, known: set[str]) -> Iterator[Setting]:
    for name in type(section).model_fields:
        here, value = (*path, name), getattr(section, name)
        key = dotted(here)
        if key in known or (not path and name in (INCLUDE, TARGETS)):
            continue  # a short form is written as a whole
        if isinstance(value, BaseModel):
            yield from _defaults(value, here, known)
        elif isinstance(value, dict) and any(isinstance(one, BaseModel) for one in value.values()):
            if not any(one.startswith(f"{key}.") for one in known):
                yield from _sections(value, here)
        elif not any(one.startswith(f"{key}.") for one in known) and value is not None:
            plain = value if isinstance(value, str | int | float | list | dict) else str(value)
            yield Setting(key=key, value=plain, source=DEFAULT)
