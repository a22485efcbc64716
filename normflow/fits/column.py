"""The fit of one column: a method that was chosen or named, and the transform it gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from normflow.errors import FitError
from normflow.fits.shape import Shape
from normflow.methods import Keep, method_named
from normflow.select import Choice, choose, plain
from normflow.transforms import Squash, Transform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.profiles import ColumnProfile
    from normflow.spec import MethodSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFit:
    """Parameters of one column: where they came from and what they do.

    `column` is read and `output` written (the same name unless a suffix was asked for). `choice` is None
    where the user named the method. NaN and ±inf become null before the transform.
    """

    column: str
    output: str
    method: str
    options: Mapping[str, object]
    version: int
    transform: Transform
    missing: float
    before: Shape
    after: Shape
    choice: Choice | None = None

    @property
    def reason(self) -> str:
        """Why this method, in a sentence."""
        return self.choice.reason if self.choice else "named in the pipeline"

    @property
    def passes_through(self) -> bool:
        """Whether the column stays as it is, in its place."""
        return not self.transform.maps and self.column == self.output

    def to_json(self) -> dict[str, Any]:
        """The column's fit as plain JSON values."""
        return {
            "column": self.column,
            "output": self.output,
            "method": self.method,
            "options": dict(self.options),
            "version": self.version,
            "transform": self.transform.to_json(),
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
            method=document["method"],
            options=document["options"],
            version=document["version"],
            transform=Transform.from_json(document["transform"]),
            missing=document["missing"],
            before=Shape.from_json(document["before"]),
            after=Shape.from_json(document["after"]),
            choice=Choice.from_json(choice) if choice else None,
        )


def learn_column(
    name: str, profile: ColumnProfile, wanted: MethodSpec, *, goal: str = "model", where: str = ""
) -> ColumnFit:
    """Fit one column from its profile: as named, or as `auto` chooses.

    Raises:
        FitError: a named method refuses the column; the sentence holds the number at fault.
    """
    choice = choose(profile, goal=goal) if wanted.method == "auto" else None
    name_of, options = (choice.method, choice.options) if choice else (wanted.method, wanted.options)
    method = method_named(name_of, options)
    found = (choice.learned() if choice else None) or method.attempt(profile)
    if isinstance(found, str):
        if choice is None:
            raise FitError(
                f"{name_of} refuses column '{name}': {found}",
                where=where,
                hint="name another method, or 'auto' to let normflow choose",
            )
        choice, method, found = choice.withdrawn(found), Keep(), Transform.identity()
    recorded = plain(choice.options if choice else options)
    if choice and choice.soft_clip is not None:
        found = found.then(Squash(choice.soft_clip))
        recorded["soft_clip"] = choice.soft_clip
    return ColumnFit(
        column=name,
        output=name + wanted.suffix,
        method=method.name,
        options=recorded,
        version=method.version,
        transform=found,
        missing=(profile.rows - profile.n) / profile.rows if profile.rows else 0.0,
        before=Shape.before(profile),
        after=Shape.after(profile, found),
        choice=choice,
    )
