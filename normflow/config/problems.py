"""What pydantic found, in plain words and at its place in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from normflow.config.document import Finding
from normflow.config.nodes import locate
from normflow.config.values import FAULTS, shown
from normflow.errors import suggestion
from normflow.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from normflow.config.nodes import KeyPath, Node
    from normflow.config.values import Fault

SENTENCES = {
    "missing": "this key is required",
    "string_type": "expected text, got {got}",
    "int_type": "expected a whole number, got {got}",
    "bool_type": "expected true or false, got {got}",
    "list_type": "expected a list, got {got}",
    "dict_type": "expected a mapping, got {got}",
    "model_type": "expected a mapping, got {got}",
    "too_short": "expected at least one value, got an empty list",
    "greater_than_equal": "expected at least {ge:,}, got {got}",
    "less_than_equal": "expected at most {le:,}, got {got}",
}
MOST = 1_000  # problems that are looked into; nobody mends more at once
YES_NO_WORDS = ("yes", "no", "on", "off", "y", "n")
YES_NO = ", which YAML 1.2 reads as text"


def findings(error: ValidationError, root: Node, model: type[BaseModel]) -> Iterator[Finding]:
    """Each thing wrong with the file's values, at the value, or at the key where the key is wrong."""
    for detail in error.errors(include_url=False)[:MOST]:
        path = detail["loc"]
        found = locate(root, path)
        if detail["type"] == FAULTS:
            yield from (_at_fault(root, path, fault) for fault in detail["ctx"][FAULTS])
        elif detail["type"] == "missing" and (typed := _mistyped(detail, model)):
            key = locate(root, (*path[:-1], typed))
            if _takes_more(model, path[:-1]):  # else the key is told as one that is forbidden
                yield Finding(key.key, key.path, f"unknown key; did you mean '{path[-1]}'?")
        elif detail["type"] == "extra_forbidden":
            known = _keys_at(model, path[:-1])
            free = "" if len(path) > 1 or nearest(str(path[-1]), known) else "; free text goes under meta"
            yield Finding(found.key, found.path, f"unknown key; {suggestion(str(path[-1]), known)}{free}")
        else:
            yield Finding(found.value.mark, found.path, _sentence(detail))


def _mistyped(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """The key that stands for the missing one with a slip of the hand; empty where none does."""
    *above, missing = detail["loc"]
    known = _keys_at(model, tuple(above))
    written = detail["input"] if isinstance(detail["input"], dict) else {}
    unknown = (str(one) for one in written if one not in known)
    return next((one for one in unknown if nearest(one, known) == missing), "")


def _at_fault(root: Node, path: KeyPath, fault: Fault) -> Finding:
    found = locate(root, (*path, *fault.path))
    return Finding(found.key if fault.of_key else found.value.mark, found.path, fault.what)


def _sentence(detail: ErrorDetails) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "literal_error":
        return _choice(str(detail["loc"][-1]), value, re.findall(r"'(\w+)'", context["expected"]))
    if kind not in SENTENCES:
        return detail["msg"]
    words = SENTENCES[kind].format(got=shown(value), **context)
    return words + YES_NO if kind == "bool_type" and str(value).lower() in YES_NO_WORDS else words


def _choice(key: str, value: object, known: list[str]) -> str:
    if isinstance(value, str):
        return f"no such {key} '{value}'; {suggestion(value, known)}"
    return f"expected {' or '.join(known)}, got {shown(value)}"


def _keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that the section at a path may hold."""
    return list(_section_at(model, path).model_fields)


def _takes_more(model: type[BaseModel], path: KeyPath) -> bool:
    return _section_at(model, path).model_config.get("extra") == "allow"


def _section_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel]:
    found: Any = model
    for step in path:
        found = found.model_fields[step].annotation if _is_section(found) else get_args(found)[-1]
        while get_origin(found) in (Annotated, Union):  # a section that may be absent is one of two
            found = get_args(found)[0]
    return found  # type: ignore[no-any-return]  # errors lie in sections


def _is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
