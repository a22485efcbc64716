"""Names as what they are: no pattern in an expression, no code in SQL, no password in a message."""

from __future__ import annotations

import re

import polars as pl
import polars.selectors as cs


def column(name: str) -> pl.Expr:
    """The column of exactly this name.

    `pl.col` reads `*` and `^…$` as patterns; such names go through a selector instead, which does not.
    """
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        return cs.by_name(name).as_expr()
    return pl.col(name)


def quoted(identifier: str) -> str:
    """An SQL identifier in double quotes, with quotes inside doubled."""
    return '"' + identifier.replace('"', '""') + '"'


def dotted(table: str) -> str:
    """A table as SQL names it: `schema.name` with each of its parts quoted."""
    return ".".join(map(quoted, table.split(".")))


def without_secrets(address: str) -> str:
    """An address as a message may show it: without user, password and what comes after `?` or `#`."""
    if "://" not in address:
        return address
    return re.sub(r"[?#].*", "…", re.sub(r"://.*@", "://…@", address, flags=re.DOTALL), flags=re.DOTALL)


def member(name: str, index: int) -> str:
    """The name of one dimension of an array column: `embedding[3]`."""
    return f"{name}[{index}]"
