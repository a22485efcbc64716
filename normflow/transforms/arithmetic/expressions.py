"""The formulas as Polars expressions: inline, laid out in stages, or without the domain's guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.division import true_division

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.transforms.arithmetic.knots import Knots


class Inline:
    """One expression; what is mentioned twice is evaluated twice."""

    def keep(self, x: pl.Expr) -> pl.Expr:
        """`x` itself."""
        return x

    def divide(self, x: pl.Expr, by: float | pl.Expr) -> pl.Expr:
        """`x` ÷ `by`, correctly rounded."""
        return x / by if isinstance(by, pl.Expr) else true_division(x, by)

    def abs(self, x: pl.Expr) -> pl.Expr:
        """|x|."""
        return x.abs()

    def sqrt(self, x: pl.Expr) -> pl.Expr:
        """√x."""
        return x.sqrt()

    def cbrt(self, x: pl.Expr) -> pl.Expr:
        """The cube root."""
        return x.cbrt()

    def asinh(self, x: pl.Expr) -> pl.Expr:
        """The inverse of the hyperbolic sine."""
        return x.arcsinh()

    def sinh(self, x: pl.Expr) -> pl.Expr:
        """The hyperbolic sine."""
        return x.sinh()

    def log(self, x: pl.Expr) -> pl.Expr:
        """The natural logarithm."""
        return x.log()

    def exp(self, x: pl.Expr) -> pl.Expr:
        """eˣ."""
        return x.exp()

    def log1p(self, x: pl.Expr) -> pl.Expr:
        """`ln w + (x − (w − 1))/w` with w = 1 + x: what the rounding of w lost, to first order.

        Polars' own log1p costs half as much again.
        """
        x = self.keep(x)
        w = self.keep(x + 1.0)
        return pl.when(x.abs() < 1.0).then(w.log() + (x - (w - 1.0)) / w).otherwise(w.log())

    def expm1(self, x: pl.Expr) -> pl.Expr:
        """(e − 1) + e·(x − ln e) with e = eˣ: what the rounding of e lost, to first order.

        Polars has no expm1; 2·sinh(x/2)·exp(x/2) costs half as much again.
        """
        x = self.keep(x)
        e = self.keep(x.exp())
        return pl.when(x.abs() < 1.0).then((e - 1.0) + e * (x - e.log())).otherwise(e - 1.0)

    def below(self, x: pl.Expr, limit: float | pl.Expr, yes: pl.Expr | float, no: pl.Expr | float) -> pl.Expr:
        """`yes` where x < limit, else `no`."""
        return pl.when(x < limit).then(yes).otherwise(no)

    def above(self, x: pl.Expr, limit: float | pl.Expr, y: pl.Expr) -> pl.Expr:
        """`y` where x > limit (to Polars, NaN is), else null."""
        return pl.when(x > limit).then(y)

    def within(self, x: pl.Expr, lo: float | pl.Expr, hi: float | pl.Expr, y: pl.Expr) -> pl.Expr:
        """`y` where lo ≤ x ≤ hi or x is NaN (to Polars the largest number, and −NaN too), else null."""
        return pl.when((x >= lo) & (-x >= -hi)).then(y)

    def fill(self, x: pl.Expr, value: float | pl.Expr) -> pl.Expr:
        """`x`, and `value` where it is null; NaN stays NaN."""
        return x.fill_null(value)

    def null(self, x: pl.Expr) -> pl.Expr:
        """Null in every row of x."""
        return pl.when(pl.lit(value=False)).then(x)

    def interpolate(self, x: pl.Expr, knots: Knots) -> pl.Expr:
        """The broken line, batch by batch in numpy: value by value, so that no row sees another.

        Sixteen times the speed of nested conditions; the searches that Polars has itself do not stream.
        """
        return x.map_batches(knots.of_series, return_dtype=pl.Float64, is_elementwise=True)

    def pick(
        self, condition: bool | pl.Expr, yes: Callable[[], pl.Expr], no: Callable[[], pl.Expr]
    ) -> pl.Expr:
        """What the condition says, row by row where parameters are columns."""
        if isinstance(condition, pl.Expr):
            return pl.when(condition).then(yes()).otherwise(no())
        return yes() if condition else no()


class Limits(Inline):
    """Without the domain's guard: at the ends of the domain the formulas give their limits."""

    def above(self, x: pl.Expr, limit: float | pl.Expr, y: pl.Expr) -> pl.Expr:  # noqa: ARG002  (the guard it drops)
        """`y`, also at the end itself."""
        return y

    def within(self, x: pl.Expr, lo: float | pl.Expr, hi: float | pl.Expr, y: pl.Expr) -> pl.Expr:  # noqa: ARG002
        """`y`."""
        return y


class Staged(Inline):
    """Stages of `with_columns`: what is kept becomes a column of its own.

    Polars evaluates every mention of a subexpression again; a column is evaluated once.
    """

    def __init__(self, scratch: str) -> None:
        self.steps: list[dict[str, pl.Expr]] = []
        self._scratch = scratch

    def keep(self, x: pl.Expr) -> pl.Expr:
        """A column that holds `x`."""
        if x.meta.is_column():
            return x
        name = f"{self._scratch}{len(self.steps)}"
        self.steps.append({name: x})
        return pl.col(name)
