"""How we fit: methods, pure functions from a profile to a transform.

To add one here, write one file and name its class in `METHODS`; the contract suite then tests it on every
awkward column. One of another package is found by its entry point, in the group `normflow.methods`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from normflow.errors import ConfigError, suggestion
from normflow.methods._method import QUARTILES, ColumnMethod, Method
from normflow.methods._row_method import RowMethod
from normflow.methods.asinh import Asinh
from normflow.methods.boxcox import BoxCox
from normflow.methods.cbrt import Cbrt
from normflow.methods.center import Center
from normflow.methods.compat import conventional
from normflow.methods.decimal import Decimal
from normflow.methods.layer import Layer
from normflow.methods.log import Log
from normflow.methods.logit import Logit
from normflow.methods.maxabs import MaxAbs
from normflow.methods.meannorm import MeanNorm
from normflow.methods.minmax import MinMax
from normflow.methods.none import Keep
from normflow.methods.options import checked, option_names
from normflow.methods.own_keys import own_keys
from normflow.methods.plugins import among, checked_attempt, loaded, suited, versions
from normflow.methods.quantile_normal import QuantileNormal
from normflow.methods.quantile_uniform import QuantileUniform
from normflow.methods.robust import Robust
from normflow.methods.sqrt import Sqrt
from normflow.methods.squash import Squash
from normflow.methods.unit import Unit
from normflow.methods.yeojohnson import YeoJohnson
from normflow.methods.zscore import ZScore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from normflow.profiles import ColumnProfile
    from normflow.transforms import Transform

METHODS: tuple[type[Method], ...] = (
    Keep,
    Center,
    ZScore,
    MinMax,
    MaxAbs,
    MeanNorm,
    Decimal,
    Robust,
    Log,
    Sqrt,
    Cbrt,
    Asinh,
    Logit,
    BoxCox,
    YeoJohnson,
    QuantileUniform,
    QuantileNormal,
    Squash,
)
ROW_METHODS: tuple[type[RowMethod], ...] = (Unit, Layer)

__all__ = [
    "METHODS",
    "QUARTILES",
    "ROW_METHODS",
    "Asinh",
    "BoxCox",
    "Cbrt",
    "Center",
    "ColumnMethod",
    "Decimal",
    "Keep",
    "Layer",
    "Log",
    "Logit",
    "MaxAbs",
    "MeanNorm",
    "Method",
    "MinMax",
    "QuantileNormal",
    "QuantileUniform",
    "Robust",
    "RowMethod",
    "Sqrt",
    "Squash",
    "Unit",
    "YeoJohnson",
    "ZScore",
    "attempted",
    "built_in",
    "conventional",
    "method_named",
    "option_names",
    "own_keys",
    "plugin_methods",
    "plugin_versions",
    "row_method_named",
    "suiting",
]

OWN = (*(method.name for method in METHODS), *(method.name for method in ROW_METHODS))

Named = TypeVar("Named", Method, RowMethod)


def method_named(
    name: str, options: Mapping[str, object] | None = None, plugins: Sequence[str] = ()
) -> Method:
    """The column-wise method of that name with these options; options not given keep their defaults.

    `plugins` are the methods of other packages that may be named as well.

    Raises:
        ConfigError: an unknown method or option, or a value that does not suit it; or a plugin that is not
            installed, or is no method.
        PluginError: a plugin cannot be loaded.
    """
    if name in plugins:
        return _named(tuple(loaded((name,), OWN).values()), name, options or {})
    return _named(METHODS, name, options or {})


def built_in(name: str) -> bool:
    """Whether a method is normflow's own."""
    return name in OWN


def attempted(method: Method, profile: ColumnProfile) -> Transform | str:
    """The transform, or the sentence with which the method refuses; what a plugin gives is looked at.

    Raises:
        PluginError: a plugin's code fails, or gives no chain of normflow's maps.
    """
    return method.attempt(profile) if built_in(method.name) else checked_attempt(method, profile)


def suiting(plugins: Sequence[str], profile: ColumnProfile, goal: str) -> Iterator[str]:
    """The plugins that take part in `auto` for this profile and goal.

    Raises:
        ConfigError: a plugin is not installed, or is no method.
        PluginError: its code cannot be loaded, or fails.
    """
    return suited(loaded(tuple(plugins), OWN), profile, goal)


def plugin_methods(plugins: Sequence[str]) -> tuple[str, ...]:
    """Those of a pipeline's plugins that are methods; none of their code runs.

    Raises:
        ConfigError: two packages offer one.
    """
    return among(plugins)


def plugin_versions(plugins: Sequence[str]) -> dict[str, str]:
    """Package and version of each plugin; none of their code runs.

    Raises:
        ConfigError: one is not installed, or has the name of a method of normflow's own.
    """
    return versions(plugins, OWN)


def row_method_named(name: str, options: Mapping[str, object] | None = None) -> RowMethod:
    """The row-wise method of that name with these options; options not given keep their defaults.

    Raises:
        ConfigError: an unknown method or option, or a value that does not suit it.
    """
    return _named(ROW_METHODS, name, options or {})


def _named(methods: tuple[type[Named], ...], name: str, options: Mapping[str, object]) -> Named:
    by_name = {method.name: method for method in methods}
    if name not in by_name:
        raise ConfigError(f"no method '{name}'", hint=suggestion(name, by_name))
    method = by_name[name]
    return method(**checked(method, options))
