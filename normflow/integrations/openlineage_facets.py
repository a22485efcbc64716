"""The facets of OpenLineage's datasets: column lineage, statistics, and the verdicts of all checks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from normflow.extras import host
from normflow.naming import without_secrets
from normflow.spec.secrets import masked
from normflow.spec.tables import DELTA

with host("lineage"):
    from openlineage.client.event_v2 import InputDataset, OutputDataset
    from openlineage.client.facet_v2 import column_lineage_dataset as lineage
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as assertions
    from openlineage.client.facet_v2 import data_quality_metrics_input_dataset as metrics
    from openlineage.client.facet_v2 import output_statistics_output_dataset, schema_dataset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.record import CheckRecord, OutputRecord, RunRecord
    from normflow.spec import Pipeline, TableSink, TableSource

PRODUCER = "https://pypi.org/project/normflow-etl/"
INCOMING = ("contract", "table", "schema", "quarantine", "drift")


def inputs(pipeline: Pipeline, record: RunRecord | None) -> list[InputDataset]:
    """What is read; once there is a record, with its rows and what was judged of them."""
    of_rows: dict[str, Any] = {}
    if record:
        of_rows["dataQualityMetrics"] = _metrics(pipeline, record)
        of_rows["dataQualityAssertions"] = _assertions(record.checks, incoming=True)
    return [InputDataset(*one, inputFacets=of_rows) for one in _sources(pipeline)]


def _sources(pipeline: Pipeline) -> list[tuple[str, str]]:
    table = pipeline.source.table
    return [_of_table(table)] if table else [_named(path) for path in pipeline.source.paths]


def outputs(pipeline: Pipeline, record: RunRecord) -> list[OutputDataset]:
    """What was published, the quarantine too."""
    main = pipeline.sink.named
    return [_output(pipeline, record, one, main=one.path == main) for one in record.outputs]


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
    table = pipeline.sink.table if main else None
    return OutputDataset(
        *(_of_table(table) if table else _named(output.path)),
        facets=facets,
        outputFacets={
            "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                output.rows, output.bytes, producer=PRODUCER
            )
        },
    )


def _lineage(pipeline: Pipeline, record: RunRecord, others: Iterable[str]) -> Any:
    """By output column, the input columns that it is made of, and how."""
    sources = _sources(pipeline)

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


def _of_table(table: TableSource | TableSink) -> tuple[str, str]:
    """The place as namespace, without secrets; the table, or what kind of thing it is, as name.

    A Delta table is its folder, as OpenLineage has them for other engines.
    """
    place = masked(without_secrets(str(table.place)))
    if table.kind == DELTA or (not table.table and "://" in place):
        return _named(place)
    return (f"{table.kind}:{place}" if place else table.kind), table.table or "query"


def _named(path: str) -> tuple[str, str]:
    """A dataset's namespace and name, as OpenLineage has them for files and object stores."""
    there = urlsplit(path)
    return (
        (f"{there.scheme}://{there.hostname}", there.path.lstrip("/"))
        if there.netloc
        else ("file", str(Path(path).resolve()))
    )
