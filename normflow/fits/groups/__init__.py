"""Parameters by group: rows with equal keys have numbers of their own in one shape of transform."""

from normflow.fits.groups.groups import Groups
from normflow.fits.groups.image import hull
from normflow.fits.groups.keys import require_keys, texts_of
from normflow.fits.groups.learn import learn_groups
from normflow.fits.groups.rows import Reading, Rows, rows_of

__all__ = ["Groups", "Reading", "Rows", "hull", "learn_groups", "require_keys", "rows_of", "texts_of"]
