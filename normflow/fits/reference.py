"""What a fit keeps of the values that taught a column, in few numbers, so that later ones can be compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from normflow.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.profiles import ColumnProfile

STEPS = 40  # a multiple of ten, so that every tenth of the values ends at an edge
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """How many rows and finite values there were, their ends, and how many values lie up to each edge.

    The edges are where each fortieth of the values ends, fewer where values repeat; the last one, the
    largest value, is left out. `quantiles` are those of `SHARES`; empty without a value.
    """

    rows: int
    n: int
    low: float | None = None
    high: float | None = None
    edges: tuple[float, ...] = ()
    upto: tuple[int, ...] = ()
    quantiles: tuple[float, ...] = ()

    @classmethod
    def of(cls, profile: ColumnProfile) -> Reference | None:
        """The reference of a profile; None where the shape of its values was not observed."""
        if not profile.has_shape:
            return None
        if not profile.n:
            return cls(rows=profile.rows, n=0)
        points = profile.points()
        steps = -(-profile.n * np.arange(1, STEPS) // STEPS)  # so many values, rounded up
        ends = np.unique(np.searchsorted(points.above, steps))
        ends = ends[points.above[ends] < profile.n]
        return cls(
            rows=profile.rows,
            n=profile.n,
            low=profile.min,
            high=profile.max,
            edges=tuple(points.high[ends].tolist()),
            upto=tuple(points.above[ends].tolist()),
            quantiles=tuple(profile.quantile(SHARES)),
        )

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Reference:
        """Read what `to_json` wrote.

        Raises:
            FormatError: a part is missing, or is none of a reference.
        """
        if {*document} != {one.name for one in fields(cls)}:
            raise FormatError("a stored fit's reference lacks a part, or has one too many", hint="fit again")
        parts: dict[str, Any] = {
            key: tuple(one) if isinstance(one, list) else one for key, one in document.items()
        }
        found = cls(**parts)
        counts = (found.rows, found.n, *found.upto)
        numbers = (*found.edges, *found.quantiles, *(() if found.n == 0 else (found.low, found.high)))
        if not (
            all(type(one) is int and 0 <= one <= MOST for one in counts)
            and all(type(one) in {int, float} and math.isfinite(one) for one in numbers)
            and len(found.edges) == len(found.upto)
            and len(found.quantiles) == (len(SHARES) if found.n else 0)
            and found.n <= found.rows
            and all(sorted(one) == list(one) for one in (found.edges, (*found.upto, found.n)))
        ):
            raise FormatError("a stored fit's reference is damaged", hint="fit again")
        return found


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
