"""The formulas as SQL text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from normflow.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.transforms.arithmetic.knots import Knots


def sql_number(value: float) -> str:
    """A DOUBLE literal with the same bits as `value`.

    It always carries an exponent: DuckDB reads `0.1` as a DECIMAL, and decimal arithmetic rounds otherwise.
    """
    digits = repr(float(value))
    literal = digits if "e" in digits else f"{digits}e0"
    return f"({literal})" if math.copysign(1.0, value) < 0 else literal


@dataclass(frozen=True, slots=True, eq=False)
class Sql:
    """SQL text of one number, to be calculated with; a comparison is SQL text too."""

    text: str

    def __eq__(self, other: object) -> Sql:  # type: ignore[override]  # as Polars' expressions do
        return Sql(f"({self.text} = {_text(other)})")  # type: ignore[arg-type]

    def __gt__(self, other: Sql | float) -> Sql:
        return Sql(f"({self.text} > {_text(other)})")

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Sql | float) -> Sql:
        return Sql(f"({self.text} + {_text(other)})")

    def __radd__(self, other: float) -> Sql:
        return Sql(f"({_text(other)} + {self.text})")

    def __sub__(self, other: Sql | float) -> Sql:
        return Sql(f"({self.text} - {_text(other)})")

    def __rsub__(self, other: float) -> Sql:
        return Sql(f"({_text(other)} - {self.text})")

    def __mul__(self, other: Sql | float) -> Sql:
        return Sql(f"({self.text} * {_text(other)})")

    def __rmul__(self, other: float) -> Sql:
        return Sql(f"({_text(other)} * {self.text})")

    def __truediv__(self, other: Sql | float) -> Sql:
        return Sql(f"({self.text} / {_text(other)})")

    def __rtruediv__(self, other: float) -> Sql:
        return Sql(f"({_text(other)} / {self.text})")

    def __neg__(self) -> Sql:
        return Sql(f"(-{self.text})")


def _text(number: Sql | float) -> str:
    return number.text if isinstance(number, Sql) else sql_number(number)


class SqlArithmetic(Protocol):
    """A dialect's reading of `Arithmetic`."""

    def keep(self, x: Sql) -> Sql: ...  # noqa: D102  (documented in Arithmetic, as all of these are)
    def divide(self, x: Sql, by: float | Sql) -> Sql: ...  # noqa: D102
    def abs(self, x: Sql) -> Sql: ...  # noqa: D102
    def sqrt(self, x: Sql) -> Sql: ...  # noqa: D102
    def cbrt(self, x: Sql) -> Sql: ...  # noqa: D102
    def asinh(self, x: Sql) -> Sql: ...  # noqa: D102
    def sinh(self, x: Sql) -> Sql: ...  # noqa: D102
    def log(self, x: Sql) -> Sql: ...  # noqa: D102
    def exp(self, x: Sql) -> Sql: ...  # noqa: D102
    def log1p(self, x: Sql) -> Sql: ...  # noqa: D102
    def expm1(self, x: Sql) -> Sql: ...  # noqa: D102
    def below(self, x: Sql, limit: float | Sql, yes: Sql | float, no: Sql | float) -> Sql: ...  # noqa: D102
    def above(self, x: Sql, limit: float | Sql, y: Sql) -> Sql: ...  # noqa: D102
    def within(self, x: Sql, lo: float | Sql, hi: float | Sql, y: Sql) -> Sql: ...  # noqa: D102
    def fill(self, x: Sql, value: float | Sql) -> Sql: ...  # noqa: D102
    def null(self, x: Sql) -> Sql: ...  # noqa: D102
    def interpolate(self, x: Sql, knots: Knots) -> Sql: ...  # noqa: D102
    def pick(self, condition: bool | Sql, yes: Callable[[], Sql], no: Callable[[], Sql]) -> Sql: ...  # noqa: D102


