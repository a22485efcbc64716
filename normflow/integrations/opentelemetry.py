"""OpenTelemetry: a run as a span with a span for each stage, and what it did as metrics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import normflow as nf
from normflow.extras import host
from normflow.plugins import Hook

with host("telemetry"):
    from opentelemetry import metrics, trace
    from opentelemetry.trace import Status, StatusCode

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from normflow.record import RunRecord
    from normflow.spec import Pipeline

SCOPE = "normflow"


class Spans(Hook):
    """The plugin `opentelemetry`: spans and metrics of each run that lists it.

    They go where the process has its providers set, by `opentelemetry-instrument` or in code; without one
    nothing is sent. No value of the data is among them.
    """

    def __init__(self) -> None:
        self._tracer = trace.get_tracer(SCOPE, nf.__version__)
        meter = metrics.get_meter(SCOPE, nf.__version__)
        self._runs = meter.create_counter("normflow.runs", "{run}", "Runs, by pipeline and status.")
        self._rows = meter.create_counter("normflow.rows", "{row}", "Rows that were published.")
        self._aside = meter.create_counter("normflow.quarantined", "{row}", "Rows that were quarantined.")
        self._failed = meter.create_counter("normflow.checks.failed", "{row}", "Rows that failed, by check.")
        self._seconds = meter.create_histogram("normflow.run.duration", "s", "How long runs take.")
        self._span: Span | None = None
        self._pipeline, self._since = "", time.monotonic()

    def started(self, pipeline: Pipeline, run_id: str) -> None:
        """Begin the span `normflow run`."""
        self._pipeline = pipeline.name
        told = {"normflow.pipeline": pipeline.name, "normflow.run_id": run_id}
        self._span = self._tracer.start_span("normflow run", attributes=told)

    def stage(self, name: str, rows: int, seconds: float) -> None:
        """A span of the stage that has ended, below the run's."""
        if self._span is None:
            return
        end = time.time_ns()
        span = self._tracer.start_span(
            f"normflow {name}",
            context=trace.set_span_in_context(self._span),
            attributes={"normflow.rows": rows},
            start_time=end - round(seconds * 1e9),
        )
        span.end(end)

    def succeeded(self, record: RunRecord) -> None:
        """End the span, and count."""
        self._count(record, record.status)
        self._rows.add(record.rows - record.quarantined, {"normflow.pipeline": self._pipeline})
        self._end(Status(StatusCode.OK), record)

    def failed(self, error: BaseException, record: RunRecord | None) -> None:
        """End the span as an error, and count."""
        self._count(record, "failed")
        if self._span:
            self._span.set_attribute("error.type", getattr(error, "id", type(error).__name__))
        self._end(Status(StatusCode.ERROR, type(error).__name__), record)

    def _count(self, record: RunRecord | None, status: str) -> None:
        known = {"normflow.pipeline": self._pipeline}
        self._runs.add(1, {**known, "normflow.status": status})
        self._seconds.record(time.monotonic() - self._since, {**known, "normflow.status": status})
        if record is None:
            return
        self._aside.add(record.quarantined, known)
        for one in record.checks:
            if one.failed:
                self._failed.add(one.failed, {**known, "normflow.check": f"{one.section}.{one.check}"})

    def _end(self, status: Status, record: RunRecord | None) -> None:
        if self._span is None:
            return
        if record:
            self._span.set_attributes(
                {
                    "normflow.fit_id": record.fit_id,
                    "normflow.fit": record.fit,
                    "normflow.rows": record.rows,
                    "normflow.quarantined": record.quarantined,
                }
            )
        self._span.set_status(status)
        self._span.end()
        self._span = None
