"""The typed values of a pipeline file, with what is wrong with one said in plain words."""

# Annotations are read at run time here, so they are not postponed.
import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from normflow.errors import suggestion
from normflow.spec import SIZE, TYPE_NAMES, Limit, Option, as_size, bytes_of

FAULTS = "faults"
SHOWN = 40
LEAST_MEMORY = 1 << 27  # what the libraries take before a row is read
LAST = re.compile(r"last ([1-9]\d*) partitions?", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a value: the path below it, a sentence, and whether the key itself is wrong."""

    path: tuple[str | int, ...]
    what: str
    of_key: bool = False


def faults(found: list[Fault]) -> PydanticCustomError:
    """Several things wrong with a value."""
    return PydanticCustomError(FAULTS, "see the faults", {FAULTS: found})


def fault(what: str) -> PydanticCustomError:
    """The one thing wrong with a value."""
    return faults([Fault((), what)])


def shown(value: object) -> str:
    """A value for a message: `text 'abc'`, `number 5`, `true`, `nothing`, `a list`."""
    if isinstance(value, str):
        return f"text {value!r}" if len(value) <= SHOWN else f"text {value[:SHOWN]!r}…"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"number {value!r}"
    if value is None:
        return "nothing"
    return "a mapping" if isinstance(value, dict) else "a list"


def is_number(value: object) -> bool:
    """Whether a value is a finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(frozen=True, slots=True)
class NotNull:
    """Marks a field that may be absent but not null: null never means unset."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Refuse null, then validate."""
        return core_schema.no_info_before_validator_function(_given, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """What may be written, which leaves null out."""
        whole = handler(schema)
        forms = [one for one in whole.get("anyOf", ()) if one != {"type": "null"}]
        return forms[0] if len(forms) == 1 else {**whole, "anyOf": forms}


def _given(value: object) -> object:
    if value is None:
        raise fault("expected a value, got nothing; write one or remove the key")
    return value


def one_text(value: str) -> str:
    """Text in one line; anything else is a fault."""
    if not value.strip():
        raise fault("expected text, got empty text")
    if CONTROL.search(value):
        raise fault("expected text in one line, without control characters")
    return value


def _version(value: int) -> int:
    if value != 1:
        raise fault(f"this normflow reads version 1, got {value}; a newer normflow may read it")
    return value


def _name(value: str) -> str:
    if "@" in one_text(value):
        raise fault("a name holds no '@', which separates it from 'latest'")
    return value


def _dtype(value: str) -> str:
    if value not in TYPE_NAMES:
        hint = suggestion(value, TYPE_NAMES) or "known are families such as number and types such as Int64"
        raise fault(f"no such type '{value}'; {hint}")
    return value


def _end(value: object) -> float | None:
    if value is not None and not is_number(value):
        raise fault(f"expected a finite number, or null for an open end, got {shown(value)}")
    return value  # type: ignore[return-value]  # is_number has looked


def _ordered(ends: list[float | None]) -> list[float | None]:
    if len(ends) != 2:  # noqa: PLR2004  (an interval has two ends)
        raise fault(f"expected two ends [lower, upper], got {len(ends)}")
    lo, hi = ends
    if lo is not None and hi is not None and lo > hi:
        raise fault(f"the lower end {lo} is above the upper end {hi}; write [lower, upper]")
    return ends


def _by_share(found: dict[str, list[float | None]]) -> list[tuple[float, tuple[float | None, ...]]]:
    """Intervals by the shares that their keys say."""
    shares, wrong = dict[float, tuple[float | None, ...]](), list[Fault]()
    for key, ends in found.items():
        try:
            share = Limit.parse(key).share
        except ValueError:
            share = None
        if share is None or share in shares:
            what = "is there twice" if share in shares else "is no share such as 50%"
            wrong.append(Fault((key,), f"{key} {what}", of_key=True))
        else:
            shares[share] = tuple(ends)
    if wrong:
        raise faults(wrong)
    return list(shares.items())


def _limit(value: object) -> Limit:
    try:
        return Limit.parse(value)
    except ValueError as error:
        raise fault(f"{error}, got {shown(value)}") from error


def _size(value: object) -> int:
    try:
        found = bytes_of(value)
    except ValueError as error:
        raise fault(f"{error}, got {shown(value)}") from error
    if found < LEAST_MEMORY:
        raise fault(f"a run needs at least {as_size(LEAST_MEMORY)}, got {shown(value)}")
    return found


def _window(value: object) -> int:
    match = LAST.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise fault(f"expected text such as 'last 30 partitions', got {shown(value)}")
    return int(match[1])


def _share(value: object) -> float:
    try:
        found = Limit.parse(value).share if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found == 1.0:
        raise fault(f"expected a share below 100% such as 5%, got {shown(value)}")
    return found


def _scalar(value: object) -> str | float:
    if isinstance(value, str | bool) or is_number(value):
        return value  # type: ignore[return-value]  # is_number has looked
    raise fault(f"expected text, a finite number, true or false, got {shown(value)}")


def one_option(value: object) -> Option:
    """A value, or a list of values; anything else is a fault."""
    if isinstance(value, list):
        return tuple(one_option(one) for one in value)
    if value is None or isinstance(value, str | bool) or is_number(value):
        return value  # type: ignore[return-value]  # is_number has looked
    raise fault(f"expected a value or a list of values, got {shown(value)}")


T = TypeVar("T")
SCALAR = ["string", "number", "boolean"]
SHARE = r"^\d+(\.\d+)?\s*%$"

Written = Annotated[T | None, NotNull()]
Text = Annotated[str, AfterValidator(one_text), Field(min_length=1)]
VersionOne = Annotated[int, AfterValidator(_version), WithJsonSchema({"const": 1})]
Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": "^[^@]+$"})]
DTypeName = Annotated[str, AfterValidator(_dtype), WithJsonSchema({"enum": list(TYPE_NAMES)})]
END: JsonSchemaValue = {"type": ["number", "null"]}
End = Annotated[float | None, PlainValidator(_end)]
Interval = Annotated[
    list[End],
    AfterValidator(_ordered),
    WithJsonSchema({"type": "array", "items": END, "minItems": 2, "maxItems": 2}),
]
Rows = Annotated[
    Limit,
    PlainValidator(_limit),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": SHARE}]}),
]
Quantiles = Annotated[dict[str, Interval], AfterValidator(_by_share), Field(min_length=1)]
Share = Annotated[float, PlainValidator(_share), WithJsonSchema({"type": "string", "pattern": SHARE})]
Size = Annotated[
    int,
    PlainValidator(_size),
    WithJsonSchema({"type": "string", "pattern": SIZE.pattern, "examples": ["2GiB"]}),
]
Window = Annotated[
    int, PlainValidator(_window), WithJsonSchema({"type": "string", "pattern": f"^{LAST.pattern}$"})
]
Scalar = Annotated[str | float, PlainValidator(_scalar), WithJsonSchema({"type": SCALAR})]
Scalars = Annotated[list[Scalar], Field(min_length=1)]
OptionValue = Annotated[Any, PlainValidator(one_option), WithJsonSchema({"type": [*SCALAR, "null", "array"]})]
