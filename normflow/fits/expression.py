"""One column's fit as an expression, for use among others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from normflow.fits.refusals import refusing

if TYPE_CHECKING:
    from normflow.fits.column import ColumnFit


def expression(fit: ColumnFit, x: pl.Expr) -> pl.Expr:
    """What the fit makes of a column of numbers, with the bits of `Fit.transform`; groups have no say."""
    if fit.passes_through:
        return x
    number, treatment = x.cast(pl.Float64), fit.treatment
    entered = refusing(treatment.entered(number), fit.column, treatment.refused(number))
    return _named(fit.chain.expr(entered).cast(getattr(pl, treatment.dtype)), x)


def inverse_expression(fit: ColumnFit, y: pl.Expr) -> pl.Expr:
    """The column that the fit made `y` of; null outside the map's image."""
    return _named(fit.transform.inverse(y.cast(pl.Float64)), y) if fit.transform.maps else y


def _named(made: pl.Expr, of: pl.Expr) -> pl.Expr:
    name = of.meta.output_name(raise_if_undetermined=False)
    return made.name.keep() if name is None else made.alias(name)
