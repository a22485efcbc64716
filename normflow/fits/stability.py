"""Whether a fit's choices hang on one partition: each is made again from the sum of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from normflow.fits.learn import observed, places
from normflow.naming import member
from normflow.select import method_without, stability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.fits.column import ColumnFit
    from normflow.fits.table import Fit
    from normflow.profiles import ColumnProfile, Profile
    from normflow.select import Choice
    from normflow.spec import MethodSpec

RESOLUTION = 4096  # buckets: a merge and a decision take a millisecond
MOST_DECISIONS = 400


class Parts:
    """What each partition knows of the columns that `auto` chooses for; nothing where that is too much.

    Where there would be more than 400 decisions, all is let go, and memory does not grow with partitions.
    """

    def __init__(self, plan: Mapping[str, MethodSpec]) -> None:
        self._names = [name for name in observed(plan) if plan[name].method == "auto"]
        self._held: dict[str, list[ColumnProfile]] | None = {}

    def add(self, profile: Profile) -> None:
        """Hold what one more partition knows."""
        if self._held is None:
            return
        for name in self._names:
            for place in places(profile, name):
                self._held.setdefault(place, []).append(_coarse(profile[place]))
        if sum(map(len, self._held.values())) > MOST_DECISIONS:
            self._held = None

    def of(self, place: str) -> list[ColumnProfile] | None:
        """The profiles of an observed column, a partition each; None where they were let go."""
        return None if self._held is None else self._held.get(place)


def with_stability(fit: Fit, plan: Mapping[str, MethodSpec], parts: Parts) -> Fit:
    """The fit with the stability of each choice: what the sum of all partitions but one would give.

    Where that would be more than 400 decisions the fit is left as it is.
    """
    return replace(fit, columns=tuple(_judged(one, plan[one.column], parts) for one in fit.columns))


def _judged(fit: ColumnFit, line: MethodSpec, parts: Parts) -> ColumnFit:
    choice = fit.choice
    if choice is None:
        return fit
    coarse = parts.of(fit.column if fit.index is None else member(fit.column, fit.index))
    if coarse is None:
        return fit
    found = stability(coarse, choice.method, lambda profile: _again(profile, choice, line))
    return replace(fit, choice=replace(choice, stability=found))


def _coarse(part: ColumnProfile) -> ColumnProfile:
    return part.coarser(min(RESOLUTION, part.histogram.resolution or RESOLUTION))


def _again(profile: ColumnProfile, choice: Choice, line: MethodSpec) -> str:
    return method_without(profile, choice, named=line.candidates, plugins=line.plugins)
