"""Whether a fit's choices hang on one partition: each is made again from the sum of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from normflow.naming import member
from normflow.select import method_without, stability

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from normflow.fits.column import ColumnFit
    from normflow.fits.table import Fit
    from normflow.profiles import ColumnProfile
    from normflow.select import Choice
    from normflow.spec import MethodSpec

RESOLUTION = 4096  # buckets: a merge and a decision take a millisecond
MOST_DECISIONS = 400


def with_stability(
    fit: Fit,
    plan: Mapping[str, MethodSpec],
    partitions: int,
    parts: Callable[[str], Sequence[ColumnProfile]],
) -> Fit:
    """The fit with the stability of each choice: what the sum of all partitions but one would give.

    `parts` gives the profiles of an observed column, a partition each. Where that would be more than 400
    decisions the fit is left as it is.
    """
    chosen = sum(one.choice is not None for one in fit.columns)
    if partitions * chosen > MOST_DECISIONS:
        return fit
    return replace(fit, columns=tuple(_judged(one, plan[one.column], parts) for one in fit.columns))


def _judged(fit: ColumnFit, line: MethodSpec, parts: Callable[[str], Sequence[ColumnProfile]]) -> ColumnFit:
    choice = fit.choice
    if choice is None:
        return fit
    place = fit.column if fit.index is None else member(fit.column, fit.index)
    coarse = [part.coarser(min(RESOLUTION, part.histogram.resolution or RESOLUTION)) for part in parts(place)]
    found = stability(coarse, choice.method, lambda profile: _again(profile, choice, line))
    return replace(fit, choice=replace(choice, stability=found))


def _again(profile: ColumnProfile, choice: Choice, line: MethodSpec) -> str:
    return method_without(profile, choice, named=line.candidates, plugins=line.plugins)
