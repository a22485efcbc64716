"""What is known of columns in each group of rows, learned in one pass for any number of groups."""

from normflow.profiles.grouped.frame import GroupedProfile
from normflow.profiles.grouped.observe import observe_groups

__all__ = ["GroupedProfile", "observe_groups"]
