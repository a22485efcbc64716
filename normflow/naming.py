"""Column names as what they are: never a pattern in an expression, never code in SQL."""

from __future__ import annotations

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


def member(name: str, index: int) -> str:
    """The name of one dimension of an array column: `embedding[3]`."""
    return f"{name}[{index}]"
