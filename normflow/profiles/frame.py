"""All that is known of a frame: the profiles of its columns."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from normflow.dtypes import is_numeric
from normflow.errors import FormatError
from normflow.profiles.column import ColumnProfile
from normflow.profiles.stored import opened, sealed

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

MAGIC = b"NFpr"
VERSION = 1
SHOWN = 12
"""Columns that are named where a profile is shown."""


@dataclass(frozen=True)
class Profile(Mapping[str, ColumnProfile]):
    """The profiles of a frame's columns by name: `a + b` is the profile of the rows of both.

    `Profile()` is nothing, and a column that one side lacks is nothing there. `schema` holds the Polars type
    of each column; where parts differ it is Float64 if all are numbers, else String, and Null gives way.

    A fit from a profile is that of its frame, but for columns with a quartile that is `coarse` (1e9 ± 1
    beside some zeros): from the frame the rows are read again for it, and a profile that was merged or
    stored has no rows. Refine it first (`refined`), or fit from the frame.
    """

    profiles: Mapping[str, ColumnProfile] = field(default_factory=dict)
    rows: int = 0
    schema: Mapping[str, PolarsDataType] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Short, for people; `to_bytes` has it all."""
        names = list(self.profiles)
        more = [f"… {len(names) - SHOWN} more"] if len(names) > SHOWN else []
        return f"<Profile of {self.rows:,} rows: {', '.join([*names[:SHOWN], *more])}>"

    def __getitem__(self, column: str) -> ColumnProfile:
        return self.profiles[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.profiles)

    def __len__(self) -> int:
        return len(self.profiles)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Profile):
            return NotImplemented
        return self.rows == other.rows and self.profiles == other.profiles and self.schema == other.schema

    def __hash__(self) -> int:
        return hash((self.rows, frozenset(self.profiles.items())))

    def __add__(self, other: Profile) -> Profile:
        names = dict.fromkeys([*self.profiles, *other.profiles])
        nothing = ColumnProfile()
        return Profile(
            {name: self.get(name, nothing) + other.get(name, nothing) for name in names},
            self.rows + other.rows,
            {**self.schema, **other.schema, **_common(self.schema, other.schema)},
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns: in the order of the frame, or in their own where it was stored."""
        return tuple(self.profiles)

    @property
    def dtypes(self) -> dict[str, str]:
        """The name of each column's Polars type."""
        return {name: str(dtype) for name, dtype in self.schema.items()}

    def to_bytes(self) -> bytes:
        """The states of all columns as bytes, versioned and in the order of their names.

        Equal profiles have equal bytes, whatever they were merged from and in which order.
        """
        schema = io.BytesIO()
        names = sorted(self)
        pl.DataFrame(schema={name: self.schema.get(name, pl.Null()) for name in names}).write_ipc(schema)
        states = [self[name].to_bytes() for name in names]
        return sealed(MAGIC, VERSION, [struct.pack("<Q", self.rows), schema.getvalue(), *states])

    @classmethod
    def from_bytes(cls, data: bytes) -> Profile:
        """The profile that `to_bytes` stored.

        Raises:
            FormatError: where the bytes are damaged or of a version this program does not read.
        """
        try:
            rows, types, *states = opened(MAGIC, VERSION, data)
            schema = pl.read_ipc(types).schema
            columns = map(ColumnProfile.from_bytes, states)
            (many,) = struct.unpack("<Q", rows)
            return cls(dict(zip(schema, columns, strict=True)), many, dict(schema))
        except (ValueError, OSError, struct.error, pl.exceptions.PolarsError) as error:
            raise FormatError("the stored profile is damaged", hint="profile the data again") from error


def _common(
    one: Mapping[str, PolarsDataType], other: Mapping[str, PolarsDataType]
) -> dict[str, PolarsDataType]:
    """The types of columns that two frames have with different types."""
    return {
        name: _either(one[name], other[name]) for name in one if name in other and one[name] != other[name]
    }


def _either(one: PolarsDataType, other: PolarsDataType) -> PolarsDataType:
    """One type for values of two: the order in which parts are merged leaves no trace in it."""
    if pl.Null in (one, other):
        return one if other == pl.Null else other
    # as text any value can be read, and it is no number
    return pl.Float64() if is_numeric(one) and is_numeric(other) else pl.String()
