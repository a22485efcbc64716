"""All that is known of a frame's columns in every group of its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from normflow.errors import FormatError
from normflow.profiles.grouped import stored
from normflow.profiles.grouped.keys import RunningKeys
from normflow.profiles.grouped.running import RunningGroups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from normflow.profiles.bits import Ints
    from normflow.profiles.column import ColumnProfile
    from normflow.profiles.grouped.columns import GroupedColumn


@dataclass(frozen=True, eq=False)
class GroupedProfile:
    """The profiles of columns in each group of rows; `a + b` is that of the rows of both.

    `keys` holds one row a group, in ascending order column by column: null first, NaN last. `rows` says how
    many rows each group has. How the rows came leaves no trace. `GroupedProfile()` is nothing, and a column
    that one side lacks is nothing there.
    """

    keys: pl.DataFrame = field(default_factory=pl.DataFrame)
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    states: Mapping[str, GroupedColumn] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns: in the order of the frame, or in their own where it was stored."""
        return tuple(self.states)

    def column(self, name: str, group: int) -> ColumnProfile:
        """What is known of a column in the group at this place among the keys.

        It is the profile of the group's rows, but for the registers of the distinct values: without them
        `distinct` is a lower bound where the histogram is not exact.
        """
        return self.states[name].profile(group)

    def each(self, name: str) -> Iterator[ColumnProfile]:
        """What is known of a column in one group after the other, in the order of the keys."""
        return map(self.states[name].profile, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GroupedProfile):
            return NotImplemented
        return (
            self.keys.schema == other.keys.schema
            and self.keys.equals(other.keys)
            and np.array_equal(self.rows, other.rows)
            and self.states == other.states
        )

    def __hash__(self) -> int:
        return hash((tuple(self.keys.schema), self.rows.tobytes(), frozenset(self.states.items())))

    def __add__(self, other: GroupedProfile) -> GroupedProfile:
        """The profile of the rows of both.

        Raises:
            FormatError: where their keys have other names or types, or their histograms other resolutions.
        """
        if not self.keys.width or not other.keys.width:
            return self if self.keys.width else other
        self._check(other)
        keys = RunningKeys(self.keys.schema)
        parts = [(keys.numbers(part.keys), part) for part in (self, other)]
        sorted_keys, order = keys.settled()
        rows = np.zeros(len(order), np.int64)
        for numbers, part in parts:
            rows[numbers] += part.rows
        states = {}
        for name in dict.fromkeys([*self.states, *other.states]):
            running = RunningGroups(0)
            for numbers, part in parts:
                if name in part.states:
                    running.add_column(numbers, part.states[name], len(order))
            states[name] = running.settled(order)
        return GroupedProfile(sorted_keys, rows[order], states)

    def _check(self, other: GroupedProfile) -> None:
        if self.keys.schema != other.keys.schema:
            raise FormatError(
                f"profiles of groups by {_shown(self.keys)} and by {_shown(other.keys)} do not merge",
                hint="profile the data again with one set of keys",
            )
        for name, state in self.states.items():
            its = other.states[name].resolution if name in other.states else 0
            if state.resolution and its and state.resolution != its:
                raise FormatError(
                    f"profiles of {state.resolution} and of {its} buckets do not merge",
                    hint="profile the data again with one resolution",
                )

    def to_bytes(self) -> bytes:
        """The state of all groups as bytes, versioned and compressed; equal states have equal bytes."""
        return stored.packed(self.keys, self.rows, self.states)

    @classmethod
    def from_bytes(cls, data: bytes) -> GroupedProfile:
        """The profile that `to_bytes` stored.

        Raises:
            FormatError: where the bytes are damaged or of a version this program does not read.
        """
        return cls(*stored.unpacked(data))


def _shown(keys: pl.DataFrame) -> str:
    return ", ".join(f"'{name}' ({dtype})" for name, dtype in keys.schema.items())
