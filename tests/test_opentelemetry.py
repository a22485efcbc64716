"""Spans and metrics, gathered by OpenTelemetry's own SDK in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import normflow as nf

if TYPE_CHECKING:
    from pathlib import Path

SPANS, METRICS = InMemorySpanExporter(), InMemoryMetricReader()
TEXT = """
source: data.parquet
sink: out.parquet
plugins: [opentelemetry]
contract: {x: {range: [0, 3], on_fail: quarantine}}
quarantine: {max_rows: 1}
"""


@pytest.fixture(scope="module", autouse=True)
def _providers() -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(SPANS))
    trace.set_tracer_provider(provider)
    metrics.set_meter_provider(MeterProvider([METRICS]))


@pytest.fixture(autouse=True)
def _nothing_yet() -> None:
    SPANS.clear()


def ran(folder: Path, values: list[float]) -> nf.RunRecord:
    pl.DataFrame({"x": values}).write_parquet(folder / "data.parquet")
    (folder / "p.yaml").write_text(TEXT, encoding="utf-8")
    return nf.run(nf.load(folder / "p.yaml"))


def counted() -> dict[tuple[str, str], Any]:
    """The last value of each metric, by its name and the status or check that it is of."""
    data = METRICS.get_metrics_data()
    assert data is not None
    found = {}
    for one in (m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics):
        for point in one.data.data_points:
            of = dict(point.attributes or {})
            key = str(of.get("normflow.status") or of.get("normflow.check") or "")
            found[one.name, key] = getattr(point, "value", getattr(point, "count", None))
    return found


def test_a_run_is_a_span_with_its_stages_below(tmp_path: Path) -> None:
    record = ran(tmp_path, [1.0, 2.0, 2.5, 9.0])
    spans = {one.name: one for one in SPANS.get_finished_spans()}
    whole = spans["normflow run"]
    assert dict(whole.attributes or {}) == {
        "normflow.pipeline": "p",
        "normflow.run_id": record.run_id,
        "normflow.fit_id": record.fit_id,
        "normflow.fit": "learned",
        "normflow.rows": 4,
        "normflow.quarantined": 1,
    }
    assert whole.status.status_code is trace.StatusCode.OK
    stages = [one for name, one in spans.items() if name != "normflow run"]
    assert {one.name for one in stages} >= {"normflow learn", "normflow write", "normflow publish"}
    for one in stages:
        assert one.parent is not None
        assert one.parent.span_id == whole.context.span_id
        times = [whole.start_time, one.start_time, one.end_time, whole.end_time]
        assert times == sorted(times, key=lambda time: time or 0)


def test_a_run_that_fails_is_an_error_and_counted(tmp_path: Path) -> None:
    before = counted() if METRICS.get_metrics_data() else {}
    with pytest.raises(nf.ContractError):
        ran(tmp_path, [1.0, 7.0, 8.0, 9.0])
    (whole,) = [one for one in SPANS.get_finished_spans() if one.name == "normflow run"]
    assert whole.status.status_code is trace.StatusCode.ERROR
    assert (whole.attributes or {})["error.type"] == "NF110"
    after = counted()
    for key, more in {
        ("normflow.runs", "failed"): 1,
        ("normflow.run.duration", "failed"): 1,
        ("normflow.quarantined", ""): 3,
        ("normflow.checks.failed", "contract.x.range"): 3,
    }.items():
        assert after[key] - before.get(key, 0) == more
