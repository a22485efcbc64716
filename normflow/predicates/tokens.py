"""The words of a predicate, read strictly: what this reader does not know, Polars never sees.

Strings, names, numbers, words and signs; no comments, no statements, no escapes. So nothing can hide from the
reader in a place where the parser behind it would look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<unread>--|/\*|;)
      | (?P<string>'(?:[^']|'')*')
      | (?P<name>"(?:[^"]|"")*")
      | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<word>[^\W\d]\w*(?![\w']))
      | (?P<sign>\|\||!~\*|!~|~\*|~|::|<=>|<=|>=|<>|!=|==|\^@|//|[-+*/%<>=(),&|])
    """,
    re.VERBOSE,
)
UNREAD = {
    "--": ("it holds a comment", "remove it"),
    "/*": ("it holds a comment", "remove it"),
    ";": ("it holds more than one statement", "remove the ';'"),
    "'": ("a text is never closed", "end it with '"),
    '"': ("a name is never closed", 'end it with "'),
    ".": ("'.' means nothing here", 'quote a name that holds a dot, as in "a.b"'),
    "`": ("'`' means nothing here", 'quote names with ", as in "wind speed"'),
    "[": ("'[' means nothing here", "take a list's first item with ARRAY_GET(items, 1)"),
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a predicate, where it starts, and what kind of word it is.

    `kind` is string, name (in double quotes), number, word or sign.
    """

    kind: str
    text: str
    start: int

    @property
    def value(self) -> str:
        """The text without its quotes."""
        quote = self.text[0]
        if self.kind in ("name", "string"):
            return self.text[1:-1].replace(quote * 2, quote)
        return self.text


def tokens(text: str) -> Iterator[Token]:
    """The words of a predicate, in order.

    Raises:
        ConfigError: it holds a comment, a second statement, or what is no word of a predicate.
    """
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None or found.lastgroup == "unread":
            raise _unread(text[at:])
        if found.lastgroup != "space":
            yield Token(str(found.lastgroup), found[0], at)
        at = found.end()


def _unread(rest: str) -> ConfigError:
    for start, (what, hint) in UNREAD.items():
        if rest.startswith(start):
            return ConfigError(what, hint=hint)
    piece = re.match(r"[\w.]+'?|.", rest, re.DOTALL)
    written = piece[0] if piece else rest
    if written[0].isdigit():
        return ConfigError(f"'{written}' is no number", hint="write it as 1000, 0.5 or 1e3")
    if written.endswith("'"):
        return ConfigError(f"{written} means nothing here", hint="put a space before the text, or a comma")
    return ConfigError(f"'{written}' means nothing here", hint='quote a name that holds it, as in "a$b"')
