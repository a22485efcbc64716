"""From which distance on values are too unlike those that taught the fit."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSpec:
    """Thresholds of the population stability index: above one the run warns, learns anew, or fails.

    A drift that is not written has no threshold and no consequence.
    """

    warn: float | None = None
    refit: float | None = None
    fail: float | None = None

    def __str__(self) -> str:
        return ", ".join(f"{key} {limit:g}" for key, limit in self.given.items())

    @property
    def given(self) -> dict[str, float]:
        """The thresholds there are, by name, the lowest first."""
        return {key: limit for key, limit in asdict(self).items() if limit is not None}

    @property
    def lowest(self) -> float | None:
        """The threshold from which on there is something to tell; None without any."""
        return min(self.given.values(), default=None)
