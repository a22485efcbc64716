"""From which distance on values are too unlike those that taught the fit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSpec:
    """Thresholds of the population stability index: above one the run warns, learns anew, or fails.

    A drift that is not written has no threshold and no consequence.
    """

    warn: float | None = None
    refit: float | None = None
    fail: float | None = None
