"""The formulas as SQL text, in DuckDB's words; other dialects are written from these."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.naming import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.transforms.arithmetic.knots import Knots

IDENTIFIER = re.compile(r'"(?:[^"]|"")*"')
INFINITY = "CAST('inf' AS DOUBLE)"
SMALLEST_EXP, LARGEST_EXP = -745.1332191019411, 709.782712893384
"""The last x whose eˣ is neither 0 nor ∞."""
LARGEST_SINH = 710.4758600739439
FAR = 2.0**28
"""From here on √(x² + 1) rounds to |x|."""


def sql_number(value: float) -> str:
    """A DOUBLE literal with the same bits as `value`.

    It always carries an exponent: DuckDB reads `0.1` as a DECIMAL, and decimal arithmetic rounds otherwise.
    """
    digits = repr(float(value))
    literal = digits if "e" in digits else f"{digits}e0"
    return f"({literal})" if math.copysign(1.0, value) < 0 else literal


@dataclass(frozen=True, slots=True, eq=False)
class Sql:
    """SQL text of one number, to be calculated with; a comparison is SQL text too.

    Division by what may be 0 gives NULL there: many a warehouse would stop, and every formula guards it.
    Where `given` is a condition, the number is known to be NULL wherever that does not hold.
    """

    text: str
    given: str = ""

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

    def __truediv__(self, other: Sql) -> Sql:
        return Sql(f"({self.text} / nullif({other.text}, 0.0e0))")

    def __rtruediv__(self, other: float) -> Sql:
        return Sql(f"({_text(other)} / nullif({self.text}, 0.0e0))")

    def __neg__(self) -> Sql:
        return Sql(f"(-{self.text})")


def _text(number: Sql | float) -> str:
    return number.text if isinstance(number, Sql) else sql_number(number)


class InlineSql:
    """One SQL expression that no row makes an error of, whatever it holds.

    ln(0), √−1 and an overflowing exp stop Postgres and BigQuery, so each is guarded where it stands. NaN is
    the largest number to DuckDB, Postgres and Spark, as to Polars. `natives` are the functions beside ln, exp
    and tanh that the warehouse has and computes to the last digits: DuckDB has asinh, but neither log1p nor
    expm1.
    """

    natives: frozenset[str] = frozenset({"asinh"})

    def keep(self, x: Sql) -> Sql:
        """`x` itself: the text is repeated."""
        return x

    def divide(self, x: Sql, by: float | Sql) -> Sql:
        """`x` ÷ `by`, which is a parameter and never 0."""
        return Sql(f"({x.text} / {_text(by)})")

    def abs(self, x: Sql) -> Sql:
        """|x|."""
        return Sql(f"abs({x.text})")

    def sqrt(self, x: Sql) -> Sql:
        """√|x|: where x is negative the formula is not defined, and its guard makes it NULL."""
        return Sql(f"sqrt({x.text})" if x.text.startswith("abs(") else f"sqrt(abs({x.text}))")

    def cbrt(self, x: Sql) -> Sql:
        """The cube root."""
        return Sql(f"cbrt({x.text})")

    def asinh(self, x: Sql) -> Sql:
        """The inverse of the hyperbolic sine; elsewhere ±log1p(|x| + x²/(1 + √(x² + 1))), or ±ln|2x|."""
        if "asinh" in self.natives:
            return Sql(f"asinh({x.text})")
        x = self.keep(x)
        size = self.keep(self.abs(x))
        square = size * size
        near = self.log1p(size + square / (1.0 + self.sqrt(1.0 + square)))
        whole = self.keep(self.below(size, FAR, near, self.log(size) + math.log(2.0)))
        return self.below(x, 0.0, -whole, whole)

    def sinh(self, x: Sql) -> Sql:
        """The hyperbolic sine, ±∞ where it is beyond float64."""
        x = self.keep(x)
        top = sql_number(LARGEST_SINH)
        return Sql(
            f"CASE WHEN abs({x.text}) <= {top} THEN sinh({x.text}) WHEN {x.text} < 0.0e0 THEN -{INFINITY}"
            f" WHEN {x.text} <= {INFINITY} THEN {INFINITY} ELSE {x.text} END"
        )

    def log(self, x: Sql) -> Sql:
        """The natural logarithm where x > 0, else NULL."""
        x = self.keep(x)
        return self.above(x, 0.0, Sql(f"ln({x.text})"))

    def exp(self, x: Sql) -> Sql:
        """eˣ, 0 and ∞ where it is beyond float64."""
        x = self.keep(x)
        return Sql(
            f"CASE WHEN {x.text} < {sql_number(SMALLEST_EXP)} THEN 0.0e0"
            f" WHEN {x.text} <= {sql_number(LARGEST_EXP)} THEN exp({x.text})"
            f" WHEN {x.text} <= {INFINITY} THEN {INFINITY} ELSE {x.text} END"
        )

    def log1p(self, x: Sql) -> Sql:
        """arsinh(x/2·(1 + 1/(1 + x))): exact for tiny x; −∞ at −1."""
        x = self.keep(x)
        if "log1p" in self.natives:
            return Sql(f"CASE WHEN {x.text} = (-1.0e0) THEN -{INFINITY} ELSE log1p({x.text}) END")
        sinh = 0.5 * x * (1.0 + 1.0 / (1.0 + x))
        return Sql(f"CASE WHEN {x.text} = (-1.0e0) THEN -{INFINITY} ELSE asinh({sinh.text}) END")

    def expm1(self, x: Sql) -> Sql:
        """tanh(x/2)·(eˣ + 1): exact for tiny x, −1 and ∞ at the ends."""
        if "expm1" in self.natives:
            return Sql(f"expm1({x.text})")
        x = self.keep(x)
        half = 0.5 * x
        return Sql(f"tanh({half.text})") * (self.exp(x) + 1.0)

    def below(self, x: Sql, limit: float | Sql, yes: Sql | float, no: Sql | float) -> Sql:
        """`yes` where x < limit, else `no`."""
        return Sql(f"CASE WHEN {x.text} < {_text(limit)} THEN {_text(yes)} ELSE {_text(no)} END")

    def above(self, x: Sql, limit: float | Sql, y: Sql) -> Sql:
        """`y` where x > limit, else NULL."""
        condition = f"{x.text} > {_text(limit)}"
        if y.given == condition:
            return y
        return Sql(f"CASE WHEN {condition} THEN {y.text} END", given=condition)

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
        return Sql(knots.sql(self.keep(x).text, sql_number))

    def pick(self, condition: bool | Sql, yes: Callable[[], Sql], no: Callable[[], Sql]) -> Sql:
        """What the condition says, row by row where parameters are columns."""
        if isinstance(condition, Sql):
            return Sql(f"CASE WHEN {condition.text} THEN {yes().text} ELSE {no().text} END")
        return yes() if condition else no()


class StagedSql(InlineSql):
    """Stages of nested SELECTs: what is kept becomes a column of its own, with a name that `fresh` gives.

    A formula that mentions x four times would grow fourfold with each map of a chain.
    """

    def __init__(self, fresh: Callable[[], str], natives: frozenset[str] = InlineSql.natives) -> None:
        self.steps: dict[str, str] = {}
        self.natives = natives
        self._fresh = fresh

    def keep(self, x: Sql) -> Sql:
        """A column that holds `x`."""
        if IDENTIFIER.fullmatch(x.text):
            return x
        name = quoted(self._fresh())
        self.steps[name] = x.text
        return Sql(name)
