"""A profile seen from further away: what a candidate is tried on."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile, Points


class Thumbnail:
    """A profile whose shape is some hundred points of equal ranks; all other numbers are its own.

    A λ fitted on 256 or more of them normalizes as well as one fitted on all rows. The method that is chosen
    is fitted on the profile itself.
    """

    def __init__(self, profile: ColumnProfile, points: Points) -> None:
        self._profile, self._points = profile, points

    def __getattr__(self, name: str) -> object:
        return getattr(self._profile, name)

    def points(self) -> Points:
        """The condensed points."""
        return self._points

    def condensed(self) -> Points:
        """The condensed points once more."""
        return self._points


def thumbnail(profile: ColumnProfile, points: Points) -> ColumnProfile:
    """The profile with these points; the profile itself where they are all it has."""
    if len(points.values) == len(profile.points().values):
        return profile
    return cast("ColumnProfile", Thumbnail(profile, points))
