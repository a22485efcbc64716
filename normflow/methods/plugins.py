"""Methods of other packages: loaded only where a pipeline lists them (`normflow.plugins`).

A package offers a method under its own name in the entry-point group `normflow.methods`:

    [project.entry-points."normflow.methods"]
    signedroot = "signedroot:SignedRoot"

The class is a dataclass and has what `Method` asks for. To take part in `auto` it also has a class method
`suits(profile)`, which says for which profiles it is meant, and `goals`, the goals it serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from normflow import plugins
from normflow.errors import ConfigError, PluginError
from normflow.transforms import ELEMENTARY, Transform

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from normflow.methods._method import Method
    from normflow.profiles import ColumnProfile

PARTS = ("name", "version", "needs", "reads", "midpoint", "attempt", "refuses", "fit")


def among(names: Collection[str]) -> tuple[str, ...]:
    """Those of a pipeline's plugins that are methods, or not installed, which is told where they are used.

    Raises:
        ConfigError: two packages offer one.
    """
    return tuple(name for name in names if "methods" in (plugins.kinds_of(name) or ["methods"]))


def versions(names: Collection[str], taken: Collection[str]) -> dict[str, str]:
    """Package and version of each method, which stand for its code; no code of theirs runs.

    Raises:
        ConfigError: one is not installed, is offered by two packages, or has a name that is `taken`.
    """
    _require_free(names, taken)
    return {name: plugins.package_of(plugins.installed(name, "methods")) for name in names}


def loaded(names: Collection[str], taken: Collection[str]) -> Mapping[str, type[Method]]:
    """The classes of these plugins, by the name of the method.

    Raises:
        ConfigError: one is not installed, or is no method.
        PluginError: its code cannot be imported.
    """
    _require_free(names, taken)
    return {name: _class(name) for name in names}


def _require_free(names: Collection[str], taken: Collection[str]) -> None:
    for name in names:
        if name in taken:
            raise ConfigError(
                f"plugin '{name}' has the name of a method of normflow's own",
                hint="ask its makers to rename it",
            )


def _class(name: str) -> type[Method]:
    found = plugins.loaded("methods", name, PARTS)
    if not hasattr(found, "__dataclass_fields__"):
        value = plugins.installed(name, "methods").value
        raise ConfigError(f"plugin '{name}' ({value}) is no method: it is no dataclass")
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
