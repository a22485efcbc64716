"""The fit of one column: a method that was chosen or named, and the transform it gave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from normflow.errors import FitError
from normflow.fits.recipe import Recipe
from normflow.fits.reference import Reference
from normflow.fits.shape import Shape
from normflow.fits.treatment import IDLE, Treatment
from normflow.methods import Keep, attempted, conventional, method_named
from normflow.naming import member
from normflow.record import NAMED
from normflow.select import MARGIN, Choice, choose, plain
from normflow.spec import written
from normflow.transforms import Transform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.profiles import ColumnProfile
    from normflow.spec import Compat, Goal, MethodSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFit:
    """Parameters of one column: where they came from and what they do.

    `column` is read and `output` written (the same name unless a suffix was asked for); `index` is the
    dimension where the column holds arrays. `transform` is the map that is undone again; `treatment` is
    what happens to a value around it. `choice` is None where the user named the method. `reference` is what
    later values are compared with; None where their shape was not observed, or not kept.
    """

    column: str
    output: str
    index: int | None = None
    method: str
    options: Mapping[str, object]
    version: int
    transform: Transform
    treatment: Treatment = IDLE
    missing: float
    before: Shape
    after: Shape
    choice: Choice | None = None
    reference: Reference | None = None

    @property
    def label(self) -> str:
        """The output's name, with the dimension of an array."""
        return self.output if self.index is None else member(self.output, self.index)

    @property
    def reason(self) -> str:
        """Why this method, in a sentence."""
        return self.choice.reason if self.choice else NAMED

    @property
    def passes_through(self) -> bool:
        """Whether the values stay as they are, type and all."""
        return not self.transform.maps and self.treatment.idle

    @property
    def chain(self) -> Transform:
        """All maps a value goes through: what guards the transform, then the transform."""
        return self.treatment.guards.then(self.transform)

    def to_json(self) -> dict[str, Any]:
        """The column's fit as plain JSON values."""
        return {
            "column": self.column,
            "output": self.output,
            "index": self.index,
            "method": self.method,
            "options": dict(self.options),
            "version": self.version,
            "transform": self.transform.to_json(),
            "treatment": self.treatment.to_json(),
            "missing": self.missing,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "choice": self.choice.to_json() if self.choice else None,
            "reference": self.reference.to_json() if self.reference else None,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ColumnFit:
        """Read what `to_json` wrote."""
        choice, reference = document["choice"], document.get("reference")
        return cls(
            column=document["column"],
            output=document["output"],
            index=document["index"],
            method=document["method"],
            options=document["options"],
            version=document["version"],
            transform=Transform.from_json(document["transform"]),
            treatment=Treatment.from_json(document["treatment"]),
            missing=document["missing"],
            before=Shape.from_json(document["before"]),
            after=Shape.from_json(document["after"]),
            choice=Choice.from_json(choice) if choice else None,
            reference=Reference.from_json(reference) if reference else None,
        )


def learn_column(
    name: str,
    profile: ColumnProfile,
    wanted: MethodSpec,
    *,
    index: int | None = None,
    goal: Goal = "model",
    compat: Compat = "sklearn",
    where: str = "",
    margin: float = MARGIN,
    earlier: Choice | None = None,
) -> ColumnFit:
    """Fit one column from its profile: as named, or as `auto` chooses.

    `earlier` is the choice of an earlier fit, which stays within the `margin`.

    Raises:
        FitError: a named method or a policy refuses the column; the sentence holds the number at fault.
    """
    column = name if index is None else member(name, index)
    choice = (
        chosen(profile, wanted, goal=goal, margin=margin, earlier=earlier)
        if wanted.method == "auto"
        else None
    )
    wanted = conventional(wanted, compat, choice.method if choice else None)
    try:
        recipe, found, choice = _found(profile, wanted, choice)
        around = recipe.treatment(profile)
    except FitError as refusal:
        who = "a policy" if wanted.method == "auto" else wanted.method
        raise FitError(
            f"{who} refuses column '{column}': {refusal.message}",
            where=where,
            hint="" if wanted.method == "auto" else "name another method, or 'auto' to let normflow choose",
        ) from None
    recorded = plain({**wanted.options, **(choice.options if choice else {})})
    if choice and choice.soft_clip is not None:
        recorded["soft_clip"] = choice.soft_clip
    if choice and choice.unit is not None:
        recorded["unit"] = choice.unit if isinstance(choice.unit, str) else list(choice.unit)
    return ColumnFit(
        column=name,
        output=name + wanted.suffix,
        index=index,
        method=recipe.method.name,
        options={**recorded, **written(wanted.policies)},
        version=recipe.method.version,
        transform=found,
        treatment=around,
        missing=profile.missing,
        before=Shape.before(profile),
        after=Shape.after(profile, found, around),
        choice=choice,
        reference=Reference.of(profile),
    )


def chosen(
    profile: ColumnProfile,
    wanted: MethodSpec,
    *,
    goal: Goal = "model",
    margin: float = MARGIN,
    earlier: Choice | None = None,
) -> Choice:
    """What `auto` chooses for a line: with its own goal and candidates, where it has them."""
    return choose(
        profile,
        goal=wanted.goal or goal,
        declared=wanted.declared,
        candidates=wanted.candidates,
        plugins=wanted.plugins,
        earlier=earlier,
        margin=margin,
    )


def recipe_of(wanted: MethodSpec, choice: Choice | None) -> Recipe:
    """How a column's parameters are learned, by a line with its conventions or by the choice for it."""
    name = choice.method if choice else wanted.method
    options = {**wanted.options, **choice.options} if choice else wanted.options
    return Recipe(
        method=method_named(name, options, wanted.plugins),
        policies=wanted.policies,
        auto=choice is not None,
        soft_clip=choice.soft_clip if choice else None,
        unit=choice.unit if choice else None,
    )


def _found(
    profile: ColumnProfile, wanted: MethodSpec, choice: Choice | None
) -> tuple[Recipe, Transform, Choice | None]:
    """The recipe, its transform, and the choice, which is withdrawn where the method refuses after all."""
    recipe = recipe_of(wanted, choice)
    found: Transform | str | None = recipe.constant(profile)
    if found is None:
        tried = (
            choice.learned() if choice and {**wanted.options, **choice.options} == choice.options else None
        )
        found = tried or attempted(recipe.method, profile)
    if not isinstance(found, str):
        return recipe, recipe.finished(found, profile), choice
    if choice is None:
        raise FitError(found)
    return (
        replace(recipe, method=Keep(), soft_clip=None, unit=None),
        Transform.identity(),
        choice.withdrawn(found),
    )
