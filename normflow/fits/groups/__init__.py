"""Parameters by group: rows with equal keys have numbers of their own in one shape of transform."""

from normflow.fits.groups.drift import GroupDrift, RunningGroupDrift
from normflow.fits.groups.groups import Groups
from normflow.fits.groups.image import hull
from normflow.fits.groups.keys import require_keys, shown, texts_of
from normflow.fits.groups.learn import learn_groups
from normflow.fits.groups.references import GroupReferences
from normflow.fits.groups.rows import Reading, Rows, rows_of

__all__ = [
    "GroupDrift",
    "GroupReferences",
    "Groups",
    "Reading",
    "Rows",
    "RunningGroupDrift",
    "hull",
    "learn_groups",
    "require_keys",
    "rows_of",
    "shown",
    "texts_of",
]
