"""The smallest and the largest finite value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extremes:
    """The ends of the finite values, none where there are none; merging takes the outer ones, −0.0 is 0.0."""

    low: float | None = None
    high: float | None = None

    def __add__(self, other: Extremes) -> Extremes:
        if self.low is None or self.high is None:
            return other
        if other.low is None or other.high is None:
            return self
        return Extremes(min(self.low, other.low), max(self.high, other.high))
