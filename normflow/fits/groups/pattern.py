"""A chain of maps that many groups share, each with numbers of its own."""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from normflow.errors import FormatError
from normflow.transforms import Transform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from normflow.transforms import Map
    from normflow.transforms.formula import FormulaMap


class Slot(NamedTuple):
    """A number that differs between groups: the place of its map in the chain, its field, its column."""

    place: int
    field: str
    column: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """The chain of one group, and which of its numbers are columns: all others are the same in all groups."""

    chain: Transform
    slots: tuple[Slot, ...] = ()

    @classmethod
    def of(cls, chains: Sequence[Transform], prefix: str) -> Pattern:
        """The pattern of chains of equal kinds; the numbers that differ get columns of this prefix."""
        first = chains[0]
        numbered = [
            (place, field)
            for place, name in enumerate(first.maps)
            for field in fields_of(name)
            if len({_bits(getattr(chain.maps[place], field)) for chain in chains}) > 1
        ]
        return cls(first, tuple(Slot(*one, f"{prefix}{i}") for i, one in enumerate(numbered)))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the maps, in their order."""
        return kinds_of(self.chain)

    def numbers(self, chain: Transform) -> dict[str, float]:
        """The numbers of a chain of these kinds, by column."""
        return {slot.column: getattr(chain.maps[slot.place], slot.field) for slot in self.slots}

    def filled(self, numbers: Mapping[str, float]) -> Transform:
        """The chain of the group that has these numbers."""
        found = []
        for place, one in enumerate(self.chain.maps):
            own = {slot.field: numbers[slot.column] for slot in self.slots if slot.place == place}
            values = {field: getattr(one, field) for field in fields_of(one)}
            found.append(type(one)(**{**values, **own}))
        return Transform(tuple(found))

    def read(self, column: Callable[[str], pl.Expr]) -> Transform:
        """The chain whose numbers are columns of the frame it is read on."""
        return Transform(
            tuple(
                cast("FormulaMap", one).by_group(
                    {slot.field: column(slot.column) for slot in self.slots if slot.place == place}
                )
                for place, one in enumerate(self.chain.maps)
            )
        )

    def to_json(self) -> dict[str, Any]:
        """The chain, and its slots as triples."""
        return {"chain": self.chain.to_json(), "slots": [list(slot) for slot in self.slots]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Pattern:
        """Read what `to_json` wrote.

        Raises:
            FormatError: a slot is no number of the chain.
        """
        chain = Transform.from_json(document["chain"])
        slots = tuple(Slot(*one) for one in document["slots"])
        for slot in slots:
            if slot.place >= len(chain.maps) or slot.field not in fields_of(chain.maps[slot.place]):
                raise FormatError(f"a stored pattern has no number {slot.field} in map {slot.place}")
        return cls(chain, slots)


def kinds_of(chain: Transform) -> tuple[str, ...]:
    """The kinds of a chain's maps, in their order."""
    return tuple(one.kind for one in chain.maps)


def takes_columns(chain: Transform) -> bool:
    """Whether the numbers of every map may be columns."""
    return all(cast("FormulaMap", one).takes_columns for one in chain.maps)


def fields_of(one: Map) -> tuple[str, ...]:
    """The names of a map's numbers."""
    kind: Any = type(one)
    return _fields(kind)


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _bits(value: float) -> bytes:
    return struct.pack("<d", value)
