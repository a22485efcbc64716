"""Values as YAML text that this project, and any other reader of YAML, reads back as the same values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from normflow.config.scalars import core_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from normflow.spec import JsonScalar

WORDS = re.compile(r"(?:\.\.?/)*[^\W\d][\w./-]*(?: [\w./-]+)*")
OLD_WORDS = {"y", "n", "yes", "no", "on", "off"}
"""What YAML 1.1, and so many an editor, takes for truth values."""
LONGEST_KEY = 1000
"""Characters of a key on one line; YAML's own limit is 1024."""


def scalar(value: JsonScalar) -> str:
    """A value on one line; text stays plain where nobody can take it for anything else."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if not isinstance(value, str):
        return repr(value).replace("inf", ".inf").replace("nan", ".nan")
    plain = value.isprintable() and WORDS.fullmatch(value) and value.lower() not in OLD_WORDS
    return value if plain and core_value(value) == value else quoted(value)


def quoted(text: str) -> str:
    """Text in double quotes, with an escape for each character that shows nothing."""
    return "".join(
        one if one.isprintable() else _escaped(one) for one in json.dumps(text, ensure_ascii=False)
    )


def flow(value: JsonScalar | Sequence[JsonScalar]) -> str:
    """A value of a pipeline file, or a list, on one line: `[0, null]`; no text becomes a reference."""
    if isinstance(value, str):
        return scalar(value.replace("${", "$${"))
    if value is None or isinstance(value, int | float):
        return scalar(value)
    return f"[{', '.join(flow(one) for one in value)}]"


def mapping(values: Mapping[str, JsonScalar | Sequence[JsonScalar]]) -> str:
    """A mapping on one line: `{dtype: float, range: [0, null]}`."""
    return "{" + ", ".join(f"{scalar(key)}: {flow(one)}" for key, one in values.items()) + "}"


def entry(key: str, value: str, indent: str = "") -> str:
    """A key with its written value; one that is too long for a line of its own gets two."""
    written = scalar(key)
    if len(written) > LONGEST_KEY:
        return f"{indent}? {written}\n{indent}: {value}"
    return f"{indent}{written}: {value}"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 (what four digits hold)
