"""Learning the parameters of groups: the method of the whole table, on what is known of each group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from normflow.errors import FitError
from normflow.fits.groups.columns import EXAMPLES, ColumnGroups, Learned
from normflow.fits.groups.groups import Groups
from normflow.fits.groups.keys import shown
from normflow.fits.groups.pattern import kinds_of, takes_columns
from normflow.fits.groups.references import GroupReferences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.fits.column import ColumnFit
    from normflow.fits.recipe import Recipe
    from normflow.profiles import ColumnProfile, GroupedProfile
    from normflow.spec import GroupSpec


def learn_groups(
    grouped: GroupedProfile,
    spec: GroupSpec,
    columns: Mapping[str, tuple[ColumnFit, Recipe]],
    written: Mapping[str, str],
    *,
    compared: bool = False,
) -> Groups:
    """The parameters of each group, for columns by the name they were observed under.

    Columns that pass through have none, and neither have those whose method `auto` chose and whose numbers
    cannot differ by group: they keep those of the whole table. `written` tells where each column's line is.
    With `compared` the groups keep what later values of theirs are compared with, in every column.

    Raises:
        FitError: a named method whose numbers cannot differ by group.
    """
    spec = replace(spec, columns=tuple(grouped.keys.columns))
    found = {
        fit.label: _column_groups(grouped, place, spec, fit, recipe)
        for place, (fit, recipe) in columns.items()
        if not fit.passes_through and _by_group(fit, written)
    }
    references = {
        fit.label: GroupReferences.of(grouped.states[place], grouped.rows)
        for place, (fit, _) in columns.items()
        if compared
    }
    return Groups(spec, grouped.keys, grouped.rows, found, references)


def _by_group(fit: ColumnFit, written: Mapping[str, str]) -> bool:
    if takes_columns(fit.transform):
        return True
    if fit.choice is None:
        raise FitError(
            f"{fit.method} of '{fit.column}' has no parameters by group: its knots are no single numbers",
            where=written.get(fit.column, ""),
            hint="name another method such as yeojohnson, or fit it without groups",
        )
    return False


def _column_groups(
    grouped: GroupedProfile, place: str, spec: GroupSpec, fit: ColumnFit, recipe: Recipe
) -> ColumnGroups:
    learned: list[Learned | None] = []
    refusals: dict[str, int] = {}
    guards = kinds_of(fit.treatment.guards)
    for group, rows in enumerate(grouped.rows.tolist()):
        outcome = _learned(grouped.column(place, group), recipe, guards) if rows >= spec.min_rows else None
        if isinstance(outcome, str):
            if len(refusals) < EXAMPLES:
                refusals.setdefault(outcome, group)
            outcome = None
        learned.append(outcome)
    sentences = [f"{shown(grouped.keys.row(group, named=True))}: {why}" for why, group in refusals.items()]
    return ColumnGroups.of(fit, learned, sentences)


def _learned(profile: ColumnProfile, recipe: Recipe, guards: tuple[str, ...]) -> Learned | str:
    """The parameters of a group, or the sentence with which its values are refused."""
    if profile.min is None:
        return f"no finite value among {profile.rows} rows"
    try:
        found = Learned(recipe.transform(profile), recipe.treatment(profile))
    except FitError as refusal:
        return refusal.message
    if kinds_of(found.treatment.guards) != guards:
        return "its values take other steps than those of the whole table"
    return found
