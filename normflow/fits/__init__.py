"""Fits: what was learned from a table, ready to apply, undo, explain and store."""

from normflow.fits.apply import entering, source_number, transformed, transformed_rows
from normflow.fits.column import ColumnFit
from normflow.fits.drift import FEW_ROWS, Drift, drift_of
from normflow.fits.expression import expression, inverse_expression
from normflow.fits.groups import (
    GroupDrift,
    GroupReferences,
    Groups,
    Reading,
    Rows,
    RunningGroupDrift,
    hull,
    require_keys,
    shown,
    texts_of,
)
from normflow.fits.learn import fit, learn, observed, quantiles_of
from normflow.fits.reference import Reference
from normflow.fits.rows import RowFit
from normflow.fits.shape import Shape
from normflow.fits.stability import Parts, with_stability
from normflow.fits.table import Fit

__all__ = [
    "FEW_ROWS",
    "ColumnFit",
    "Drift",
    "Fit",
    "GroupDrift",
    "GroupReferences",
    "Groups",
    "Parts",
    "Reading",
    "Reference",
    "RowFit",
    "Rows",
    "RunningGroupDrift",
    "Shape",
    "drift_of",
    "entering",
    "expression",
    "fit",
    "hull",
    "inverse_expression",
    "learn",
    "observed",
    "quantiles_of",
    "require_keys",
    "shown",
    "source_number",
    "texts_of",
    "transformed",
    "transformed_rows",
    "with_stability",
]
