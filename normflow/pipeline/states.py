"""What is known of the partitions of a source: kept in the registry, and taken from there instead of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.errors import FormatError
from normflow.frames import flattened
from normflow.naming import column
from normflow.profiles import ColumnProfile, GroupedProfile, Profile
from normflow.registry import ProfileRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from normflow.registry import Registry

ALL_GROUPS = ALL_COLUMNS = "*"
"""Under which the state of all groups of a partition is kept, in one piece."""
MOST_BUCKETS = 4_000_000
"""A larger state is not kept (it would be 20 MB and more): the partition is read again where it is needed."""


def to_rows(
    state_key: str, fingerprint: str, profile: Profile, groups: GroupedProfile
) -> Iterable[ProfileRow]:
    """What is known of a partition, to be kept: a row a column, and one row for all groups together."""
    for name, known in profile.items():
        yield ProfileRow(
            state_key=state_key, fingerprint=fingerprint, column=name, rows=known.rows, state=known.to_bytes()
        )
    if groups.keys.width and sum(len(one.histograms.keys) for one in groups.states.values()) <= MOST_BUCKETS:
        yield ProfileRow(
            state_key=state_key,
            fingerprint=fingerprint,
            group=ALL_GROUPS,
            column=ALL_COLUMNS,
            rows=profile.rows,
            state=groups.to_bytes(),
        )


def stored(registry: Registry, state_key: str, fingerprints: Iterable[str]) -> dict[str, list[ProfileRow]]:
    """What the registry keeps of these partitions, looked up at once, before any row is read."""
    if not registry.exists:
        return {}
    with registry.reading():
        return {one: registry.profiles(state_key, one) for one in dict.fromkeys(fingerprints)}


def from_rows(
    rows: Sequence[ProfileRow], teaching: pl.LazyFrame, columns: Sequence[str], *, by_group: bool
) -> tuple[Profile, GroupedProfile] | None:
    """The profiles that were kept of a partition; None where a part is missing, or cannot be read."""
    single = {one.column: one for one in rows if not one.group}
    together = [one for one in rows if one.group == ALL_GROUPS]
    if not single:
        return None
    schema = dict(flattened(teaching.select(map(column, columns))).collect_schema())
    if single.keys() != schema.keys() or (by_group and not together):
        return None
    try:
        known = {name: ColumnProfile.from_bytes(single[name].state) for name in schema}
        groups = GroupedProfile.from_bytes(together[0].state) if by_group else GroupedProfile()
    except FormatError:
        return None
    return Profile(known, next(iter(single.values())).rows, schema), groups
