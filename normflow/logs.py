"""The log of runs as JSON: one object a line, for machines that gather logs.

Runs log to Python's logger `normflow`; nothing is written before a handler is there:

    handler = logging.FileHandler("runs.log")
    handler.setFormatter(JsonLines())
    logging.getLogger("normflow").addHandler(handler)
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LOGGER = "normflow"
FIELD = "normflow"

logging.getLogger(LOGGER).addHandler(logging.NullHandler())


class JsonLines(logging.Formatter):
    """A record as one JSON object: `time` (UTC, ISO 8601), `level`, `event`, then the event's own facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts = getattr(record, FIELD, None) or {"event": "message", "text": record.getMessage()}
        line = {"time": time.replace("+00:00", "Z"), "level": record.levelname.lower(), **facts}
        return json.dumps(line, default=str)


def fields(event: str, facts: Mapping[str, object]) -> dict[str, object]:
    """What a log record carries beside its text, for `extra`."""
    return {FIELD: {"event": event, **facts}}
