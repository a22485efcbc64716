"""What installed packages offer to pipelines, by their entry points; none of their code runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import Pipeline

PREFIX = "normflow."


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One entry point: of what kind (`methods`, `schemas`), by which package, and where its code is.

    `listed` says whether a pipeline names it, and so loads it; None where none was looked at.
    """

    kind: str
    name: str
    package: str
    package_version: str
    code: str
    listed: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return asdict(self)


def offered(pipeline: Pipeline | None = None) -> list[Offer]:
    """All entry points of the groups `normflow.…`, in the order of group, name and package."""
    names = _listed(pipeline) if pipeline else None
    found = [
        Offer(
            kind=one.group.removeprefix(PREFIX),
            name=one.name,
            package=one.dist.name if one.dist else "",
            package_version=one.dist.version if one.dist else "",
            code=one.value,
            listed=None if names is None else one.name in names.get(one.group, ()),
        )
        for group in entry_points().groups
        if group.startswith(PREFIX)
        for one in entry_points(group=group)
    ]
    return sorted(found, key=lambda one: (one.kind, one.name, one.package))


def _listed(pipeline: Pipeline) -> Mapping[str, tuple[str, ...]]:
    return {
        "normflow.methods": tuple(pipeline.plugins),
        "normflow.schemas": tuple(map(str, pipeline.schemas)),
    }
