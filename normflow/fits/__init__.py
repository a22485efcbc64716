"""Fits: what was learned from a table, ready to apply, undo, explain and store."""

from normflow.fits.column import ColumnFit
from normflow.fits.learn import fit, learn, quantiles_of
from normflow.fits.shape import Shape
from normflow.fits.table import Fit

__all__ = ["ColumnFit", "Fit", "Shape", "fit", "learn", "quantiles_of"]
