"""A transform: a chain of maps, read from left to right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, ClassVar

from normflow.errors import FormatError
from normflow.transforms.kinds import elementary_from_json, only_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from normflow.transforms._map import JsonMap, Map
    from normflow.transforms.arithmetic import Arithmetic, FloatArray, Number


@dataclass(frozen=True, slots=True)
class Transform:
    """What is stored for a column: maps applied one after the other; the empty chain changes nothing.

    Chains among the maps are flattened, so that equal chains are equal values.
    """

    kind: ClassVar[str] = "chain"
    maps: tuple[Map, ...] = ()

    def __post_init__(self) -> None:
        flat = (one.maps if isinstance(one, Transform) else (one,) for one in self.maps)
        object.__setattr__(self, "maps", tuple(single for maps in flat for single in maps))

    @classmethod
    def identity(cls) -> Transform:
        """The chain that changes nothing."""
        return cls()

    def then(self, *maps: Map) -> Transform:
        """This chain, followed by more maps."""
        return Transform((*self.maps, *maps))

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """`y` of x."""
        for one in self.maps:
            x = one.forward(a.keep(x), a)
        return x

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """`x` of y."""
        for one in reversed(self.maps):
            y = one.backward(a.keep(y), a)
        return y

    def expr(self, x: pl.Expr) -> pl.Expr:
        """`y` as one expression; `stages` is several times as fast where a map mentions x twice."""
        return reduce(lambda y, one: one.expr(y), self.maps, x)

    def stages(self, x: str, scratch: str) -> list[dict[str, pl.Expr]]:
        """`y` as `with_columns` steps, one map after the other; they share their scratch columns."""
        return [step for one in self.maps for step in one.stages(x, scratch)]

    def inverse(self, y: pl.Expr) -> pl.Expr:
        """`x` as one expression."""
        return reduce(lambda x, one: one.inverse(x), reversed(self.maps), y)

    def inverse_stages(self, y: str, scratch: str) -> list[dict[str, pl.Expr]]:
        """`x` as `with_columns` steps."""
        return [step for one in reversed(self.maps) for step in one.inverse_stages(y, scratch)]

    def sql(self, x: str) -> str:
        """`y` as SQL text."""
        return reduce(lambda y, one: one.sql(y), self.maps, x)

    def inverse_sql(self, y: str) -> str:
        """`x` as SQL text."""
        return reduce(lambda x, one: one.inverse_sql(x), reversed(self.maps), y)

    def domain(self) -> tuple[float, float]:
        """What passes through every map of the chain."""
        ends = -math.inf, math.inf
        for one in reversed(self.maps):
            ends = one.preimage(*ends)
        return ends

    def image(self, lo: float, hi: float) -> tuple[float, float]:
        """Where [lo, hi] goes.

        Raises:
            FitError: no number of the interval lies in the domain.
        """
        return reduce(lambda ends, one: one.image(*ends), self.maps, (lo, hi))

    def preimage(self, lo: float, hi: float) -> tuple[float, float]:
        """What goes to [lo, hi].

        Raises:
            FitError: no number of the interval lies in the image.
        """
        return reduce(lambda ends, one: one.preimage(*ends), reversed(self.maps), (lo, hi))

    def points(self, values: FloatArray) -> FloatArray:
        """`y` on an array."""
        return reduce(lambda y, one: one.points(y), self.maps, values)

    def exact_points(self, values: FloatArray) -> FloatArray:
        """`y` on an array of numbers inside the domain, with equal bits wherever the C library is the same.

        Raises:
            OverflowError: a result is beyond float64.
        """
        return reduce(lambda y, one: one.exact_points(y), self.maps, values)

    def number(self, *, backward: bool = False) -> Callable[[float], float]:
        """`y` of one float, map by map; NaN where a frame has null."""
        maps = reversed(self.maps) if backward else self.maps
        steps = [one.number(backward=backward) for one in maps]
        return lambda x: reduce(lambda y, step: step(y), steps, x)

    def formula(self, x: str = "x") -> str:
        """`y` as people write it."""
        return reduce(lambda y, one: one.formula(y), self.maps, x)

    def to_json(self) -> JsonMap:
        """`{"kind": "chain", "maps": […]}`."""
        return {"kind": self.kind, "maps": [one.to_json() for one in self.maps]}

    @classmethod
    def from_json(cls, stored: object) -> Transform:
        """The chain that `to_json` stored.

        Raises:
            FormatError: an unknown kind, a missing or an extra field, or something that is no finite number.
        """
        if not isinstance(stored, Mapping):
            raise FormatError(f"a stored transform is an object, not {stored!r}")
        if stored.get("kind") != cls.kind:
            raise FormatError(f"a transform is stored as a 'chain', not as '{stored.get('kind')}'")
        only_fields(stored, cls.kind, ("kind", "maps"))
        maps = stored["maps"]
        if not isinstance(maps, list):
            raise FormatError("the maps of a stored chain are a list")
        return cls(tuple(elementary_from_json(one) for one in maps))


def from_json(stored: Mapping[str, object]) -> Map:
    """Any stored map, elementary or a chain.

    Raises:
        FormatError: an unknown kind, a missing or an extra field, or something that is no finite number.
    """
    return Transform.from_json(stored) if stored.get("kind") == "chain" else elementary_from_json(stored)
