"""Events in the real client's file transport, as a collector would read them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.transport.file import FileConfig, FileTransport

import normflow as nf
from normflow.cli import outcome
from normflow.integrations import openlineage, openlineage_facets

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
source: data.parquet
sink: out/data.parquet
contract:
  price: {range: [0, 100]}
  kind: {isin: [a, b], on_fail: quarantine}
quarantine: {max_rows: 90%}
normalize:
  price: minmax
  both: {method: unit, columns: [u, v], suffix: _1}
checks:
  price: {finite: true}
"""


def ran(folder: Path, prices: list[float], *, more: str = "", client: Any = None) -> list[dict[str, Any]]:
    """The events of a run, which may fail."""
    frame = pl.DataFrame({"price": prices, "kind": ["a", "x"] * (len(prices) // 2)})
    frame = frame.with_columns(u=pl.col("price"), v=pl.lit(1.0))
    frame.write_parquet(folder / "data.parquet")
    (folder / "shop.yaml").write_text(TEXT.replace("  both: {", "  u: {") + more, encoding="utf-8")
    log = folder / "events.ndjson"
    sending = client or OpenLineageClient(
        transport=FileTransport(FileConfig(log_file_path=str(log), append=True))
    )
    with suppress(nf.ContractError):
        openlineage.run(nf.load(folder / "shop.yaml"), client=sending)
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def test_a_run_starts_and_completes_with_lineage_statistics_and_verdicts(tmp_path: Path) -> None:
    start, done = ran(tmp_path, [0.0, 5.0, 10.0, 2.0])
    assert [one["eventType"] for one in (start, done)] == ["START", "COMPLETE"]
    assert start["run"]["runId"] == done["run"]["runId"]
    assert done["job"] == {"namespace": "normflow", "name": "shop", "facets": {}}
    (source,) = done["inputs"]
    assert (source["namespace"], source["name"]) == ("file", str(tmp_path / "data.parquet"))
    assert source["inputFacets"]["dataQualityMetrics"]["rowCount"] == 4
    assert source["inputFacets"]["dataQualityMetrics"]["columnMetrics"]["price"]["max"] == 10.0
    told = {
        one["name"]: one["success"] for one in source["inputFacets"]["dataQualityAssertions"]["assertions"]
    }
    assert told["contract.price.range"] is True
    assert told["contract.kind.isin"] is True  # what was quarantined is taken care of
    main, aside = done["outputs"]
    assert main["name"] == str(tmp_path / "out/data.parquet")
    assert main["outputFacets"]["outputStatistics"]["rowCount"] == 2
    assert main["outputFacets"]["outputStatistics"]["size"] == (tmp_path / "out/data.parquet").stat().st_size
    assert aside["outputFacets"]["outputStatistics"]["rowCount"] == 2
    columns = main["facets"]["columnLineage"]["fields"]
    assert {name: {one["field"] for one in made["inputFields"]} for name, made in columns.items()} == {
        "price": {"price"},
        "kind": {"kind"},
        "u": {"u"},
        "v": {"v"},
        "u_1": {"u", "v"},
        "v_1": {"u", "v"},
    }
    assert columns["price"]["inputFields"][0]["transformations"][0]["subtype"] == "TRANSFORMATION"
    assert columns["kind"]["inputFields"][0]["transformations"][0]["subtype"] == "IDENTITY"
    assert {one["name"] for one in main["facets"]["dataQualityAssertions"]["assertions"]} >= {
        "checks.price.finite"
    }
    assert {one["key"] for one in done["run"]["facets"]["tags"]["tags"]} >= {"run_id", "fit_id"}


def test_a_run_that_fails_says_so_and_why(tmp_path: Path) -> None:
    start, failed = ran(tmp_path, [0.0, 5.0, 1000.0, 2.0])
    assert [one["eventType"] for one in (start, failed)] == ["START", "FAIL"]
    assert "nothing was published" in failed["run"]["facets"]["errorMessage"]["message"]
    (source,) = failed["inputs"]
    told = {
        one["name"]: one["success"] for one in source["inputFacets"]["dataQualityAssertions"]["assertions"]
    }
    assert told["contract.price.range"] is False


def test_a_private_run_tells_no_values(tmp_path: Path) -> None:
    events = ran(tmp_path, [0.0, 5.0, 7.5, 2.0], more="private: true\n")
    assert events[-1]["inputs"][0]["inputFacets"]["dataQualityMetrics"]["columnMetrics"] == {}


def test_a_transport_that_breaks_at_the_end_does_not_hide_the_run(tmp_path: Path) -> None:
    class Broken:
        sent = 0

        def emit(self, _event: object) -> None:
            self.sent += 1
            if self.sent > 1:
                raise ConnectionError("no collector")

    with pytest.warns(UserWarning, match="could not be told to OpenLineage: no collector"):
        ran(tmp_path, [0.0, 5.0], client=Broken())
    assert (tmp_path / "out/data.parquet").exists()


def test_a_run_of_the_command_line_tells_openlineage_where_it_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "events.ndjson"
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TYPE", "file")
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__LOG_FILE_PATH", str(log))
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__APPEND", "true")
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "shop")
    pl.DataFrame({"x": [1.0, 2.0, 9.0]}).write_parquet(tmp_path / "data.parquet")
    text = "source: data.parquet\nsink: {duckdb: w.duckdb, table: xs}\nplugins: [openlineage]\n"
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    assert outcome(["run", str(tmp_path / "p.yaml"), "-q"]) == 0
    (tmp_path / "p.yaml").write_text(text + "contract: {x: {range: [0, 5]}}\n", encoding="utf-8")
    assert outcome(["run", str(tmp_path / "p.yaml"), "-q"]) == 1
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [one["eventType"] for one in events] == ["START", "COMPLETE", "START", "FAIL"]
    assert {one["job"]["namespace"] for one in events} == {"shop"}
    (table,) = events[1]["outputs"]
    assert (table["namespace"], table["name"]) == (f"duckdb:{tmp_path / 'w.duckdb'}", "xs")
    assert set(table["facets"]["columnLineage"]["fields"]) == {"x"}


def test_a_table_that_is_read_is_a_dataset_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSWORD", "s3cr3t")
    text = (
        'source: {database: "postgresql://etl:${secret:PASSWORD}@db.example.com/shop", table: sales.prices}\n'
    )
    (tmp_path / "p.yaml").write_text(text + "sink: out.parquet\n", encoding="utf-8")
    (found,) = openlineage_facets.inputs(nf.load(tmp_path / "p.yaml"), None)
    assert (found.namespace, found.name) == ("database:postgresql://…@db.example.com/shop", "sales.prices")
    for written, namespace, name in (
        ("{delta: lake/t}", "file", str(tmp_path / "lake/t")),
        ("{delta: 's3://bucket/lake/t'}", "s3://bucket", "lake/t"),
        ("{iceberg: n.t, catalog: prod}", "iceberg:prod", "n.t"),
    ):
        (tmp_path / "p.yaml").write_text(f"source: {written}\nsink: out.parquet\n", encoding="utf-8")
        (found,) = openlineage_facets.inputs(nf.load(tmp_path / "p.yaml"), None)
        assert (found.namespace, found.name) == (namespace, name)


def test_object_stores_have_their_own_namespace() -> None:
    assert openlineage_facets._named("s3://bucket/a/b.parquet") == ("s3://bucket", "a/b.parquet")
