"""What we store: elementary monotone maps of plain numbers, and chains of them.

Each map knows how to become a Polars expression, SQL, an array function and JSON, and how to undo itself;
nothing else in the code base branches on its kind.
"""

from __future__ import annotations

from normflow.transforms._map import JsonMap, Map
from normflow.transforms.affine import Affine
from normflow.transforms.boxcox import BoxCox
from normflow.transforms.chain import Transform, from_json
from normflow.transforms.kinds import ELEMENTARY
from normflow.transforms.log import Log
from normflow.transforms.squash import Squash
from normflow.transforms.yeojohnson import YeoJohnson

KINDS = (*(one.kind for one in ELEMENTARY), Transform.kind)
"""The kinds a stored map may have."""

__all__ = [
    "ELEMENTARY",
    "KINDS",
    "Affine",
    "BoxCox",
    "JsonMap",
    "Log",
    "Map",
    "Squash",
    "Transform",
    "YeoJohnson",
    "from_json",
]
