"""The profile of what leaves, taken as it is written, for checks of skewness and quantiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.contract import judge_shape, shapes
from normflow.profiles import RunningProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from normflow.contract import Counts
    from normflow.pipeline.observers import Where
    from normflow.record import CheckRecord
    from normflow.spec import ColumnChecks


class Shaping:
    """An observer of the transformed rows, for the columns whose shape is checked."""

    where: Where = "leaving"

    def __init__(
        self, checks: Mapping[str, ColumnChecks], schema: Mapping[str, pl.DataType], resolution: int
    ) -> None:
        self._checks = {name: checks[name] for name in shapes(checks)}
        self._running = RunningProfile(self._checks, schema, resolution=resolution)

    def see(self, batch: pl.DataFrame) -> None:
        """Add a batch to the profile."""
        self._running.add(batch)

    def verdicts(self, counts: Counts) -> tuple[CheckRecord, ...]:  # noqa: ARG002  (the profile has its own)
        """The verdicts on skewness and quantiles."""
        found = self._running.settled()
        return tuple(
            verdict for name, rule in self._checks.items() for verdict in judge_shape(name, rule, found[name])
        )
