"""How we fit: methods, pure functions from a profile to a transform.

To add one, write one file and name its class in `METHODS`; the contract suite then tests it on every awkward
column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from normflow.errors import ConfigError, suggestion
from normflow.methods._method import QUARTILES, Method
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
from normflow.methods.quantile_normal import QuantileNormal
from normflow.methods.quantile_uniform import QuantileUniform
from normflow.methods.robust import Robust
from normflow.methods.sqrt import Sqrt
from normflow.methods.squash import Squash
from normflow.methods.unit import Unit
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
    "conventional",
    "method_named",
    "option_names",
    "own_keys",
    "row_method_named",
]


Named = TypeVar("Named", Method, RowMethod)


def method_named(name: str, options: Mapping[str, object] | None = None) -> Method:
    """The column-wise method of that name with these options; options not given keep their defaults.

    Raises:
        ConfigError: an unknown method or option, or a value that does not suit it.
    """
    return _named(METHODS, name, options or {})


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
