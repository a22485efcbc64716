"""OpenLineage: a run as events, with column lineage, statistics and the verdicts of all checks."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import polars as pl
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset as lineage
from openlineage.client.facet_v2 import data_quality_assertions_dataset as assertions
from openlineage.client.facet_v2 import data_quality_metrics_input_dataset as metrics
from openlineage.client.facet_v2 import (
    error_message_run,
    output_statistics_output_dataset,
    processing_engine_run,
    schema_dataset,
    tags_run,
)
from openlineage.client.uuid import generate_new_uuid

import normflow as nf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.record import CheckRecord, OutputRecord, RunRecord
    from normflow.spec import Pipeline

PRODUCER = "https://pypi.org/project/normflow-etl/"
INCOMING = ("contract", "table", "schema", "quarantine", "drift")
TOLD = ("run_id", "fit_id", "fit", "mode", "config_hash", "input_fingerprint")


def run(
    pipeline: Pipeline,
    *,
    client: OpenLineageClient | None = None,
    namespace: str = "normflow",
    **options: Any,
) -> RunRecord:
    """`normflow.run` with its arguments, record and errors, and a START and a COMPLETE or FAIL event.

    Without a `client` OpenLineage's own configuration says where events go (OPENLINEAGE_URL, openlineage.yml
    …). What a transport raises before the run ends it; afterwards it is a warning, since the run has ended.
    """
    sending = client or OpenLineageClient()
    run_id, job = str(generate_new_uuid()), Job(namespace, pipeline.name)

    def event(state: RunState, record: RunRecord | None, error: BaseException | None = None) -> RunEvent:
        return RunEvent(
            eventType=state,
            eventTime=datetime.now(UTC).isoformat(),
            run=Run(run_id, _run_facets(record, error)),
            job=job,
            producer=PRODUCER,
            inputs=_inputs(pipeline, record),
            outputs=_outputs(pipeline, record) if record else [],
        )

    sending.emit(event(RunState.START, None))
    try:
        record = nf.run(pipeline, **options)
    except BaseException as error:
        _sent(sending, event(RunState.FAIL, getattr(error, "record", None), error))
        raise
    _sent(sending, event(RunState.COMPLETE, record))
    return record


def _sent(client: OpenLineageClient, event: RunEvent) -> None:
    try:
        client.emit(event)
    except Exception as error:  # noqa: BLE001  (transports raise what they like)
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


def _inputs(pipeline: Pipeline, record: RunRecord | None) -> list[InputDataset]:
    found = []
    for path in pipeline.source.paths:
        of_rows: dict[str, Any] = {}
        if record:
            of_rows["dataQualityMetrics"] = _metrics(pipeline, record)
            of_rows["dataQualityAssertions"] = _assertions(record.checks, incoming=True)
        found.append(InputDataset(*_named(path), inputFacets=of_rows))
    return found


def _outputs(pipeline: Pipeline, record: RunRecord) -> list[OutputDataset]:
    main = pipeline.sink.path.resolve()
    return [_output(pipeline, record, one, main=Path(one.path).resolve() == main) for one in record.outputs]


def _output(pipeline: Pipeline, record: RunRecord, output: OutputRecord, *, main: bool) -> OutputDataset:
    facets: dict[str, Any] = {}
    if main:
        names = [one["output"] for one in record.columns]
        others = [name for name in record.source_columns if name not in names]
        fields = [schema_dataset.SchemaDatasetFacetFields(name=name) for name in (*others, *names)]
        facets = {
            "schema": schema_dataset.SchemaDatasetFacet(fields, producer=PRODUCER),
            "columnLineage": _lineage(pipeline, record, others),
            "dataQualityAssertions": _assertions(record.checks, incoming=False),
        }
    return OutputDataset(
        *_named(output.path),
        facets=facets,
        outputFacets={
            "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                output.rows, output.bytes, producer=PRODUCER
            )
        },
    )


def _lineage(pipeline: Pipeline, record: RunRecord, others: Iterable[str]) -> Any:
    """By output column, the input columns that it is made of, and how."""
    sources = [_named(path) for path in pipeline.source.paths]

    def fields(reads: Iterable[str], how: str) -> Any:
        kind = "IDENTITY" if how in {"none", "x"} else "TRANSFORMATION"
        made = [lineage.Transformation("DIRECT", kind, how, masking=False)]
        inputs = [
            lineage.InputField(space, name, column, made) for space, name in sources for column in reads
        ]
        return lineage.Fields(inputs)

    columns = {name: fields([name], "none") for name in others}
    for one in record.columns:
        columns[one["output"]] = fields(
            one.get("reads") or [one["column"]], one.get("formula") or one["method"]
        )
    return lineage.ColumnLineageDatasetFacet(columns, producer=PRODUCER)


def _metrics(pipeline: Pipeline, record: RunRecord) -> Any:
    """All rows that were read, and the range of those that taught; of a private run no values."""
    columns = {
        one["column"]: metrics.ColumnMetrics(min=before.get("min"), max=before.get("max"))
        for one in record.columns
        if not pipeline.private and (before := one.get("before") or {})
    }
    return metrics.DataQualityMetricsInputDatasetFacet(columns, rowCount=record.rows, producer=PRODUCER)


def _assertions(checks: Iterable[CheckRecord], *, incoming: bool) -> Any:
    told = [
        assertions.Assertion(
            assertion=one.check.rpartition(".")[2],
            success=one.status not in {"failed", "warned"},
            column=one.column or None,
            severity=one.severity,
            name=f"{one.section}.{one.check}",
        )
        for one in checks
        if (one.section in INCOMING) == incoming
    ]
    return assertions.DataQualityAssertionsDatasetFacet(told, producer=PRODUCER)


def _named(path: str) -> tuple[str, str]:
    """A dataset's namespace and name, as OpenLineage has them for files and object stores."""
    there = urlsplit(path)
    return (
        (f"{there.scheme}://{there.hostname}", there.path.lstrip("/"))
        if there.netloc
        else ("file", str(Path(path).resolve()))
    )
