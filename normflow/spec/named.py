"""The checks of pandera that a pipeline file may name, and their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from normflow.errors import suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping


class Arguments(NamedTuple):
    """The arguments there must be, of which a short form gives the first, and those there may be."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


BUILTINS: Mapping[str, Arguments] = {
    "equal_to": Arguments(("value",)),
    "not_equal_to": Arguments(("value",)),
    "greater_than": Arguments(("min_value",)),
    "greater_than_or_equal_to": Arguments(("min_value",)),
    "less_than": Arguments(("max_value",)),
    "less_than_or_equal_to": Arguments(("max_value",)),
    "in_range": Arguments(("min_value", "max_value"), ("include_min", "include_max")),
    "isin": Arguments(("allowed_values",)),
    "notin": Arguments(("forbidden_values",)),
    "str_matches": Arguments(("pattern",)),
    "str_contains": Arguments(("pattern",)),
    "str_startswith": Arguments(("string",)),
    "str_endswith": Arguments(("string",)),
    "str_length": Arguments((), ("exact_value", "min_value", "max_value")),
}
ALIASES: Mapping[str, str] = {
    "eq": "equal_to",
    "ne": "not_equal_to",
    "gt": "greater_than",
    "ge": "greater_than_or_equal_to",
    "lt": "less_than",
    "le": "less_than_or_equal_to",
    "between": "in_range",
}
LISTS = ("isin", "notin")
PATTERNS = ("str_matches", "str_contains")


def builtin(name: str) -> str | None:
    """The name of a check that pandera has built in, by that name or an alias; None where it has none."""
    found = ALIASES.get(name, name)
    return found if found in BUILTINS else None


def arguments_fault(name: str, arguments: Mapping[str, object]) -> str:
    """What is wrong with the arguments of a built-in check, as a sentence; empty where nothing is."""
    known = BUILTINS[ALIASES.get(name, name)]
    missing = [one for one in known.required if one not in arguments]
    names = (*known.required, *known.optional)
    unknown = [one for one in arguments if one not in names]
    if unknown:
        return f"{name} has no argument '{unknown[0]}'; {suggestion(unknown[0], names)}"
    if missing:
        return f"{name} lacks {missing[0]}; write {{{name}: {{{missing[0]}: …}}}}"
    if not known.required and all(one is None for one in arguments.values()):
        return f"{name} needs {' or '.join(known.optional)}"
    listed = arguments.get(known.required[0]) if known.required else None
    if builtin(name) in LISTS and not isinstance(listed, tuple | list):
        return f"{name} takes a list of values"
    return ""


def whole(regex: str) -> str:
    """A pattern that matches a text as a whole."""
    return rf"\A(?:{regex})\z"
