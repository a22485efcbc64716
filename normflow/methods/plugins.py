"""Methods of other packages: found by their entry point, loaded only where a pipeline lists them.

A package offers a method under its own name in the entry-point group `normflow.methods`:

    [project.entry-points."normflow.methods"]
    signedroot = "signedroot:SignedRoot"

The class is a dataclass and has what `Method` asks for. To take part in `auto` it also has a class method
`suits(profile)`, which says for which profiles it is meant, and `goals`, the goals it serves.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, cast

from normflow.errors import ConfigError, PluginError, suggestion
from normflow.transforms import ELEMENTARY, Transform

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from normflow.methods._method import Method
    from normflow.profiles import ColumnProfile

GROUP = "normflow.methods"
PARTS = ("name", "version", "needs", "reads", "midpoint", "attempt", "refuses", "fit")


def installed(names: Collection[str], taken: Collection[str]) -> Mapping[str, EntryPoint]:
    """The entry points of these plugins; no code of theirs runs.

    Raises:
        ConfigError: one is not installed, is offered by two packages, or has a name that is `taken`.
    """
    found: dict[str, EntryPoint] = {}
    offered = _offered(tuple(sys.path))
    for name in names:
        mine = [one for one in offered if one.name == name]
        if name in taken:
            raise ConfigError(
                f"plugin '{name}' has the name of a method of normflow's own",
                hint="ask its makers to rename it",
            )
        if not mine:
            known = suggestion(name, {one.name for one in offered}) or "none is installed"
            raise ConfigError(f"plugin '{name}' is not installed", hint=known)
        if len(mine) > 1:
            both = " and ".join(sorted(_package(one) for one in mine))
            raise ConfigError(f"plugin '{name}' is offered by {both}", hint="uninstall one of them")
        found[name] = mine[0]
    return found


@lru_cache(maxsize=4)
def _offered(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:  # noqa: ARG001  (where packages are looked for)
    return tuple(entry_points(group=GROUP))


def versions(names: Collection[str], taken: Collection[str]) -> dict[str, str]:
    """Package and version of each plugin, which stand for its code."""
    return {name: _package(one) for name, one in installed(names, taken).items()}


def _package(one: EntryPoint) -> str:
    return f"{one.dist.name} {one.dist.version}" if one.dist else one.value


def loaded(names: tuple[str, ...], taken: tuple[str, ...]) -> Mapping[str, type[Method]]:
    """The classes of these plugins, by the name of the method.

    Raises:
        ConfigError: one is not installed, or is no method.
        PluginError: its code cannot be imported.
    """
    return _loaded(names, taken, tuple(sys.path)) if names else {}


@lru_cache(maxsize=16)
def _loaded(
    names: tuple[str, ...],
    taken: tuple[str, ...],
    path: tuple[str, ...],  # noqa: ARG001  (as above)
) -> Mapping[str, type[Method]]:
    return {name: _class(name, one) for name, one in installed(names, taken).items()}


def _class(name: str, entry: EntryPoint) -> type[Method]:
    try:
        found: Any = entry.load()
    except Exception as error:
        raise PluginError(
            f"plugin '{name}' cannot be loaded from {entry.value}: {type(error).__name__}: {error}",
            hint=f"look at {_package(entry)}",
        ) from error
    lacking = [part for part in PARTS if not hasattr(found, part)]
    if lacking or not hasattr(found, "__dataclass_fields__"):
        what = f"it lacks {', '.join(lacking)}" if lacking else "it is no dataclass"
        raise ConfigError(f"plugin '{name}' ({entry.value}) is no method: {what}")
    if found.name != name:
        raise ConfigError(
            f"plugin '{name}' gives a method called '{found.name}'",
            hint="the entry point has the method's name",
        )
    return cast("type[Method]", found)


def checked_attempt(method: Method, profile: ColumnProfile) -> Transform | str:
    """What a plugin's method makes of a profile, if it is a chain of normflow's own maps.

    Raises:
        PluginError: its code fails, or it gives something else.
    """
    try:
        found: Any = method.attempt(profile)
    except Exception as error:
        raise PluginError(f"method '{method.name}' failed: {type(error).__name__}: {error}") from error
    if isinstance(found, str):
        return found
    if not isinstance(found, Transform):
        raise PluginError(f"method '{method.name}' gives {type(found).__name__}, and no transform")
    foreign = next((one for one in found.maps if type(one) not in ELEMENTARY), None)
    if foreign is not None:
        raise PluginError(
            f"method '{method.name}' gives a map of its own, {type(foreign).__name__}",
            hint="a transform is a chain of normflow's maps",
        )
    return found


def suited(methods: Mapping[str, type[Method]], profile: ColumnProfile, goal: str) -> Iterator[str]:
    """The names of those that say they are meant for this profile and goal.

    Raises:
        PluginError: its code fails.
    """
    for name, method in methods.items():
        asked: Any = method
        if not hasattr(asked, "suits") or goal not in getattr(asked, "goals", ()):
            continue
        try:
            suits = asked.suits(profile)
        except Exception as error:
            raise PluginError(f"method '{name}' failed: {type(error).__name__}: {error}") from error
        if suits:
            yield name
