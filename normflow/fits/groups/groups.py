"""The groups of a fit: their keys, and each column's parameters in every group."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from normflow.errors import FitError, FormatError
from normflow.fits.groups.columns import ColumnGroups
from normflow.fits.groups.keys import compared, keys_from_json, keys_to_json, matching, shown
from normflow.fits.groups.references import GroupReferences
from normflow.frames import places_in
from normflow.naming import column
from normflow.spec import groups_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from normflow.fits.column import ColumnFit
    from normflow.spec import GroupSpec


@dataclass(frozen=True, eq=False)
class Groups:
    """Parameters by group, beside those of the whole table.

    `keys` has a row a group, in ascending order column by column: null first, NaN last; `rows` tells how many
    rows taught each. `columns` holds, by the label of a column's fit, what is its own in each group. A group
    that too few rows taught, or that the method refuses, has none, and takes those of the whole table.
    `references` holds, where they were asked for, what later values of each group are compared with.
    """

    spec: GroupSpec
    keys: pl.DataFrame
    rows: NDArray[np.int64]
    columns: Mapping[str, ColumnGroups] = field(default_factory=dict)
    references: Mapping[str, GroupReferences] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.keys.height

    @property
    def by(self) -> tuple[str, ...]:
        """The columns whose values make a group."""
        return tuple(self.keys.columns)

    @property
    def small(self) -> int:
        """How many groups had fewer rows than parameters are learned from."""
        return int((self.rows < self.spec.min_rows).sum())

    def place(self, key: Mapping[str, object]) -> int:
        """The place of the group with this key.

        Raises:
            FitError: the key names other columns, or no group has it.
        """
        if set(key) != set(self.by):
            raise FitError(f"a group is named by {', '.join(self.by)}, not by {', '.join(key) or 'nothing'}")
        wanted = pl.DataFrame({name: pl.Series([key[name]]) for name in self.by})
        try:
            matches = [
                matching(pl.col(name), wanted.schema[name], self.keys.schema[name]) for name in self.by
            ]
            found = places_in(compared(self.keys), wanted.select(one.value for one in matches))[0]
        except pl.exceptions.PolarsError:
            found = None
        if found is None:
            raise FitError(f"no group {shown(key)} taught this fit", hint=self._example)
        return int(found)

    def places(self, frame: pl.DataFrame) -> pl.Series:
        """The place of each row's group among the keys, null for one that did not teach this fit."""
        matches = [
            matching(column(name), frame.schema[name], dtype) for name, dtype in self.keys.schema.items()
        ]
        wanted = frame.select(one.value.alias(name) for one, name in zip(matches, self.by, strict=True))
        found = places_in(compared(self.keys), wanted)
        others = [one.other for one in matches if one.other is not None]
        if not others:
            return found
        other = frame.select(pl.any_horizontal(others)).to_series()
        return found.set(other, None)

    @property
    def _example(self) -> str:
        return f"one that did is {shown(self.keys.row(0, named=True))}" if len(self) else ""

    def told(self, label: str) -> dict[str, Any] | None:
        """How many groups have a column's parameters of their own, and why the others have not."""
        if label not in self.columns:
            return None
        one = self.columns[label]
        return {
            "own": one.own,
            "too_few_rows": self.small,
            "refused": len(self) - one.own - self.small,
            "refusals": list(one.refusals),
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what transform and inverse depend on."""
        essence = {
            "unseen": self.spec.unseen,
            "keys": keys_to_json(self.keys),
            "columns": {label: one.essence() for label, one in self.columns.items()},
        }
        return hashlib.sha256(_canonical(essence).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Groups):
            return NotImplemented
        return _canonical(self.to_json()) == _canonical(other.to_json())

    def __hash__(self) -> int:
        return hash((self.spec, self.rows.tobytes()))

    def require_columns(self, fits: Mapping[str, ColumnFit]) -> None:
        """See that the fits of the whole table, by label, have the maps that are read for the groups.

        Raises:
            FormatError: one has others, or there is none.
        """
        for label, one in self.columns.items():
            if label not in fits or not one.suits(fits[label]):
                raise FormatError(f"the stored groups of '{label}' have other maps than the whole table")

    def to_json(self) -> dict[str, Any]:
        """The groups as plain JSON values."""
        return {
            "min_rows": self.spec.min_rows,
            "unseen": self.spec.unseen,
            "resolution": self.spec.resolution,
            "by": list(self.by),
            "keys": keys_to_json(self.keys),
            "rows": self.rows.tolist(),
            "columns": {label: one.to_json() for label, one in self.columns.items()},
            **(
                {"references": {label: one.to_text() for label, one in self.references.items()}}
                if self.references
                else {}
            ),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Groups:
        """Read what `to_json` wrote.

        Raises:
            FormatError: it is damaged.
        """
        options = ("min_rows", "unseen", "resolution")
        spec = groups_of({"columns": document["by"], **{name: document[name] for name in options}})
        if not all(type(rows) is int and rows >= 0 for rows in document["rows"]):
            raise FormatError("the stored rows of groups are whole numbers from 0 on")
        groups = cls(
            spec,
            keys_from_json(document["keys"]).select(map(column, spec.columns)),
            np.array(document["rows"], np.int64),
            {label: ColumnGroups.from_json(one) for label, one in document["columns"].items()},
            {
                label: GroupReferences.from_text(one, len(document["rows"]))
                for label, one in document.get("references", {}).items()
            },
        )
        heights = {len(groups.rows), *(one.numbers.height for one in groups.columns.values())}
        if heights != {len(groups)}:
            raise FormatError(f"the stored fit has {len(groups)} keys of groups, and numbers for {heights}")
        return groups


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
