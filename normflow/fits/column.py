"""The fit of one column: a method that was chosen or named, and the transform it gave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from normflow.errors import FitError
from normflow.fits.shape import Shape
from normflow.fits.treatment import IDLE, Treatment, constant_transform, treatment
from normflow.methods import Keep, conventional, method_named
from normflow.naming import member
from normflow.select import Choice, choose, plain
from normflow.spec import written
from normflow.transforms import Squash, Transform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.methods import Method
    from normflow.profiles import ColumnProfile
    from normflow.spec import Compat, MethodSpec, Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFit:
    """Parameters of one column: where they came from and what they do.

    `column` is read and `output` written (the same name unless a suffix was asked for); `index` is the
    dimension where the column holds arrays. `transform` is the map that is undone again; `treatment` is
    what happens to a value around it. `choice` is None where the user named the method.
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

    @property
    def label(self) -> str:
        """The output's name, with the dimension of an array."""
        return self.output if self.index is None else member(self.output, self.index)

    @property
    def reason(self) -> str:
        """Why this method, in a sentence."""
        return self.choice.reason if self.choice else "named in the pipeline"

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
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ColumnFit:
        """Read what `to_json` wrote."""
        choice = document["choice"]
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
        )


def learn_column(
    name: str,
    profile: ColumnProfile,
    wanted: MethodSpec,
    *,
    index: int | None = None,
    goal: str = "model",
    compat: Compat = "sklearn",
    where: str = "",
) -> ColumnFit:
    """Fit one column from its profile: as named, or as `auto` chooses.

    Raises:
        FitError: a named method or a policy refuses the column; the sentence holds the number at fault.
    """
    column = name if index is None else member(name, index)
    choice = choose(profile, goal=goal) if wanted.method == "auto" else None
    wanted = conventional(wanted, compat, choice.method if choice else None)
    try:
        method, found, choice = _mapped(profile, wanted, choice)
        around = treatment(profile, _possible(wanted.policies, profile) if choice else wanted.policies)
    except FitError as refusal:
        who = "a policy" if wanted.method == "auto" else wanted.method
        raise FitError(
            f"{who} refuses column '{column}': {refusal.message}",
            where=where,
            hint="" if wanted.method == "auto" else "name another method, or 'auto' to let normflow choose",
        ) from None
    recorded = plain({**wanted.options, **(choice.options if choice else {})})
    if choice and choice.soft_clip is not None:
        found = found.then(Squash(choice.soft_clip))
        recorded["soft_clip"] = choice.soft_clip
    return ColumnFit(
        column=name,
        output=name + wanted.suffix,
        index=index,
        method=method.name,
        options={**recorded, **written(wanted.policies)},
        version=method.version,
        transform=found,
        treatment=around,
        missing=profile.missing,
        before=Shape.before(profile),
        after=Shape.after(profile, found, around),
        choice=choice,
    )


def _mapped(
    profile: ColumnProfile, wanted: MethodSpec, choice: Choice | None
) -> tuple[Method, Transform, Choice | None]:
    """The method, its transform, and the choice, which is withdrawn where the method refuses after all."""
    name = choice.method if choice else wanted.method
    options = {**wanted.options, **choice.options} if choice else wanted.options
    method, policy = method_named(name, options), wanted.policies.constant
    if profile.is_constant and profile.min is not None and method.name != Keep.name and choice is None:
        return method, constant_transform(profile.min, policy or "zero", method.midpoint), None
    if profile.is_constant and profile.min is not None and policy is not None:
        return method, constant_transform(profile.min, policy, method.midpoint), choice
    tried = choice.learned() if choice and options == choice.options else None
    found = tried or method.attempt(profile)
    if not isinstance(found, str):
        return method, found, choice
    if choice is None:
        raise FitError(found)
    return Keep(), Transform.identity(), choice.withdrawn(found)


def _possible(policies: Policies, profile: ColumnProfile) -> Policies:
    """The policies that need no value where there is none: `auto` leaves such a column as it is."""
    if profile.min is not None:
        return policies
    return replace(policies, clip=None, fill=policies.fill if isinstance(policies.fill, float) else None)
