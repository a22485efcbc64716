"""`import normflow.polars` gives frames and expressions of Polars a `normflow` namespace.

`lf.normflow.profile()`, `.fit(…)`, `.transform(fit)` and `.inverse(fit)` on a LazyFrame or a DataFrame are
normflow's own functions with the frame as the first argument. `pl.col("x").normflow.transform(fit["x"])` is
one column's map as an expression, for use among others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import polars as pl

import normflow.fits as _fits
from normflow.fits import expression, inverse_expression
from normflow.profiles import profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from normflow.fits import ColumnFit, Fit
    from normflow.profiles import Profile

Frame = TypeVar("Frame", bound=pl.LazyFrame | pl.DataFrame)


class FrameNamespace(Generic[Frame]):
    """What normflow does with a whole frame."""

    def __init__(self, frame: Frame) -> None:
        self._frame: Frame = frame

    def profile(self) -> Profile:
        """What is known of each column, as `normflow.profile`."""
        return profile(self._frame)

    def fit(self, normalize: Mapping[str, str | Mapping[str, object]] | None = None, **options: Any) -> Fit:
        """Learn a fit from the frame, with the arguments and errors of `normflow.fit`."""
        return _fits.fit(self._frame, normalize, **options)

    def transform(self, fit: Fit) -> Frame:
        """Apply a fit, as `Fit.transform`."""
        return fit.transform(self._frame)

    def inverse(self, fit: Fit, columns: Iterable[str] | Mapping[str, str] | None = None) -> Frame:
        """Undo a fit, as `Fit.inverse`."""
        return fit.inverse(self._frame, columns)


@pl.api.register_expr_namespace("normflow")
class ExprNamespace:
    """What normflow does with one column of numbers."""

    def __init__(self, expr: pl.Expr) -> None:
        self._expr = expr

    def transform(self, fit: ColumnFit) -> pl.Expr:
        """Apply one column's fit, such as `fit["temp"]`: policies, map and type, on numbers of any type.

        Of a fit by groups it takes what the whole table taught.

        Raises:
            FitError: a value breaks a policy of `error`; raised when the expression is evaluated.
        """
        return expression(fit, self._expr)

    def inverse(self, fit: ColumnFit) -> pl.Expr:
        """Undo one column's fit; null where a value lies outside the map's image."""
        return inverse_expression(fit, self._expr)


pl.api.register_lazyframe_namespace("normflow")(FrameNamespace)
pl.api.register_dataframe_namespace("normflow")(FrameNamespace)
