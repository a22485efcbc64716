"""The JSON text of a stored fit: read as text that anybody may have written."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn, get_args

from normflow.errors import FormatError, suggestion
from normflow.spec.policies import FloatType, Nonfinite, Outside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TEXT, WHOLE, NUMBER, NONE = (
    frozenset({str}),
    frozenset({int}),
    frozenset({int, float}),
    frozenset({type(None)}),
)
LIST, OBJECT, BOOLEAN = frozenset({list}), frozenset({dict}), frozenset({bool})
COUNTED = WHOLE | NONE
SPOKEN = {
    str: "text",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
    bool: "true or false",
    type(None): "null",
}
FIT = {
    "columns": LIST,
    "rows": WHOLE,
    "goal": TEXT,
    "where": TEXT | NONE,
    "row_wise": LIST,
    "groups": OBJECT | NONE,
}
COLUMN = {
    "column": TEXT,
    "output": TEXT,
    "index": WHOLE | NONE,
    "method": TEXT,
    "options": OBJECT,
    "version": WHOLE,
    "transform": OBJECT,
    "treatment": OBJECT,
    "missing": NUMBER,
    "before": OBJECT,
    "after": OBJECT,
    "choice": OBJECT | NONE,
}
TREATMENT = {"low": NUMBER | NONE, "high": NUMBER | NONE, "indicator": BOOLEAN}
CHOICE = {
    **dict.fromkeys(("method", "goal", "rule", "reason"), TEXT),
    **dict.fromkeys(("path", "candidates", "notices"), LIST),
    **dict.fromkeys(("before", "kept", "stability"), OBJECT | NONE),
    "options": OBJECT,
    "runner_up": TEXT | NONE,
    "margin": NUMBER | NONE,
}
SCORES = dict.fromkeys(("normality", "skew", "kurtosis", "pearson"), NUMBER | NONE)
CANDIDATE = {**SCORES, "method": TEXT, "options": OBJECT, "formula": TEXT | NONE, "refusal": TEXT | NONE}
PARTS: dict[str, dict[str, frozenset[type]]] = {
    "candidates": CANDIDATE,
    "path": {"rule": TEXT, "held": BOOLEAN, "seen": OBJECT},
    "notices": {"id": TEXT, "text": TEXT},
}
STABILITY = {"partitions": WHOLE, "agree": WHOLE, "others": OBJECT}
ROW_WISE = {"columns": LIST, "outputs": LIST, "method": TEXT, "options": OBJECT, "version": WHOLE}
WORDS = {"nonfinite": get_args(Nonfinite), "outside": get_args(Outside), "dtype": get_args(FloatType)}
LARGEST = 2**63 - 1


def document_of(text: str, known: int) -> dict[str, Any]:
    """The document of a stored fit of the format `known`, each part of its type.

    Raises:
        FormatError: the text is no fit, was written by another format, or holds a part of another type.
    """
    try:
        document = json.loads(text, parse_constant=_no_number)
        # half of a character, written raw or as \ud800, could be neither shown nor hashed
        (json.dumps(document, ensure_ascii=False) if "\\u" in text else text).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise FormatError(f"this is no stored fit: {error}", hint="write it with Fit.to_json()") from error
    if not isinstance(document, dict) or "format" not in document:
        raise FormatError("this is no stored fit: it has no format", hint="write it with Fit.to_json()")
    if document["format"] != known:
        raise FormatError(
            f"the fit has format {document['format']}, this version reads {known}", hint="upgrade normflow"
        )
    _require(document, FIT, "the fit")
    for i, one in enumerate(document["columns"]):
        _require_column(one, f"columns[{i}]")
    _require_places(document["columns"])
    for i, one in enumerate(document["row_wise"]):
        _require(one, ROW_WISE, f"row_wise[{i}]")
        _require_word(one, "dtype", f"row_wise[{i}]")
        names = [*one["columns"], *one["outputs"]]
        if not (names and len(one["columns"]) == len(one["outputs"]) and all(type(x) is str for x in names)):
            raise FormatError("columns and outputs are two lists of as many names", where=f"row_wise[{i}]")
    return document


def _require_column(one: object, where: str) -> None:
    _require(one, COLUMN, where)
    if one["choice"] is not None:  # type: ignore[index]  # an object, as was just seen
        _require_choice(one["choice"], f"{where}.choice")  # type: ignore[index]
    treatment = one["treatment"]  # type: ignore[index]
    _require(treatment, TREATMENT, f"{where}.treatment")
    for name in WORDS:
        _require_word(treatment, name, f"{where}.treatment")


def _require_places(columns: Sequence[Mapping[str, Any]]) -> None:
    """See that each output is a number of one column, or an array of all its places."""
    found: dict[str, list[tuple[str, int | None]]] = {}
    for one in columns:
        found.setdefault(one["output"], []).append((one["column"], one["index"]))
    for output, members in found.items():
        column = members[0][0]
        if members not in ([(column, None)], [(column, place) for place, _ in enumerate(members)]):
            raise FormatError(f"the stored fit writes column '{output}' twice, or lacks places of it")


def _require_choice(choice: Mapping[str, Any], where: str) -> None:
    _require(choice, CHOICE, where)
    for name, kinds in PARTS.items():
        for i, one in enumerate(choice[name]):
            _require(one, kinds, f"{where}.{name}[{i}]")
    for name, parts in (("before", SCORES), ("stability", STABILITY)):
        if choice[name] is not None:
            _require(choice[name], parts, f"{where}.{name}")
    if choice["stability"] is not None and choice["stability"]["partitions"] == 0:
        raise FormatError("there is no stability over no partitions", where=f"{where}.stability")


def _require(document: object, kinds: Mapping[str, frozenset[type]], where: str) -> None:
    """See that an object has these parts, each of its type, and that no number leaves float64 or int64."""
    if not isinstance(document, dict):
        raise FormatError(f"{document!r} is no object", where=where)
    for name, kind in kinds.items():
        if name not in document:
            raise FormatError(f"the stored fit is incomplete: it lacks '{name}'", where=where)
        value = document[name]
        if type(value) not in kind:
            asked = " or ".join(
                SPOKEN[one] for one in (str, int, float, bool, list, dict, type(None)) if one in kind
            )
            raise FormatError(f"'{name}' is {asked}, not {value!r}", where=where)
        if type(value) is int and not (0 if kind <= COUNTED else -LARGEST) <= value <= LARGEST:
            raise FormatError(f"'{name}' is a whole number out of its range", where=where)
        if type(value) is float and not math.isfinite(value):
            raise FormatError(f"'{name}' cannot be {value}", where=where)


def _require_word(document: Mapping[str, Any], name: str, where: str) -> None:
    value = document.get(name)
    if not isinstance(value, str) or value not in WORDS[name]:
        raise FormatError(
            f"'{name}' cannot be {value!r}", where=where, hint=suggestion(str(value), WORDS[name])
        )


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
