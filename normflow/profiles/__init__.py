"""What we know of a column: exact, mergeable and bounded in size."""

from normflow.profiles.column import ColumnProfile
from normflow.profiles.frame import Profile
from normflow.profiles.grouped import GroupedProfile, observe_groups
from normflow.profiles.histogram import RESOLUTION
from normflow.profiles.moments import Weighted, weighted
from normflow.profiles.observe import observe, observe_values, profile
from normflow.profiles.points import Points
from normflow.profiles.reader import LazyReader, Reader
from normflow.profiles.refine import Asked, refined, refined_by
from normflow.profiles.running_profile import RunningProfile
from normflow.profiles.slices import exact_sum

__all__ = [
    "RESOLUTION",
    "Asked",
    "ColumnProfile",
    "GroupedProfile",
    "LazyReader",
    "Points",
    "Profile",
    "Reader",
    "RunningProfile",
    "Weighted",
    "exact_sum",
    "observe",
    "observe_groups",
    "observe_values",
    "profile",
    "refined",
    "refined_by",
    "weighted",
]
