"""A map from its formula: written once, forward and backward, and read in every way a map is read."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import polars as pl

from normflow.errors import FitError
from normflow.transforms.arithmetic import (
    Arithmetic,
    Arrays,
    FloatArray,
    Inline,
    InlineSql,
    Libm,
    Limits,
    Number,
    Scalars,
    Sql,
    Staged,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from normflow.transforms._map import JsonMap


class FormulaMap(ABC):
    """A map given by `forward` and `backward`; its fields are finite floats (`Interpolate`'s tuples of them).

    Raises:
        FitError: a field is no finite number.
    """

    __slots__ = ()
    kind: ClassVar[str]
    takes_columns: ClassVar[bool] = True
    """Whether the parameters may be columns, one number a group."""
    plain: ClassVar[bool] = False
    """Whether it has the same bits on an array as in a frame: adding and multiplying alone, or numpy."""

    @abstractmethod
    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """`y` of x."""

    @abstractmethod
    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """`x` of y."""

    @abstractmethod
    def formula(self, x: str = "x") -> str:
        """`y` as people write it."""

    def domain(self) -> tuple[float, float]:
        """All numbers, unless the map says otherwise."""
        return -math.inf, math.inf

    def __post_init__(self) -> None:
        for name, value in self._parameters().items():
            if not math.isfinite(value):
                raise FitError(f"{self.kind}: {name} would be {value}, beyond what a float64 holds")
            object.__setattr__(self, name, float(value))

    def expr(self, x: pl.Expr) -> pl.Expr:
        """`y` as one expression."""
        return self.forward(x, Inline())

    def stages(self, x: str, scratch: str) -> list[dict[str, pl.Expr]]:
        """`y` as `with_columns` steps that end in column `x`."""
        staged = Staged(scratch)
        y = self.forward(pl.col(x), staged)
        return [*staged.steps, {x: y}]

    def inverse(self, y: pl.Expr) -> pl.Expr:
        """`x` as one expression."""
        return self.backward(y, Inline())

    def inverse_stages(self, y: str, scratch: str) -> list[dict[str, pl.Expr]]:
        """`x` as `with_columns` steps that end in column `y`."""
        staged = Staged(scratch)
        x = self.backward(pl.col(y), staged)
        return [*staged.steps, {y: x}]

    def sql(self, x: str) -> str:
        """`y` as SQL text."""
        return self.forward(Sql(x), InlineSql()).text

    def inverse_sql(self, y: str) -> str:
        """`x` as SQL text."""
        return self.backward(Sql(y), InlineSql()).text

    def image(self, lo: float, hi: float) -> tuple[float, float]:
        """Where [lo, hi] goes, by the same expression without the domain's guard.

        Raises:
            FitError: no number of the interval lies in the domain.
        """
        return self._ends(lo, hi, self.domain())

    def preimage(self, lo: float, hi: float) -> tuple[float, float]:
        """What goes to [lo, hi].

        Raises:
            FitError: no number of the interval lies in the image.
        """
        first, last = self.domain()
        lowest, highest = self.image(first, last)
        found = self._ends(lo, hi, (lowest, highest), backward=True)
        return first if lo <= lowest else found[0], last if hi >= highest else found[1]

    def ends(self, lo: pl.Expr, hi: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
        """`image` for columns of intervals, and of parameters; null where nothing lies in the domain."""
        first, last = self.domain()
        inner, outer = pl.max_horizontal(lo, first), pl.min_horizontal(hi, last)
        held = (lo <= hi) & (inner <= outer)
        low, high = (self.forward(end, Limits()) for end in (inner, outer))
        return pl.when(held).then(low), pl.when(held).then(high)

    def points(self, values: FloatArray) -> FloatArray:
        """`y` on an array."""
        with np.errstate(all="ignore"):
            return self.forward(values, Arrays())

    def exact_points(self, values: FloatArray) -> FloatArray:
        """`y` on an array of numbers inside the domain, with equal bits wherever the C library is the same.

        Raises:
            OverflowError: a result is beyond float64.
        """
        with np.errstate(all="ignore"):
            return self.forward(values, Libm())

    def number(self, *, backward: bool = False) -> Callable[[float], float]:
        """`y` of one float, or `x` of one y; NaN where a frame has null. Arrays take what floats cannot."""
        formula, scalars, arrays = (self.backward if backward else self.forward), Scalars(), Arrays()

        def at(x: float) -> float:
            try:
                return formula(x, scalars)
            except (ArithmeticError, ValueError):
                with np.errstate(all="ignore"):
                    return float(formula(np.array([x]), arrays)[0])

        return at

    def to_json(self) -> JsonMap:
        """`{"kind": …}` and the fields."""
        stored = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self._parameters().items()
        }
        return {"kind": self.kind, **stored}

    def by_group(self, parameters: Mapping[str, pl.Expr | Sql]) -> Self:
        """The same map with columns of parameters, one number a group, to be read as `expr` or `inverse`.

        Columns of a joined SQL table are read as `sql` or `inverse_sql`.
        A parameter that differs between the groups of a table is a column; what is mentioned here is not
        checked.
        """
        copy = object.__new__(type(self))
        for name, value in {**self._parameters(), **parameters}.items():
            object.__setattr__(copy, name, value)
        return copy

    def _parameters(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def _ends(
        self, lo: float, hi: float, within: tuple[float, float], *, backward: bool = False
    ) -> tuple[float, float]:
        ends = max(lo, within[0]), min(hi, within[1])
        if not ends[0] <= ends[1]:
            raise FitError(f"{self.kind}: nothing of [{lo}, {hi}] lies in [{within[0]}, {within[1]}]")
        if not self.plain:
            return _in_a_frame(self, ends, backward=backward)
        with np.errstate(over="ignore"):
            found = (self.backward if backward else self.forward)(np.array(ends), Arrays())
        return float(found[0]), float(found[1])


@lru_cache(maxsize=256)  # columns share maps, such as Φ⁻¹, whose expressions take Polars long to look at
def _in_a_frame(one: FormulaMap, ends: tuple[float, float], *, backward: bool) -> tuple[float, float]:
    formula = one.backward if backward else one.forward
    frame = pl.DataFrame({"x": pl.Series(ends, dtype=pl.Float64)})
    column: Any = frame.select(formula(pl.col("x"), Limits())).to_series()
    return float(column[0]), float(column[1])
