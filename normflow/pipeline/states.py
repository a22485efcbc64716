"""What is known of the partitions of a source: kept in the registry, and taken from there instead of rows.

A state is kept under the fingerprint of the rows that it stands for, so it is right whatever becomes of the
run that made it: states are told to the registry while the run still learns, and not all held until its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from normflow.errors import FormatError
from normflow.frames import flattened
from normflow.naming import column
from normflow.profiles import ColumnProfile, GroupedProfile, Profile
from normflow.registry import ProfileRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

    from normflow.registry import Registry

Known = tuple[Profile, GroupedProfile]
Keep = Literal["registry", "memory", "nowhere"]
"""Where the states of rows that were read are kept: for good, as long as a plan is made, or not at all."""

ALL_GROUPS = ALL_COLUMNS = "*"
"""Under which the state of all groups of a partition is kept, in one piece."""
MOST_BUCKETS = 4_000_000
"""A larger state is not kept (it would be 20 MB and more): the partition is read again where it is needed."""
PORTION = 64 * 2**20
"""Bytes of states that are held at a time, on their way to the registry and from it."""


class States:
    """The states of partitions under one key: asked of the registry and told to it, a portion at a time.

    `teaching` are rows as they teach, of which only the schema is read, and `columns` what is observed.
    """

    def __init__(
        self,
        registry: Registry,
        key: str,
        teaching: pl.LazyFrame,
        columns: Sequence[str],
        *,
        by_group: bool,
        keep: Keep,
    ) -> None:
        self._registry, self._key, self._by_group, self._keep = registry, key, by_group, keep
        self._schema = dict(flattened(teaching.select(map(column, columns))).collect_schema())
        self._waiting: list[ProfileRow] = []
        self._bytes = 0

    def kept(self, fingerprints: Sequence[str]) -> Iterator[Known | None]:
        """What is kept of each of these, in their order; None where a part is missing or damaged."""
        for some in self._portions(fingerprints):
            rows = self._rows_of(some)
            yield from (self._known(rows[one]) for one in some)

    def keep(self, fingerprint: str, known: Known) -> None:
        """Keep what is known of rows; the registry is told sooner or later."""
        if self._keep == "nowhere":
            return
        rows = list(self._rows(fingerprint, *known))
        self._waiting += rows
        self._bytes += sum(len(one.state) for one in rows)
        if self._keep == "registry" and self._bytes >= PORTION:
            self.flush()

    def flush(self) -> None:
        """Tell the registry now, if it is to be told."""
        if self._keep == "registry" and self._waiting:
            self._registry.record_profiles(self._waiting)
            self._waiting, self._bytes = [], 0

    def _portions(self, fingerprints: Sequence[str]) -> Iterator[list[str]]:
        """The fingerprints, as many together as have states of so many bytes."""
        sizes = self._registry.state_sizes(self._key, fingerprints)
        some, size = [], 0
        for one in fingerprints:
            some.append(one)
            size += sizes.get(one, 0)
            if size >= PORTION:
                yield some
                some, size = [], 0
        if some:
            yield some

    def _rows_of(self, fingerprints: Sequence[str]) -> dict[str, list[ProfileRow]]:
        """The states that are kept of these, those that wait for the registry among them."""
        rows: dict[str, list[ProfileRow]] = {one: [] for one in fingerprints}
        if self._registry.exists:
            with self._registry.reading():
                rows = {one: self._registry.profiles(self._key, one) for one in rows}
        waiting = {one.fingerprint for one in self._waiting}.intersection(rows)
        return rows | {one: [row for row in self._waiting if row.fingerprint == one] for one in waiting}

    def _rows(self, fingerprint: str, profile: Profile, groups: GroupedProfile) -> Iterable[ProfileRow]:
        """What is known of a partition: a row a column, and one row for all groups together."""
        for name, known in profile.items():
            yield ProfileRow(
                state_key=self._key,
                fingerprint=fingerprint,
                column=name,
                rows=known.rows,
                state=known.to_bytes(),
            )
        if groups.keys.width and _buckets(groups) <= MOST_BUCKETS:
            yield ProfileRow(
                state_key=self._key,
                fingerprint=fingerprint,
                group=ALL_GROUPS,
                column=ALL_COLUMNS,
                rows=profile.rows,
                state=groups.to_bytes(),
            )

    def _known(self, rows: Sequence[ProfileRow]) -> Known | None:
        """The profiles of these rows; None where a part is missing, or cannot be read."""
        single = {one.column: one for one in rows if not one.group}
        together = [one for one in rows if one.group == ALL_GROUPS]
        if not single or single.keys() != self._schema.keys() or (self._by_group and not together):
            return None
        try:
            known = {name: ColumnProfile.from_bytes(single[name].state) for name in self._schema}
            groups = GroupedProfile.from_bytes(together[0].state) if self._by_group else GroupedProfile()
        except FormatError:
            return None
        return Profile(known, next(iter(single.values())).rows, self._schema), groups


def _buckets(groups: GroupedProfile) -> int:
    return sum(len(one.histograms.keys) for one in groups.states.values())
