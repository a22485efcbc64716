"""What installed packages offer to pipelines, by their entry points; none of their code runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from normflow.plugins import KINDS
from normflow.plugins import offered as offered_of

if TYPE_CHECKING:
    from normflow.spec import Pipeline

SCHEMAS = "schemas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One entry point: of what kind (`methods`, `hooks` …), by which package, and where its code is.

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
    found = [
        Offer(
            kind=kind,
            name=one.name,
            package=one.dist.name if one.dist else "",
            package_version=one.dist.version if one.dist else "",
            code=one.value,
            listed=None if pipeline is None else one.name in _listed(pipeline, kind),
        )
        for kind in (*KINDS, SCHEMAS)
        for one in offered_of(kind)
    ]
    return sorted(found, key=lambda one: (one.kind, one.name, one.package))


def _listed(pipeline: Pipeline, kind: str) -> tuple[str, ...]:
    return tuple(map(str, pipeline.schemas)) if kind == SCHEMAS else pipeline.plugins
