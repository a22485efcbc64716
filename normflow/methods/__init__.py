"""How we fit: methods, pure functions from a profile to a transform.

To add one, write one file and name its class in `METHODS`; the contract suite then tests it on every awkward
column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.errors import ConfigError, suggestion
from normflow.methods._method import QUARTILES, Method
from normflow.methods.boxcox import BoxCox
from normflow.methods.center import Center
from normflow.methods.log import Log
from normflow.methods.maxabs import MaxAbs
from normflow.methods.minmax import MinMax
from normflow.methods.none import Keep
from normflow.methods.options import checked, option_names
from normflow.methods.robust import Robust
from normflow.methods.squash import Squash
from normflow.methods.yeojohnson import YeoJohnson
from normflow.methods.zscore import ZScore

if TYPE_CHECKING:
    from collections.abc import Mapping

METHODS: tuple[type[Method], ...] = (
    Keep,
    Center,
    ZScore,
    MinMax,
    MaxAbs,
    Robust,
    Log,
    BoxCox,
    YeoJohnson,
    Squash,
)

__all__ = [
    "METHODS",
    "QUARTILES",
    "BoxCox",
    "Center",
    "Keep",
    "Log",
    "MaxAbs",
    "Method",
    "MinMax",
    "Robust",
    "Squash",
    "YeoJohnson",
    "ZScore",
    "method_named",
    "option_names",
]


def method_named(name: str, options: Mapping[str, object] | None = None) -> Method:
    """The method of that name with these options; options not given keep their defaults.

    Raises:
        ConfigError: an unknown method or option, or a value that does not suit it.
    """
    by_name = {method.name: method for method in METHODS}
    if name not in by_name:
        raise ConfigError(f"no method '{name}'", hint=suggestion(name, by_name))
    method = by_name[name]
    return method(**checked(method, options or {}))
