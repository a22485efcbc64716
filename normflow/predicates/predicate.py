"""From a predicate's text to an expression that looks at one row only, tried out before a row is read."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.datatypes import IntegerType

from normflow.errors import ConfigError, EmptySourceError, SchemaError, suggestion
from normflow.predicates.functions import check_words
from normflow.predicates.tokens import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from polars._typing import PolarsDataType

LONGEST = 10_000  # characters; some ten times as many would overflow the parser's stack
SHOWN = 100
# The nodes of an expression that look at one row, and where each holds its parts.
NODES: Mapping[str, tuple[str, ...]] = {
    "Column": (),
    "Literal": (),
    "Selector": (),
    "BinaryExpr": ("left", "right"),
    "Cast": ("expr",),
    "Function": ("input",),
    "Ternary": ("predicate", "truthy", "falsy"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predicate:
    """A question to each row: its text, where it was written, the columns it reads, and its expression.

    The expression is true, false or null for a row; null is no match.
    """

    text: str
    place: str
    columns: tuple[str, ...]
    expr: pl.Expr

    def unmatched(self) -> EmptySourceError:
        """The error to raise where no row matches."""
        return EmptySourceError(
            f"no row matches {_brief(self.text)}, and only rows that match teach the parameters",
            where=self.place,
            hint="check it against the source, and the contract's ranges",
        )


def predicate(text: str, schema: Mapping[str, PolarsDataType], *, place: str = "where") -> Predicate:
    """Read a row-wise SQL predicate such as `month <= 9 AND origin IN ('EWR', 'JFK')`.

    Column names are exact; in double quotes they may hold anything, and are never patterns. Only functions
    of `FUNCTIONS` are called; aggregates, windows, subqueries, the clock and randomness are refused, and so
    is what fails on made-up rows of awkward values, such as a CAST that not every value takes. No row is
    read. `place` says where the text was written.

    Raises:
        ConfigError: it is no predicate, or none of that kind.
        SchemaError: it names a column that is not there.
    """
    try:
        return _predicate(text, schema, place)
    except ConfigError as error:
        raise type(error)(error.what, where=place, hint=error.hint) from error.__cause__


def _predicate(text: str, schema: Mapping[str, PolarsDataType], place: str) -> Predicate:
    if not isinstance(text, str):
        raise ConfigError(f"SQL text is asked for, not {_brief(repr(text))}", hint='such as "month <= 9"')
    if len(text) > LONGEST:
        raise ConfigError(
            f"it has {len(text):,} characters, and {LONGEST:,} are read",
            hint="make it a column of the source",
        )
    words = tuple(tokens(text))
    check_words(words)
    expr = _parsed(_without_patterns(text, words))
    _check_nodes(expr)
    hostile = [word.value for word in words if _reads_as_pattern(word)]
    columns = tuple(dict.fromkeys([*expr.meta.root_names(), *hostile]))
    _check_columns(columns, words, schema)
    _rehearse(expr, {name: schema[name] for name in columns})
    return Predicate(text=text, place=place, columns=columns, expr=expr)


def _without_patterns(text: str, words: Sequence[Token]) -> str:
    """The text with each name that Polars would read as a pattern as a pattern for exactly that name."""
    for word in reversed(words):
        if _reads_as_pattern(word):
            exact = "'^" + re.escape(word.value).replace("'", "''") + "$'"
            text = f"{text[: word.start]}COLUMNS({exact}){text[word.start + len(word.text) :]}"
    return text


def _reads_as_pattern(word: Token) -> bool:
    name = word.value
    return word.kind == "name" and (name == "*" or (name.startswith("^") and name.endswith("$")))


def _parsed(sql: str) -> pl.Expr:
    try:
        return pl.sql_expr(sql)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ConfigError(
            f"it cannot be read as SQL: {_brief(str(error))}",
            hint="such as: month <= 9 AND origin = 'EWR'; a name that SQL knows stands in double quotes",
        ) from error


def _check_nodes(expr: pl.Expr) -> None:
    """See that the parser understood what the words seemed to say: nothing but values of one row."""
    try:
        # Only looked at, never stored: the form may change with Polars, and then the tests say so.
        tree = json.loads(expr.meta.serialize(format="json"))
    except RecursionError:
        raise ConfigError("it has too many parts", hint="write many values as: origin IN (…)") from None
    for kind in _kinds(tree):
        if kind == "Alias":
            raise ConfigError("it goes on behind its end", hint="join conditions with AND or OR")
        if kind not in NODES:
            raise ConfigError(f"'{kind}' is more than a question to one row", hint="compare a row's values")


def _kinds(tree: Any) -> Iterator[str]:
    """The kinds of all nodes of an expression, up to the first that has no known parts."""
    left = [tree]
    while left:
        ((kind, content),) = left.pop().items()
        yield kind
        for part in NODES.get(kind, ()):
            inner = content[part]
            left.extend(inner if isinstance(inner, list) else [inner])


def _check_columns(
    columns: Sequence[str], words: Sequence[Token], schema: Mapping[str, PolarsDataType]
) -> None:
    quoted = {word.value for word in words if word.kind == "name"}
    for name in columns:
        if name not in schema:
            as_text = f"text stands in single quotes: '{name}'" if name in quoted else ""
            close = suggestion(name, schema)
            hint = close if close.startswith("did you mean") else as_text or close
            raise SchemaError(f"there is no column '{name}'", hint=hint)


def _rehearse(expr: pl.Expr, schema: Mapping[str, PolarsDataType]) -> None:
    """Ask the question to made-up rows of awkward values: it must answer yes, no or null to each."""
    rows = pl.DataFrame([_awkward(name, dtype) for name, dtype in schema.items()])
    try:
        (answer,) = rows.select(expr).get_columns()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ConfigError(
            f"it could fail on a row: {_brief(str(error))}",
            hint="compare values of one type; TRY_CAST gives null where CAST fails, and DATE '…' is a date",
        ) from error
    if answer.dtype != pl.Boolean:
        raise ConfigError(f"it gives {answer.dtype}, not true or false", hint="compare it, as in: month <= 9")


def _awkward(name: str, dtype: PolarsDataType) -> pl.Series:
    values: list[object] = [None] * 4
    if dtype == pl.String:
        values = ["", "?", "-1", None]
    elif dtype == pl.Boolean:
        values = [False, True, True, None]
    elif dtype.is_float():
        values = [-math.inf, 0.0, math.nan, None]
    elif isinstance(dtype, IntegerType):
        lowest, highest = pl.select(lowest=dtype.min(), highest=dtype.max()).row(0)
        values = [lowest, 0, highest, None]
    elif dtype.is_temporal() or dtype.is_decimal():
        return pl.Series(name, [0, 0, 0, None], dtype=pl.Int64).cast(dtype)
    return pl.Series(name, values, dtype=dtype)


def _brief(text: str) -> str:
    """The first line, and not too much of it."""
    line = next(iter(text.strip().splitlines()), "")
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"
