"""Fits: what was learned from a table, ready to apply, undo, explain and store."""

from normflow.fits.apply import source_number, transformed
from normflow.fits.column import ColumnFit
from normflow.fits.learn import fit, learn, observed, quantiles_of
from normflow.fits.rows import RowFit
from normflow.fits.shape import Shape
from normflow.fits.table import Fit

__all__ = [
    "ColumnFit",
    "Fit",
    "RowFit",
    "Shape",
    "fit",
    "learn",
    "observed",
    "quantiles_of",
    "source_number",
    "transformed",
]
