"""What a map's formula may do with a number, whatever the number is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from normflow.transforms.arithmetic.sqltext import Sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.transforms.arithmetic.knots import Knots

FloatArray: TypeAlias = NDArray[np.float64]
Number = TypeVar("Number", pl.Expr, FloatArray, Sql, float)

AT_ZERO = -1e-300
"""As the limit of `above`: zero itself is inside (what is tested there is 1 + λy, a multiple of 2^-53)."""


class Arithmetic(Protocol[Number]):
    """The operations beside `+ − ×` and `÷` by another column; null stays null, NaN stays NaN."""

    def keep(self, x: Number) -> Number:
        """`x`, computed once although the formula mentions it more than once."""
        ...

    def divide(self, x: Number, by: float | Number) -> Number:
        """`x` ÷ `by`, correctly rounded: never x × (1 ÷ by)."""
        ...

    def abs(self, x: Number) -> Number:
        """|x|."""
        ...

    def sqrt(self, x: Number) -> Number:
        """√x."""
        ...

    def cbrt(self, x: Number) -> Number:
        """The cube root, negative for a negative x."""
        ...

    def asinh(self, x: Number) -> Number:
        """The inverse of the hyperbolic sine, ln(x + √(x² + 1)), exact for tiny and for huge x."""
        ...

    def sinh(self, x: Number) -> Number:
        """The hyperbolic sine, (eˣ − e⁻ˣ)/2, exact for tiny x."""
        ...

    def log(self, x: Number) -> Number:
        """The natural logarithm."""
        ...

    def exp(self, x: Number) -> Number:
        """eˣ."""
        ...

    def log1p(self, x: Number) -> Number:
        """The logarithm ln(1 + x), exact for tiny x; x ≥ −1."""
        ...

    def expm1(self, x: Number) -> Number:
        """eˣ − 1, exact for tiny x."""
        ...

    def below(self, x: Number, limit: float | Number, yes: Number | float, no: Number | float) -> Number:
        """`yes` where x < limit, else `no`; NaN is not below."""
        ...

    def above(self, x: Number, limit: float | Number, y: Number) -> Number:
        """`y` where x > limit or x is NaN, else null."""
        ...

    def within(self, x: Number, lo: float | Number, hi: float | Number, y: Number) -> Number:
        """`y` where lo ≤ x ≤ hi or x is NaN, else null."""
        ...

    def fill(self, x: Number, value: float | Number) -> Number:
        """`x`, and `value` where it is null."""
        ...

    def null(self, x: Number) -> Number:
        """Null in every row of x."""
        ...

    def interpolate(self, x: Number, knots: Knots) -> Number:
        """The broken line through the knots."""
        ...

    def pick(self, condition: bool | Number, yes: Callable[[], Number], no: Callable[[], Number]) -> Number:
        """`yes` where a condition on parameters holds, else `no`; a condition on numbers decides at once."""
        ...


def fixed(parameter: object, value: float) -> bool:
    """Whether a parameter is this one number: a column of parameters, one for each group, never is."""
    return isinstance(parameter, float) and parameter == value