class DuckDB:
    """DuckDB, which has neither log1p nor expm1, and to which NaN is the largest number, as to Polars."""

    def keep(self, x: Sql) -> Sql:
        """`x` itself: DuckDB finds common subexpressions."""
        return x

    def divide(self, x: Sql, by: float | Sql) -> Sql:
        """`x` ÷ `by`."""
        return x / by

    def abs(self, x: Sql) -> Sql:
        """|x|."""
        return Sql(f"abs({x.text})")

    def sqrt(self, x: Sql) -> Sql:
        """√x."""
        return Sql(f"sqrt({x.text})")

    def cbrt(self, x: Sql) -> Sql:
        """The cube root."""
        return Sql(f"cbrt({x.text})")

    def asinh(self, x: Sql) -> Sql:
        """The inverse of the hyperbolic sine."""
        return Sql(f"asinh({x.text})")

    def sinh(self, x: Sql) -> Sql:
        """The hyperbolic sine."""
        return Sql(f"sinh({x.text})")

    def log(self, x: Sql) -> Sql:
        """The natural logarithm."""
        return Sql(f"ln({x.text})")

    def exp(self, x: Sql) -> Sql:
        """eˣ."""
        return Sql(f"exp({x.text})")

    def log1p(self, x: Sql) -> Sql:
        """arsinh(x/2·(1 + 1/(1 + x))): exact for tiny x, and without a branch."""
        sinh = 0.5 * x * (1.0 + 1.0 / (1.0 + x))
        return Sql(f"asinh({sinh.text})")

    def expm1(self, x: Sql) -> Sql:
        """tanh(x/2)·(eˣ + 1): exact for tiny x, −1 and ∞ at the ends."""
        half = 0.5 * x
        return Sql(f"tanh({half.text})") * (self.exp(x) + 1.0)

    def below(self, x: Sql, limit: float | Sql, yes: Sql | float, no: Sql | float) -> Sql:
        """`yes` where x < limit, else `no`."""
        return Sql(f"CASE WHEN {x.text} < {_text(limit)} THEN {_text(yes)} ELSE {_text(no)} END")

    def above(self, x: Sql, limit: float | Sql, y: Sql) -> Sql:
        """`y` where x > limit, else NULL."""
        return Sql(f"CASE WHEN {x.text} > {_text(limit)} THEN {y.text} END")

    def within(self, x: Sql, lo: float | Sql, hi: float | Sql, y: Sql) -> Sql:
        """`y` where lo ≤ x ≤ hi or x is NaN (to DuckDB the largest number, and −NaN too), else NULL."""
        top = -hi if isinstance(hi, Sql) else Sql(sql_number(-hi))
        return Sql(f"CASE WHEN {x.text} >= {_text(lo)} AND {(-x).text} >= {top.text} THEN {y.text} END")

    def fill(self, x: Sql, value: float | Sql) -> Sql:
        """`x`, and `value` where it is NULL."""
        return Sql(f"coalesce({x.text}, {_text(value)})")

    def null(self, x: Sql) -> Sql:  # noqa: ARG002  (whatever it is)
        """NULL."""
        return Sql("CAST(NULL AS DOUBLE)")

    def interpolate(self, x: Sql, knots: Knots) -> Sql:
        """The broken line as a balanced tree of conditions: ten comparisons for a thousand knots."""
        return Sql(knots.sql(x.text, sql_number))

    def pick(self, condition: bool | Sql, yes: Callable[[], Sql], no: Callable[[], Sql]) -> Sql:
        """What the condition says, row by row where parameters are columns."""
        if isinstance(condition, Sql):
            return Sql(f"CASE WHEN {condition.text} THEN {yes().text} ELSE {no().text} END")
        return yes() if condition else no()


DIALECTS: dict[str, SqlArithmetic] = {"duckdb": DuckDB()}


def sql_arithmetic(dialect: str) -> SqlArithmetic:
    """The reading for a dialect.

    Raises:
        ConfigError: no such dialect.
    """
    if dialect not in DIALECTS:
        raise ConfigError(f"no SQL dialect '{dialect}'", hint=suggestion(dialect, DIALECTS))
    return DIALECTS[dialect]
