"""A pipeline to begin with: what data looks like, and what follows from it for its contract and methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.dtypes import is_numeric
from normflow.pipeline.propose_column import ColumnProposal, other_column
from normflow.pipeline.propose_numbers import may_be_id, number_column
from normflow.pipeline.propose_seen import Seen, seen
from normflow.profiles import Profile, observe
from normflow.sources import reading, resolve, scan
from normflow.sources import schema as schema_of
from normflow.spec import TEXT_FORMATS, SourceSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

GROUP_ROWS = 30
"""Rows of each value that make it a group with parameters of its own, on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a pipeline for some data may say; `groups` names the columns whose values could make groups."""

    rows: int
    columns: tuple[ColumnProposal, ...]
    groups: tuple[str, ...] = ()


def propose(data: str) -> Proposal:
    """What a pipeline may say for a file, a folder or a glob.

    Reads the rows at most twice: once for the profile of the numbers, and once for what else there is. Where
    all columns are numbers and none may be an id, the second reading is none.

    Raises:
        SourceError: nothing is there, or a file cannot be read, or its name tells no format.
        ConfigError: files of several formats, or with different columns.
    """
    source = resolve(SourceSpec(paths=(data,)))
    schema = schema_of(source)
    with reading(data):
        numbers = [name for name, dtype in schema.items() if is_numeric(dtype)]
        profile = observe(scan(source), numbers)
        others = {name: dtype for name, dtype in schema.items() if _is_looked_at(name, dtype, profile)}
        looked = seen(scan(source), others)
    return proposed(profile, schema, looked, typed=source.layout.format not in TEXT_FORMATS)


def proposed(
    profile: Profile,
    schema: Mapping[str, PolarsDataType],
    looked: Mapping[str, Seen],
    *,
    typed: bool = True,
) -> Proposal:
    """What follows from a profile of the numbers, the columns' types, and a look at what is no number.

    `typed` says whether the file itself keeps the types, rather than tomorrow's first rows telling them.
    """
    columns = tuple(
        number_column(name, dtype, profile[name], looked.get(name, Seen()), typed=typed)
        if is_numeric(dtype)
        else other_column(name, dtype, looked[name], typed=typed)
        for name, dtype in schema.items()
    )
    groups = (one.name for one in columns if one.checks.dtype == "string" and one.checks.isin)
    return Proposal(
        rows=profile.rows,
        columns=columns,
        groups=tuple(name for name in groups if _makes_groups(looked[name])),
    )


def _is_looked_at(name: str, dtype: PolarsDataType, profile: Profile) -> bool:
    return not is_numeric(dtype) or may_be_id(dtype, profile[name])


def _makes_groups(found: Seen) -> bool:
    count = len(found.values or ())
    return count > 1 and found.rows >= GROUP_ROWS * count
