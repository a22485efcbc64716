"""What we store: elementary monotone maps of plain numbers, and chains of them.

Each map knows how to become a Polars expression, SQL, an array function and JSON, and how to undo itself;
nothing else in the code base branches on its kind.
"""

from __future__ import annotations

from normflow.transforms._map import JsonMap, Map
from normflow.transforms.affine import Affine
from normflow.transforms.asinh import Asinh
from normflow.transforms.boxcox import BoxCox
from normflow.transforms.cbrt import Cbrt
from normflow.transforms.chain import Transform, from_json
from normflow.transforms.clip import Clip
from normflow.transforms.fill import Fill
from normflow.transforms.interpolate import Interpolate
from normflow.transforms.kinds import ELEMENTARY
from normflow.transforms.log import Log
from normflow.transforms.logit import Logit
from normflow.transforms.normal_quantile import NormalQuantile
from normflow.transforms.nothing import Nothing
from normflow.transforms.sqrt import Sqrt
from normflow.transforms.squash import Squash
from normflow.transforms.within import Within
from normflow.transforms.yeojohnson import YeoJohnson

KINDS = (*(one.kind for one in ELEMENTARY), Transform.kind)
"""The kinds a stored map may have."""

__all__ = [
    "ELEMENTARY",
    "KINDS",
    "Affine",
    "Asinh",
    "BoxCox",
    "Cbrt",
    "Clip",
    "Fill",
    "Interpolate",
    "JsonMap",
    "Log",
    "Logit",
    "Map",
    "NormalQuantile",
    "Nothing",
    "Sqrt",
    "Squash",
    "Transform",
    "Within",
    "YeoJohnson",
    "from_json",
]
