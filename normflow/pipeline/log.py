"""What a run says to Python's logging: one event a turn, with its facts as fields."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from normflow.errors import NormflowError
from normflow.logs import LOGGER, fields
from normflow.plugins import Hook

if TYPE_CHECKING:
    from normflow.record import RunRecord
    from normflow.spec import Pipeline

logger = logging.getLogger(LOGGER)


class Log(Hook):
    """The turns of a run as log records; no value of the data is among them."""

    def __init__(self) -> None:
        self._run: dict[str, object] = {}

    def started(self, pipeline: Pipeline, run_id: str) -> None:
        """`run_started`, at INFO."""
        self._run = {"pipeline": pipeline.name, "run_id": run_id}
        self._say(logging.INFO, "run_started", source=pipeline.source.named, sink=pipeline.sink.named)

    def stage(self, name: str, rows: int, seconds: float) -> None:
        """`stage_ended`, at INFO."""
        self._say(logging.INFO, "stage_ended", stage=name, rows=rows, seconds=round(seconds, 3))

    def succeeded(self, record: RunRecord) -> None:
        """`warning` and `check` as they are, and `run_succeeded`, at INFO."""
        self._verdicts(record)
        for text in record.warnings:
            self._say(logging.WARNING, "warning", text=text)
        self._say(
            logging.INFO,
            "run_succeeded",
            fit_id=record.fit_id,
            fit=record.fit,
            rows=record.rows,
            quarantined=record.quarantined,
            outputs=[one.path for one in record.outputs],
        )

    def failed(self, error: BaseException, record: RunRecord | None) -> None:
        """The failed checks, and `run_failed`, at ERROR."""
        if record:
            self._verdicts(record)
        self._say(
            logging.ERROR,
            "run_failed",
            id=getattr(error, "id", None),
            exit_code=getattr(error, "exit_code", None),
            error=error.what.splitlines()[0] if isinstance(error, NormflowError) else type(error).__name__,
        )

    def _verdicts(self, record: RunRecord) -> None:
        for one in record.checks:
            if one.status in {"failed", "warned"}:
                level = logging.ERROR if one.status == "failed" else logging.WARNING
                self._say(
                    level,
                    "check",
                    check=f"{one.section}.{one.check}",
                    status=one.status,
                    failed=one.failed,
                    rows=one.rows,
                )

    def _say(self, level: int, event: str, **facts: object) -> None:
        logger.log(level, "%s", event, extra=fields(event, {**self._run, **facts}))
