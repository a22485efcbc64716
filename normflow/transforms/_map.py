"""The protocol of a map: one elementary monotone function that knows how to become everything we need."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from normflow.transforms.arithmetic import Arithmetic, FloatArray, Number

JsonMap = dict[str, object]


class Map(Protocol):
    """A monotone function of one number, stored as plain finite numbers.

    A value outside the domain (or, backwards, outside the image) becomes null; null and NaN stay what they
    are. Maps that take several numbers to one (`clip`, and `interpolate` and `normal_quantile` beyond their
    ends) say in their docstrings what goes back to what; `fill` and `nothing` are about null itself. As in
    all IEEE arithmetic, ±inf goes to the limit there, and a result beyond float64 is ±inf.
    """

    kind: ClassVar[str]

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """`y` of x, in the reading that `a` gives the formula."""
        ...

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """`x` of y."""
        ...

    def expr(self, x: pl.Expr) -> pl.Expr:
        """`y` as a lazy, streaming-safe expression of a Float64 expression."""
        ...

    def stages(self, x: str, scratch: str) -> list[dict[str, pl.Expr]]:
        """The same y, laid out as `with_columns` steps that end in column `x`.

        Polars evaluates each mention of a subexpression again, so what a formula mentions twice gets a
        column of its own, named `scratch` and a number; the caller drops these.
        """
        ...

    def inverse(self, y: pl.Expr) -> pl.Expr:
        """`x` as an expression of y."""
        ...

    def inverse_stages(self, y: str, scratch: str) -> list[dict[str, pl.Expr]]:
        """The same x, laid out as `with_columns` steps that end in column `y`."""
        ...

    def sql(self, x: str) -> str:
        """`y` as DuckDB's text of the SQL expression `x`, a DOUBLE, with the same numbers.

        Whatever x holds, no row is an error. What a formula mentions twice is written twice; `forward` with
        `StagedSql` gives it a column of its own.
        """
        ...

    def inverse_sql(self, y: str) -> str:
        """`x` as DuckDB's text of the SQL expression `y`, a DOUBLE."""
        ...

    def domain(self) -> tuple[float, float]:
        """The smallest interval that holds every x the map is defined for (ends may be infinite)."""
        ...

    def image(self, lo: float, hi: float) -> tuple[float, float]:
        """Where the interval [lo, hi] goes; ends may be infinite, and limits are taken there."""
        ...

    def preimage(self, lo: float, hi: float) -> tuple[float, float]:
        """What goes to the interval [lo, hi]; the inverse of `image`."""
        ...

    def points(self, values: FloatArray) -> FloatArray:
        """The same map on a numpy array (for scores, plots, serving); NaN outside the domain."""
        ...

    def exact_points(self, values: FloatArray) -> FloatArray:
        """`points` with equal bits wherever the C library is the same (for what a fit stores), and slower.

        Every value lies in the domain.

        Raises:
            OverflowError: a result is beyond float64.
        """
        ...

    def number(self, *, backward: bool = False) -> Callable[[float], float]:
        """The same function, or its inverse, of one Python float; NaN where a frame has null."""
        ...

    def formula(self, x: str = "x") -> str:
        """`y` as people write it, with six digits; not for calculating."""
        ...

    def to_json(self) -> JsonMap:
        """`{"kind": …}` and the map's fields; numbers round-trip bit for bit."""
        ...
