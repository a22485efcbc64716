"""What other packages add to a pipeline: found by entry points, loaded only where a pipeline lists them.

A package offers it under a name of its own in the entry-point group of its kind:

    [project.entry-points."normflow.hooks"]
    pager = "acme_pager:Pager"

`plugins: [pager]` loads what is called so, of every kind.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from normflow.errors import ConfigError, PluginError, suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from importlib.metadata import EntryPoint

    from normflow.record import RunRecord
    from normflow.spec import Pipeline

PluginKind = Literal["methods", "checks", "sources", "sinks", "secrets", "reporters", "hooks"]
KINDS: tuple[PluginKind, ...] = get_args(PluginKind)

PREFIX = "normflow."


class Hook:
    """What is done at the turns of a run: subclass it, and override what is wanted.

    Each run makes an object of its own, without arguments. What `started` and `judged` raise ends the run,
    and nothing is published; what the others raise is a warning, since the run has ended.
    """

    def started(self, pipeline: Pipeline, run_id: str) -> None:
        """The run is on record, and no row is read."""

    def stage(self, name: str, rows: int, seconds: float) -> None:
        """A stage (`learn`, `fit`, `write`, `verify`, `publish` …) has ended; so many rows passed it."""

    def judged(self, record: RunRecord) -> None:
        """Every check has passed, the outputs are staged, and nothing is published."""

    def succeeded(self, record: RunRecord) -> None:
        """The outputs are published, and the run is on record."""

    def failed(self, error: BaseException, record: RunRecord | None) -> None:
        """Nothing was published; the record is there where the run came as far as the verdicts."""


def found(kind: PluginKind, name: str) -> EntryPoint | None:
    """The one of this kind and name, if any package offers it; no code of theirs runs.

    Raises:
        ConfigError: two packages offer it.
    """
    mine = [one for one in offered(kind) if one.name == name]
    if len(mine) > 1:
        both = " and ".join(sorted(map(package_of, mine)))
        raise ConfigError(f"plugin '{name}' is offered by {both}", hint="uninstall one of them")
    return mine[0] if mine else None


def kinds_of(name: str) -> list[PluginKind]:
    """What a plugin is; empty where it is not installed.

    Raises:
        ConfigError: two packages offer it.
    """
    return [kind for kind in KINDS if found(kind, name)]


def installed(name: str, kind: PluginKind | None = None) -> EntryPoint:
    """One that has to be there, of this kind, or of any.

    Raises:
        ConfigError: it is not installed, or two packages offer it.
    """
    kinds = (kind,) if kind else KINDS
    mine = next((one for each in kinds if (one := found(each, name))), None)
    if mine is None:
        others = sorted({one.name for each in kinds for one in offered(each)})
        hint = suggestion(name, others) or "none is installed"
        raise ConfigError(f"plugin '{name}' is not installed", hint=hint)
    return mine


def listed(kind: PluginKind, names: Collection[str]) -> list[str]:
    """Those of the names that are of this kind, in their order."""
    return [name for name in names if found(kind, name)]


def loaded(kind: PluginKind, name: str, parts: Collection[str] = ()) -> Any:
    """What the entry point names, which has all of the `parts`.

    Raises:
        ConfigError: it is not installed, or lacks a part.
        PluginError: its code cannot be imported.
    """
    return _loaded(kind, name, tuple(parts), tuple(sys.path))


@lru_cache(maxsize=64)
def _loaded(
    kind: PluginKind,
    name: str,
    parts: tuple[str, ...],
    path: tuple[str, ...],  # noqa: ARG001  (where packages are looked for)
) -> Any:
    entry = installed(name, kind)
    try:
        thing: Any = entry.load()
    except Exception as error:  # a stranger's module may raise anything
        raise PluginError(
            f"plugin '{name}' cannot be loaded from {entry.value}: {type(error).__name__}: {error}",
            hint=f"look at {package_of(entry)}",
        ) from error
    lacking = [part for part in parts if not hasattr(thing, part)]
    if lacking or not (parts or callable(thing)):
        what = f"it lacks {', '.join(lacking)}" if lacking else "it cannot be called"
        raise ConfigError(f"plugin '{name}' ({entry.value}) is no {kind.removesuffix('s')}: {what}")
    return thing


def package_of(one: EntryPoint) -> str:
    """Package and version, which stand for its code."""
    return f"{one.dist.name} {one.dist.version}" if one.dist else one.value


def offered(kind: str) -> tuple[EntryPoint, ...]:
    """All that installed packages offer of a kind."""
    return _everything(tuple(sys.path)).get(kind, ())


@lru_cache(maxsize=4)
def _everything(path: tuple[str, ...]) -> Mapping[str, tuple[EntryPoint, ...]]:  # noqa: ARG001  (as above)
    from importlib.metadata import entry_points  # only who lists plugins needs it

    found = entry_points()
    groups = [group for group in found.groups if group.startswith(PREFIX)]
    return {group.removeprefix(PREFIX): tuple(found.select(group=group)) for group in groups}
