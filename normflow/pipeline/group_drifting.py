"""How far the rows of each group are from those that taught it, measured as they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from normflow.contract import STATUSES, group_statuses
from normflow.dtypes import as_float
from normflow.fits import RunningGroupDrift, shown
from normflow.naming import column
from normflow.pipeline.redaction import redacted_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from normflow.fits import ColumnFit, Drift, Fit, GroupDrift, Groups
    from normflow.pipeline.prepare import Prepared
    from normflow.spec import DriftSpec

    Ints = NDArray[np.int64]

MOST_NEW = 10_000  # groups that are counted one by one
MOST_KEPT = 250  # groups of a column whose distances are recorded: those that moved most
NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of the groups: how far each has moved, by label, and which came or did not come.

    `rows` is how many rows came of each group of the fit. `new` is how many groups came that did not teach
    it, at most `MOST_NEW`, with `new_rows` rows, and `new_named` the first few. With `hidden` keys may not
    be told.
    """

    groups: Groups
    rows: Ints
    columns: Mapping[str, GroupDrift]
    limits: DriftSpec
    hidden: bool = False
    new: int = 0
    new_rows: int = 0
    new_named: tuple[str, ...] = ()

    @property
    def gone(self) -> int:
        """How many groups of the fit did not come."""
        return int((self.rows == 0).sum())

    def named(self, place: int) -> str:
        """A group for people: `origin=JFK`."""
        if self.hidden:
            return f"group {place + 1:,}"
        return shown(self.groups.keys.row(place, named=True))

    def above(self, limit: float, *, few: bool = False) -> dict[str, str]:
        """What to call a column's groups above a limit, and their index; with `few` those of few rows too."""
        found, by = {}, ", ".join(self.groups.by)
        for label, one in self.columns.items():
            psi = one.psi[one.above(limit) & (few | ~one.few)]
            if len(psi):
                many = f"{len(psi):,} groups" if len(psi) > 1 else "1 group"
                found[f"{label} in {many} by {by}"] = f"PSI {'up to ' * (len(psi) > 1)}{psi.max():.3g}"
        return found

    def kept(self, label: str) -> list[tuple[int, Drift, str]]:
        """Place, distance and status of a column's groups that came, or of those that moved most."""
        one = self.columns[label]
        statuses = group_statuses(one, self.limits)
        came = np.flatnonzero(one.rows > 0)
        most = came[np.argsort(-one.psi[came], kind="stable")[:MOST_KEPT]]
        return [(place, one.group(place), STATUSES[statuses[place]]) for place in np.sort(most).tolist()]

    def column(self, label: str) -> dict[str, Any]:
        """How many of a column's groups moved, and which most, for the record of a run."""
        one = self.columns[label]
        statuses = group_statuses(one, self.limits)
        most = np.argsort(-one.psi, kind="stable")[:NAMED].tolist()
        return {
            "compared": int((one.rows > 0).sum()),
            "moved": int((statuses > 0).sum()),
            "few": int(((one.rows > 0) & one.few).sum()),
            "most": [
                {
                    "group": self.named(place),
                    "status": STATUSES[statuses[place]],
                    **one.group(place).to_json(),
                }
                for place in most
                if one.rows[place]
            ],
        }

    def told(self) -> dict[str, Any]:
        """The counts, for the record of a run."""
        return {
            "compared": len(self.groups) - self.gone,
            "new": self.new,
            "new_rows": self.new_rows,
            "gone": self.gone,
        }

    def warnings(self) -> tuple[str, ...]:
        """A sentence for groups that the fit does not know, and one for those that did not come."""
        found = []
        if self.new:
            many = f"{MOST_NEW:,} or more" if self.new >= MOST_NEW else f"{self.new:,}"
            rows = f"{self.new_rows:,} {'row' if self.new_rows == 1 else 'rows'}"
            which = _some(self.new_named, self.new)
            found.append(f"groups that did not teach the fit: {many}, with {rows}{which}")
        if self.gone:
            named = [self.named(place) for place in np.flatnonzero(self.rows == 0)[:NAMED].tolist()]
            which = _some(named, self.gone)
            found.append(f"groups of the fit that did not come: {self.gone:,} of {len(self.groups):,}{which}")
        return tuple(found)


def _some(named: Iterable[str], many: int) -> str:
    """The first few in parentheses; nothing where they may not be told."""
    told = list(named)
    return f" ({'; '.join([*told, '…'] if many > len(told) else told)})" if told else ""


@dataclass
class _New:
    """Groups that did not teach the fit: how many rows, and the first keys in ascending order."""

    rows: int = 0
    keys: pl.DataFrame | None = None
    lock: Lock = field(default_factory=Lock)

    def add(self, keys: pl.DataFrame) -> None:
        different = keys.unique()
        with self.lock:
            self.rows += keys.height
            known = different if self.keys is None else pl.concat([self.keys, different]).unique()
            self.keys = known.sort(known.columns).head(MOST_NEW)


class GroupDrifting:
    """Counts of rows by group, for the columns of a fit that keeps what its groups are compared with."""

    def __init__(self, prepared: Prepared, groups: Groups, fit: Fit) -> None:
        self._groups = groups
        self._hidden = not redacted_columns(prepared, fit).isdisjoint(groups.by)
        self._read = {one.label: one for one in fit.columns if one.label in groups.references}
        self._schema = prepared.schema
        self._running = {label: RunningGroupDrift(groups.references[label]) for label in self._read}
        self._adding = {label: Lock() for label in self._read}
        self._counting, self._rows = Lock(), np.zeros(len(groups), np.int64)
        self._new = _New()

    @classmethod
    def of(cls, prepared: Prepared, fit: Fit) -> GroupDrifting | None:
        """That of a fit; None for one that has no groups, or keeps nothing of them to compare with."""
        return cls(prepared, fit.groups, fit) if fit.groups and fit.groups.references else None

    def add(self, rows: pl.DataFrame) -> None:
        """Add rows that have the columns; called on several threads."""
        places = self._groups.places(rows)
        known = places.is_not_null()
        if not known.all():
            self._new.add(rows.filter(~known).select(map(column, self._groups.by)))
            rows, places = rows.filter(known), places.filter(known)
        numbers = places.cast(pl.Int64).to_numpy()
        with self._counting:
            np.add.at(self._rows, numbers, 1)
        for label, fit in self._read.items():
            values = rows.select(self._value(fit)).to_series().fill_null(np.nan).to_numpy()
            with self._adding[label]:
                self._running[label].add(numbers, values)

    def _value(self, fit: ColumnFit) -> pl.Expr:
        dtype = self._schema[fit.column]
        if fit.index is None:
            return as_float(column(fit.column), dtype).alias("x")
        inner = getattr(dtype, "inner", dtype)
        return as_float(column(fit.column).arr.get(fit.index), inner).alias("x")

    def found(self, limits: DriftSpec) -> Moved:
        """How far the groups of all rows that were added have moved."""
        new = self._new.keys if self._new.keys is not None else pl.DataFrame()
        return Moved(
            groups=self._groups,
            rows=self._rows,
            columns={label: one.settled(self._rows) for label, one in self._running.items()},
            limits=limits,
            hidden=self._hidden,
            new=new.height,
            new_rows=self._new.rows,
            new_named=()
            if self._hidden
            else tuple(shown(one) for one in new.head(NAMED).iter_rows(named=True)),
        )
