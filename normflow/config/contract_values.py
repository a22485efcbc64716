"""The values of a contract that are more than one scalar: patterns, lengths, words, and checks by name."""

# Annotations are read at run time here, so they are not postponed.
import re
from typing import Annotated, Any, get_args

import polars as pl
from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from normflow.config.values import Fault, fault, faults, one_option, one_text, shown
from normflow.errors import suggestion
from normflow.spec import NamedCheck, OnFail
from normflow.spec.named import BUILTINS, PATTERNS, arguments_fault, builtin, whole
from normflow.spelling import nearest


def _regex(value: str) -> str:
    if wrong := _pattern_fault(whole(one_text(value))):
        raise fault(wrong)
    return value


def _pattern_fault(pattern: str) -> str:
    """What is wrong with a pattern; empty where Polars can read it."""
    try:
        pl.select(pl.lit("").str.contains(pattern))
    except pl.exceptions.ComputeError as error:
        return f"no pattern that can be read: {_reason(str(error))}"
    return ""


def _reason(told: str) -> str:
    """What the reader of patterns says, in one line and without the pattern."""
    found = re.search(r"^error: (.+)", told, re.MULTILINE)
    return found[1] if found else told.splitlines()[0]


def _length(value: object) -> tuple[int | None, int | None]:
    ends = value if isinstance(value, list) and len(value) == 2 else [value, value]  # noqa: PLR2004
    lo, hi = (_count(one) for one in ends)
    if (lo is None and hi is None) or [lo, hi] != ends:
        raise fault(f"expected a whole number such as 3, or two ends [lower, upper], got {shown(value)}")
    if lo is not None and hi is not None and lo > hi:
        raise fault(f"the lower end {lo} is above the upper end {hi}; write [lower, upper]")
    return lo, hi


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _on_fail(value: object) -> str:
    word = "null" if value is None else value  # in YAML, null is the word
    if word not in get_args(OnFail):
        if isinstance(word, str):
            raise fault(f"no such on_fail '{word}'; {suggestion(word, get_args(OnFail))}")
        raise fault(f"expected {' or '.join(get_args(OnFail))}, got {shown(value)}")
    return str(word)


def _named_checks(value: object) -> list[NamedCheck]:
    if not isinstance(value, list):
        raise fault(f"expected a list such as [{{greater_than: 0}}], got {shown(value)}")
    found, wrong = list[NamedCheck](), list[Fault]()
    for place, one in enumerate(value):
        check = _named_check(one)
        if isinstance(check, str):
            wrong.append(Fault((place,), check))
        elif any(known.name == check.name for known in found):
            wrong.append(Fault((place,), f"{check.name} is there twice; write it once"))
        else:
            found.append(check)
    if wrong:
        raise faults(wrong)
    return found


def _named_check(value: object) -> NamedCheck | str:
    """A check, or what is wrong with it: `name`, `{name: value}` or `{name: {argument: value}}`."""
    line = {value: {}} if isinstance(value, str) else value
    if not isinstance(line, dict) or len(line) != 1:
        return f"expected a name, or one name with its arguments, got {shown(value)}"
    ((name, given),) = line.items()
    known = builtin(name)
    if not isinstance(given, dict):
        if known is None:
            if meant := nearest(str(name), BUILTINS):
                return f"no such check '{name}'; did you mean '{meant}'?"
            return f"{name} takes its arguments by name: {{{name}: {{argument: value}}}}"
        given = {[*BUILTINS[known].required, *BUILTINS[known].optional][0]: given}
    try:
        arguments = {key: one_option(one) for key, one in given.items()}
    except PydanticCustomError:
        return f"the arguments of {name} are values or lists of values"
    wrong = arguments_fault(name, arguments) if known else ""
    if not wrong and known in PATTERNS:
        wrong = _pattern_fault(str(arguments["pattern"]))
    return wrong or NamedCheck(name=name, arguments=arguments)


Regex = Annotated[str, AfterValidator(_regex), Field(min_length=1)]
Length = Annotated[
    tuple[int | None, int | None],
    PlainValidator(_length),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {
                    "type": "array",
                    "items": {"type": ["integer", "null"], "minimum": 0},
                    "minItems": 2,
                    "maxItems": 2,
                },
            ]
        }
    ),
]
OnFailWord = Annotated[
    OnFail, PlainValidator(_on_fail), WithJsonSchema({"enum": [*get_args(OnFail), None], "default": "fail"})
]
NamedChecks = Annotated[
    list[Any],
    PlainValidator(_named_checks),
    WithJsonSchema({"type": "array", "items": {"type": ["string", "object"]}}),
]
