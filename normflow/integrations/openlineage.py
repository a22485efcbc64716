"""OpenLineage: a run as events, with column lineage, statistics and the verdicts of all checks."""

from __future__ import annotations

import os
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

import normflow as nf
from normflow.extras import host
from normflow.integrations.openlineage_facets import PRODUCER, inputs, outputs
from normflow.plugins import Hook

with host("lineage"):
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
    from openlineage.client.facet_v2 import error_message_run, processing_engine_run, tags_run
    from openlineage.client.uuid import generate_new_uuid

if TYPE_CHECKING:
    from normflow.record import RunRecord
    from normflow.spec import Pipeline

TOLD = ("run_id", "fit_id", "fit", "mode", "config_hash", "input_fingerprint")


class Events(Hook):
    """The plugin `openlineage`: a START and a COMPLETE or FAIL event of each run that lists it.

    Without a `client` OpenLineage's own configuration says where events go (OPENLINEAGE_URL, openlineage.yml
    …); without a `namespace` OPENLINEAGE_NAMESPACE is the job's, or `normflow`.
    """

    def __init__(self, client: OpenLineageClient | None = None, namespace: str | None = None) -> None:
        self._client = client or OpenLineageClient()
        self._namespace = namespace or os.environ.get("OPENLINEAGE_NAMESPACE", "normflow")
        self._id = str(generate_new_uuid())
        self._pipeline: Pipeline | None = None

    def started(self, pipeline: Pipeline, run_id: str) -> None:  # noqa: ARG002  (the hook's signature)
        """Send START; what the transport raises ends the run."""
        self._pipeline = pipeline
        self._send(RunState.START, pipeline)

    def succeeded(self, record: RunRecord) -> None:
        """Send COMPLETE."""
        if self._pipeline:
            self._send(RunState.COMPLETE, self._pipeline, record)

    def failed(self, error: BaseException, record: RunRecord | None) -> None:
        """Send FAIL, if START was sent."""
        if self._pipeline:
            self._send(RunState.FAIL, self._pipeline, record, error)

    def _send(
        self,
        state: RunState,
        pipeline: Pipeline,
        record: RunRecord | None = None,
        error: BaseException | None = None,
    ) -> None:
        event = RunEvent(
            eventType=state,
            eventTime=datetime.now(UTC).isoformat(),
            run=Run(self._id, _run_facets(record, error)),
            job=Job(self._namespace, pipeline.name),
            producer=PRODUCER,
            inputs=inputs(pipeline, record),
            outputs=outputs(pipeline, record) if record else [],
        )
        self._client.emit(event)


def run(
    pipeline: Pipeline,
    *,
    client: OpenLineageClient | None = None,
    namespace: str | None = None,
    **options: Any,
) -> RunRecord:
    """`normflow.run` with its arguments, record and errors, and the events of `Events` around it.

    Errors that are found before a run begins are told, too. What a transport raises at the start ends the
    run; afterwards it is a warning, since the run has ended.
    """
    events = Events(client, namespace)
    events.started(pipeline, "")
    try:
        record = nf.run(pipeline, **options)
    except BaseException as error:
        try:
            events.failed(error, getattr(error, "record", None))
        except Exception as late:  # noqa: BLE001  (transports raise what they like)
            _unsent(late)
        raise
    try:
        events.succeeded(record)
    except Exception as late:  # noqa: BLE001  (as above)
        _unsent(late)
    return record


def _unsent(error: Exception) -> None:
    warnings.warn(f"the end of the run could not be told to OpenLineage: {error}", stacklevel=3)


def _run_facets(record: RunRecord | None, error: BaseException | None) -> dict[str, Any]:
    facets: dict[str, Any] = {
        "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
            pl.__version__, "Polars", nf.__version__, producer=PRODUCER
        )
    }
    if record:
        told = [tags_run.TagsRunFacetFields(name, str(getattr(record, name)), "normflow") for name in TOLD]
        facets["tags"] = tags_run.TagsRunFacet(told, producer=PRODUCER)
    if error:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(
            str(error), "python", producer=PRODUCER
        )
    return facets
