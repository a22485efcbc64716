"""A hook: nothing is published while WORKSHOP_CURFEW is set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from normflow.errors import SinkBusyError
from normflow.plugins import Hook

if TYPE_CHECKING:
    from normflow import RunRecord


class Curfew(Hook):
    """Stops a run before it publishes; exit code 4 lets a scheduler try again."""

    def judged(self, record: RunRecord) -> None:
        """Refuse, and say why."""
        if reason := os.environ.get("WORKSHOP_CURFEW"):
            raise SinkBusyError(
                f"nothing is published now: {reason}", where=record.pipeline, hint="run later"
            )
