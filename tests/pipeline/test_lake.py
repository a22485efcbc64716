"""Delta and Iceberg: read and written as their own libraries do it, replaced by one commit or not at all."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyarrow import parquet
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.typedef import Record

import normflow as nf
from normflow import sinks
from normflow.errors import ConfigError, ContractError, SchemaError, SinkError, SourceError
from normflow.pipeline.again import rerun
from normflow.pipeline.recover import recover_all
from normflow.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.table import Table

ROWS = pl.DataFrame(
    {"a": [1.0, 2.0, 3.0, 4.0, 50.0], "k": ["x", "y", "x", None, "a/b c"], "i": [3, 1, 4, 1, 5]}
)
LAKES = {"delta": "{delta: lake/t}", "iceberg": "{iceberg: n.t, catalog: lake/c.db}"}
QUARANTINE = "contract: {i: {range: [0, 4], on_fail: quarantine}}\n"
both = pytest.mark.parametrize("lake", LAKES)


def pipeline(folder: Path, source: str, sink: str, more: str = "", name: str = "p") -> nf.Pipeline:
    (folder / "lake").mkdir(exist_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(f"source: {source}\nsink: {sink}\nnormalize: {{a: zscore}}\n{more}")
    return nf.load(file)


def from_file(folder: Path, more: str = "") -> pl.DataFrame:
    """What a run from file to file makes of the rows: what every other way must make of them too."""
    ROWS.write_parquet(folder / "rows.parquet")
    nf.run(pipeline(folder, "rows.parquet", "plain.parquet", more, name="plain"))
    return pl.read_parquet(folder / "plain.parquet")


def registry(folder: Path) -> Registry:
    return Registry(folder / ".normflow/registry.duckdb")


def catalog(folder: Path) -> closing[SqlCatalog]:
    """That of the tables of these tests, as pyiceberg opens it."""
    home = folder / "lake"
    return closing(SqlCatalog("default", uri=f"sqlite:///{home}/c.db", warehouse=str(home)))


def iceberg(folder: Path) -> Table:
    """The table as it is now, by pyiceberg alone."""
    with catalog(folder) as one:
        return one.load_table("n.t")


def held(folder: Path, lake: str) -> pl.DataFrame:
    """The rows of the newest version, by the lake's own library."""
    if lake == "delta":
        found = DeltaTable(folder / "lake/t").to_pyarrow_table()
    else:
        found = iceberg(folder).scan().to_arrow()
    return pl.DataFrame(found)


def commits(folder: Path, lake: str) -> list[str | None]:
    """The run of each commit, the oldest first."""
    if lake == "delta":
        told = [one.get("normflow_run") for one in DeltaTable(folder / "lake/t").history()]
        return told[::-1]
    snapshots = iceberg(folder).snapshots()
    return list(dict.fromkeys(one.summary["normflow_run"] for one in snapshots if one.summary))


def made(folder: Path, lake: str, rows: pl.DataFrame) -> None:
    """The table as others make it: one file after the other."""
    (folder / "lake").mkdir(exist_ok=True)
    parts = [rows.slice(start, 2) for start in range(0, len(rows), 2)]
    if lake == "delta":
        for part in parts:
            write_deltalake(folder / "lake/t", part, mode="append")
        return
    with catalog(folder) as one:
        one.create_namespace_if_not_exists("n")
        table = one.create_table_if_not_exists("n.t", rows.to_arrow().schema)
        for part in parts:
            table.append(part.to_arrow())


@both
def test_a_table_is_read_as_its_library_reads_it(tmp_path: Path, lake: str) -> None:
    """From many files, in their order."""
    made(tmp_path, lake, ROWS)
    nf.run(pipeline(tmp_path, LAKES[lake], "out.parquet"))
    held(tmp_path, lake).write_parquet(tmp_path / "same.parquet")
    nf.run(pipeline(tmp_path, "same.parquet", "expected.parquet", name="other"))
    assert (tmp_path / "out.parquet").read_bytes() == (tmp_path / "expected.parquet").read_bytes()
    assert not (tmp_path / ".normflow" / "spool").exists()


@both
def test_a_table_is_replaced_by_one_commit_a_run(tmp_path: Path, lake: str) -> None:
    expected = from_file(tmp_path, QUARANTINE)
    to_table = pipeline(tmp_path, "rows.parquet", LAKES[lake], QUARANTINE)
    records = [nf.run(to_table) for _ in range(2)]
    assert held(tmp_path, lake).equals(expected)
    assert commits(tmp_path, lake) == [one.run_id for one in records]
    assert [Path(one.path).name for one in records[0].outputs] == [
        {"delta": "t", "iceberg": "n.t"}[lake],
        "p.quarantine.parquet",
    ]
    assert list((tmp_path / ".normflow" / "outgoing").iterdir()) == []
    nf.run(pipeline(tmp_path, LAKES[lake], "back.parquet", name="back"))
    assert pl.read_parquet(tmp_path / "back.parquet")["k"].equals(expected["k"])


@both
def test_earlier_versions_stay_readable(tmp_path: Path, lake: str) -> None:
    from_file(tmp_path)
    to_table = pipeline(tmp_path, "rows.parquet", LAKES[lake])
    nf.run(to_table)
    first = held(tmp_path, lake)
    version = 0 if lake == "delta" else iceberg(tmp_path).metadata.current_snapshot_id
    ROWS.head(3).write_parquet(tmp_path / "rows.parquet")
    nf.run(to_table)
    assert len(held(tmp_path, lake)) == 3
    at = LAKES[lake].replace("}", f", version: {version}}}")
    nf.run(pipeline(tmp_path, at, "then.parquet", name="then"))
    assert pl.read_parquet(tmp_path / "then.parquet").drop("a").equals(first.drop("a"))


@both
def test_a_rerun_reads_the_version_that_the_run_read(tmp_path: Path, lake: str) -> None:
    made(tmp_path, lake, ROWS)
    record = nf.run(pipeline(tmp_path, LAKES[lake], "out.parquet"))
    (read,) = json.loads(registry(tmp_path).run(record.run_id).inputs)
    assert read["version"] == (2 if lake == "delta" else iceberg(tmp_path).metadata.current_snapshot_id)
    made(tmp_path, lake, ROWS)
    again = rerun(registry(tmp_path), record.run_id)
    assert (again.identical, again.changed) == (True, ())


@both
def test_a_rerun_of_a_run_that_wrote_a_table_comes_to_the_same_bytes(tmp_path: Path, lake: str) -> None:
    """In the types of the lake, and without a commit."""
    ROWS.with_columns(pl.col("i").cast(pl.UInt16)).write_parquet(tmp_path / "rows.parquet")
    record = nf.run(pipeline(tmp_path, "rows.parquet", LAKES[lake]))
    assert rerun(registry(tmp_path), record.run_id, tmp_path / "again.parquet").identical
    assert commits(tmp_path, lake) == [record.run_id]
    assert pl.read_parquet(tmp_path / "again.parquet").schema["i"] == pl.Int32


@both
def test_a_failed_run_leaves_the_table_at_its_version(tmp_path: Path, lake: str) -> None:
    expected = from_file(tmp_path)
    record = nf.run(pipeline(tmp_path, "rows.parquet", LAKES[lake]))
    bad = pipeline(tmp_path, "rows.parquet", LAKES[lake], "checks: {i: {range: [9, 10]}}\n")
    with pytest.raises(ContractError):
        nf.run(bad)
    assert commits(tmp_path, lake) == [record.run_id]
    assert held(tmp_path, lake).equals(expected)


class DiedError(BaseException):
    """Stands for a process that is killed."""


@both
@pytest.mark.parametrize("late", [False, True], ids=["before the commit", "after the commit"])
def test_a_run_that_died_while_it_published_is_finished_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lake: str, *, late: bool
) -> None:
    """Nobody had told the registry; a second publishing finds the commit of the run, and adds none."""
    expected = from_file(tmp_path)
    publish = sinks.tables.publish

    def dies(*given: Any) -> None:
        if late:
            publish(*given)
        raise DiedError

    monkeypatch.setattr(sinks.tables, "publish", dies)
    with pytest.raises(DiedError):
        nf.run(pipeline(tmp_path, "rows.parquet", LAKES[lake]))
    monkeypatch.undo()
    (found,) = recover_all(registry(tmp_path))
    assert found.status == "succeeded"
    assert held(tmp_path, lake).equals(expected)
    assert commits(tmp_path, lake) == [found.run_id]
    assert recover_all(registry(tmp_path)) == ()


DAY = dt.datetime(2020, 1, 2, 3, 4, 5, 678901)  # noqa: DTZ001  (of no zone, on purpose)
TYPES: dict[str, tuple[list[Any], pl.DataType]] = {
    "Float64": ([1.5, None], pl.Float64()),
    "Float32": ([1.5, None], pl.Float32()),
    "Int64": ([2**62, None], pl.Int64()),
    "Int32": ([-5, None], pl.Int32()),
    "String": (["ä", None], pl.String()),
    "Boolean": ([True, None], pl.Boolean()),
    "Binary": ([b"\x00", None], pl.Binary()),
    "Date": ([DAY.date(), None], pl.Date()),
    "Datetime": ([DAY, None], pl.Datetime("us")),
    "Datetime in UTC": ([DAY.replace(tzinfo=dt.UTC), None], pl.Datetime("us", "UTC")),
    "Decimal": ([Decimal("1.25"), None], pl.Decimal(38, 2)),
    "List": ([[1.0, None], None], pl.List(pl.Float64)),
    "Struct": ([{"b": 1}, None], pl.Struct({"b": pl.Int64})),
}
WIDER: dict[str, tuple[list[Any], pl.DataType, pl.DataType]] = {
    "UInt8": ([200, None], pl.UInt8(), pl.Int16()),
    "UInt16": ([60_000, None], pl.UInt16(), pl.Int32()),
    "UInt32": ([4_000_000_000, None], pl.UInt32(), pl.Int64()),
    "UInt64": ([2**63 + 5, None], pl.UInt64(), pl.Decimal(20, 0)),
    "Float16": ([1.5, None], pl.Float16(), pl.Float32()),
    "Categorical": (["x", None], pl.Categorical(), pl.String()),
    "Enum": (["x", None], pl.Enum(["x"]), pl.String()),
    "Null": ([None, None], pl.Null(), pl.String()),
    "Array": ([[1.0, 2.0], None], pl.Array(pl.Float64, 2), pl.List(pl.Float64)),
    "Array of arrays": ([[[1], [2]], [[3], [4]]], pl.Array(pl.UInt32, (2, 1)), pl.List(pl.List(pl.Int64))),
    "Datetime in ms": ([DAY, None], pl.Datetime("ms"), pl.Datetime("us")),
    "Datetime in ns": ([DAY, None], pl.Datetime("ns"), pl.Datetime("us")),
    "Datetime of a zone": ([DAY, None], pl.Datetime("us", "Asia/Tokyo"), pl.Datetime("us", "UTC")),
}


@both
def test_each_type_goes_in_and_comes_back(tmp_path: Path, lake: str) -> None:
    """As it is, or as the wider one that the table has; values stay what they are."""
    kept = [pl.Series(name, values, dtype) for name, (values, dtype) in TYPES.items()]
    plain = [pl.Series(name, values).cast(before) for name, (values, before, _) in WIDER.items()]
    rows = pl.DataFrame([*kept, *plain]).with_columns(a=pl.Series([1.0, 2.0]))
    rows.write_parquet(tmp_path / "rows.parquet")
    nf.run(pipeline(tmp_path, "rows.parquet", LAKES[lake]))
    nf.run(pipeline(tmp_path, LAKES[lake], "back.parquet", name="back"))
    expected = rows.drop("a").with_columns(
        pl.col(name).cast(pl.Int32() if (lake, name) == ("iceberg", "UInt8") else after)
        for name, (_, _, after) in WIDER.items()
    )
    back = pl.read_parquet(tmp_path / "back.parquet").drop("a")
    assert back.schema == expected.schema
    assert back.equals(expected)
    assert len(held(tmp_path, lake)) == 2


@both
@pytest.mark.parametrize(
    "column",
    [
        pl.Series("t", [dt.time(1)]),
        pl.Series("t", [dt.timedelta(1)]),
        pl.Series("t", [2**70], pl.Int128),
        pl.Series("t", [[dt.time(1)]]),
    ],
    ids=lambda one: str(one.dtype),
)
def test_a_type_that_the_lake_lacks_is_told_before_a_row_is_read(
    tmp_path: Path, lake: str, column: pl.Series
) -> None:
    pl.DataFrame([pl.Series("a", [1.0]), column]).write_parquet(tmp_path / "rows.parquet")
    with pytest.raises(SchemaError, match=rf"column 't' has the type .*, which {lake} cannot hold"):
        nf.run(pipeline(tmp_path, "rows.parquet", LAKES[lake]))
    assert list((tmp_path / "lake").iterdir()) == []


@both
def test_the_table_takes_the_columns_of_the_output(tmp_path: Path, lake: str) -> None:
    """New ones come, others go, numbers may widen; in one commit with the rows."""
    made(tmp_path, lake, pl.DataFrame({"old": [1], "i": [1], "a": [1.0]}, schema_overrides={"i": pl.Int32}))
    expected = from_file(tmp_path)
    nf.run(pipeline(tmp_path, "rows.parquet", LAKES[lake]))
    assert held(tmp_path, lake).equals(expected)
    assert held(tmp_path, lake).columns == ["a", "k", "i"]


def test_an_iceberg_column_of_another_kind_is_refused_before_a_row_is_read(tmp_path: Path) -> None:
    made(tmp_path, "iceberg", pl.DataFrame({"a": ["text"]}))
    ROWS.write_parquet(tmp_path / "rows.parquet")
    with pytest.raises(
        SinkError, match=r"Cannot change column type: a: string -> double; the earlier output"
    ):
        nf.run(pipeline(tmp_path, "rows.parquet", LAKES["iceberg"]))
    assert held(tmp_path, "iceberg")["a"].to_list() == ["text"]
    assert not (tmp_path / ".normflow/registry.duckdb").exists()


def test_an_iceberg_table_takes_a_narrower_number_as_its_own(tmp_path: Path) -> None:
    made(tmp_path, "iceberg", ROWS)
    ROWS.with_columns(pl.col("i").cast(pl.Int8)).write_parquet(tmp_path / "rows.parquet")
    nf.run(pipeline(tmp_path, "rows.parquet", LAKES["iceberg"]))
    assert held(tmp_path, "iceberg").schema["i"] == pl.Int64
    assert held(tmp_path, "iceberg")["i"].to_list() == ROWS["i"].to_list()


@both
def test_what_another_writer_committed_meanwhile_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lake: str
) -> None:
    """Delta keeps it as the version before; Iceberg refuses, and the next run finishes this one."""
    expected = from_file(tmp_path)
    to_table = pipeline(tmp_path, "rows.parquet", LAKES[lake])
    first = nf.run(to_table)
    writer = sinks.tables.WRITERS[lake]
    step = {"delta": "batches", "iceberg": "copyfileobj"}[lake]
    taken = getattr(writer, step)

    def meanwhile(*given: Any) -> Any:
        made(tmp_path, lake, held(tmp_path, lake).head(2))
        return taken(*given)

    monkeypatch.setattr(writer, step, meanwhile)
    if lake == "iceberg":
        with pytest.raises(SinkError, match="another writer committed meanwhile"):
            nf.run(to_table)
        assert len(held(tmp_path, lake)) == 7
    else:
        nf.run(to_table)
    monkeypatch.undo()
    assert recover_all(registry(tmp_path)) == () or lake == "iceberg"
    assert held(tmp_path, lake).equals(expected)
    newest = registry(tmp_path).runs()[0].run_id
    assert commits(tmp_path, lake) == [first.run_id, None, newest]


def test_a_partitioned_table_stays_partitioned_or_is_refused(tmp_path: Path) -> None:
    expected = from_file(tmp_path)
    write_deltalake(tmp_path / "lake/t", ROWS.cast({"a": pl.Float64}), partition_by=["k"])
    nf.run(pipeline(tmp_path, "rows.parquet", LAKES["delta"]))
    assert DeltaTable(tmp_path / "lake/t").metadata().partition_columns == ["k"]
    assert held(tmp_path, "delta").select("a", "k", "i").sort("a").equals(expected.sort("a"))
    ROWS.drop("k").write_parquet(tmp_path / "rows.parquet")
    with pytest.raises(SinkError, match="the table is partitioned by 'k', and no such column leaves"):
        nf.run(pipeline(tmp_path, "rows.parquet", LAKES["delta"]))
    made(tmp_path, "iceberg", ROWS)
    with catalog(tmp_path) as one, one.load_table("n.t").update_spec() as spec:
        spec.add_identity("i")
    with pytest.raises(SinkError, match="the table is partitioned, and such Iceberg tables are only read"):
        nf.run(pipeline(tmp_path, "rows.parquet", LAKES["iceberg"]))
    with pytest.raises(ConfigError, match="only a local folder is partitioned by its columns"):
        pipeline(tmp_path, "rows.parquet", "{delta: lake/u, partition_by: [k]}")


def test_deleted_rows_are_not_read(tmp_path: Path) -> None:
    """By a deletion vector, which leaves them in the file; and by a file that was written anew."""
    home = tmp_path / "lake/t"
    (home / "_delta_log").mkdir(parents=True)
    ROWS.write_parquet(home / "p.parquet")
    names = {"a": "double", "k": "string", "i": "long"}
    fields = [{"name": n, "type": t, "nullable": True, "metadata": {}} for n, t in names.items()]
    features = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}
    steps = [
        {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, **features}},
        {
            "metaData": {
                "id": "x",
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps({"type": "struct", "fields": fields}),
                "partitionColumns": [],
                "configuration": {"delta.enableDeletionVectors": "true"},
                "createdTime": 0,
            }
        },
        {
            "add": {
                "path": "p.parquet",
                "partitionValues": {},
                "size": (home / "p.parquet").stat().st_size,
                "modificationTime": 0,
                "dataChange": True,
                "stats": json.dumps({"numRecords": 5}),
                "deletionVector": _vector([1, 4]),
            }
        },
    ]
    (home / "_delta_log" / f"{0:020}.json").write_text("\n".join(map(json.dumps, steps)))
    nf.run(pipeline(tmp_path, LAKES["delta"], "out.parquet"))
    assert pl.read_parquet(tmp_path / "out.parquet")["i"].to_list() == [3, 4, 1]
    made(tmp_path, "iceberg", ROWS)
    with catalog(tmp_path) as one:
        one.load_table("n.t").delete("i == 1")
    nf.run(pipeline(tmp_path, LAKES["iceberg"], "out.parquet"))
    left = pl.read_parquet(tmp_path / "out.parquet")["i"].to_list()
    assert left == held(tmp_path, "iceberg")["i"].to_list()
    assert sorted(left) == [3, 4, 5]


def _vector(rows: list[int]) -> dict[str, object]:
    """A deletion vector within the log: a Roaring bitmap, in the 85 letters of ZeroMQ."""
    found = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16) + struct.pack(f"<{len(rows)}H", *rows)
    whole = struct.pack("<iQI", 1681511377, 1, 0) + found
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    ours, theirs = f"{letters}!#$%&()*+-;<=>?@^_`{{|}}~", f"{letters.swapcase()}.-:+=^!/*?&<>()[]{{}}@%$#"
    text = base64.b85encode(whole + b"\0" * (-len(whole) % 4)).decode().translate(str.maketrans(ours, theirs))
    return {
        "storageType": "i", "pathOrInlineDv": text, "sizeInBytes": len(whole), "cardinality": len(rows)
    }  # fmt: skip


def _marked(folder: Path, content: DataFileContent, marks: pl.DataFrame, **more: Any) -> None:
    """Add a file that marks rows of an Iceberg table as deleted, as other engines do."""
    place = folder / "lake" / "marks.parquet"
    ids = {"file_path": "2147483546", "pos": "2147483545", "i": "3"}
    fields = [
        pa.field(one.name, one.type, metadata={"PARQUET:field_id": ids[one.name]})
        for one in marks.to_arrow().schema
    ]
    parquet.write_table(marks.to_arrow().cast(pa.schema(fields)), place)
    file = DataFile.from_args(
        content=content, file_path=str(place), file_format=FileFormat.PARQUET, partition=Record(),
        record_count=len(marks), file_size_in_bytes=place.stat().st_size, spec_id=0, sort_order_id=None,
        key_metadata=None, **more,
    )  # fmt: skip
    with (
        catalog(folder) as one,
        one.load_table("n.t").transaction() as change,
        change.update_snapshot().fast_append() as added,
    ):
        added.append_data_file(file)


def test_rows_that_iceberg_marks_as_deleted_are_not_read(tmp_path: Path) -> None:
    """By their place; marks by value are refused, and not passed over."""
    made(tmp_path, "iceberg", ROWS.head(2))
    name = next(iter(iceberg(tmp_path).scan().plan_files())).file.file_path
    bounds = {"lower_bounds": {2147483546: name.encode()}, "upper_bounds": {2147483546: name.encode()}}
    _marked(
        tmp_path, DataFileContent.POSITION_DELETES, pl.DataFrame({"file_path": [name], "pos": [1]}), **bounds
    )
    nf.run(pipeline(tmp_path, LAKES["iceberg"], "out.parquet"))
    assert pl.read_parquet(tmp_path / "out.parquet")["i"].to_list() == [3]
    _marked(tmp_path, DataFileContent.EQUALITY_DELETES, pl.DataFrame({"i": [3]}), equality_ids=[3])
    with pytest.raises(SourceError, match="it has equality deletes, which neither Polars nor pyiceberg"):
        nf.run(pipeline(tmp_path, LAKES["iceberg"], "out.parquet"))
    ROWS.write_parquet(tmp_path / "rows.parquet")
    nf.run(pipeline(tmp_path, "rows.parquet", LAKES["iceberg"], name="to"))
    nf.run(pipeline(tmp_path, LAKES["iceberg"], "out.parquet"))
    assert pl.read_parquet(tmp_path / "out.parquet")["i"].to_list() == ROWS["i"].to_list()


@both
def test_what_is_not_there_is_told(tmp_path: Path, lake: str) -> None:
    told = {"delta": "there is no Delta table; check the path", "iceberg": "there is no such catalog"}
    with pytest.raises(SourceError, match=told[lake]):
        nf.run(pipeline(tmp_path, LAKES[lake], "out.parquet"))
    assert list((tmp_path / "lake").iterdir()) == []
    made(tmp_path, lake, ROWS)
    with pytest.raises(SourceError, match=r"there is no (version|snapshot) 77"):
        nf.run(pipeline(tmp_path, LAKES[lake].replace("}", ", version: 77}"), "out.parquet"))
    with pytest.raises(SourceError, match=r"there is no Iceberg table; check namespace|no Delta table"):
        nf.run(pipeline(tmp_path, LAKES[lake].replace("/t", "/u").replace("n.t", "n.u"), "out.parquet"))


def test_a_folder_of_other_files_is_no_place_for_a_delta_table(tmp_path: Path) -> None:
    ROWS.write_parquet(tmp_path / "rows.parquet")
    to_table = pipeline(tmp_path, "rows.parquet", LAKES["delta"])
    (tmp_path / "lake/t").mkdir()
    (tmp_path / "lake/t/precious.txt").write_text("mine")
    with pytest.raises(SinkError, match="holds files, and is no Delta table; name a folder of its own"):
        nf.run(to_table)
    with pytest.raises(SinkError, match="is a file, not the folder of a Delta table"):
        nf.run(pipeline(tmp_path, "rows.parquet", "{delta: rows.parquet/}"))
    with pytest.raises(SinkError, match="its folder is missing"):
        nf.run(pipeline(tmp_path, "rows.parquet", "{iceberg: n.t, catalog: none/c.db}"))


def test_a_delta_table_that_cannot_be_replaced_says_why(tmp_path: Path) -> None:
    """Before a row is read where that can be known; a constraint judges the rows, and fails the run."""
    from_file(tmp_path)
    to_table = pipeline(tmp_path, "rows.parquet", LAKES["delta"])
    record = nf.run(to_table)
    DeltaTable(tmp_path / "lake/t").alter.add_constraint({"small": "i < 9"})
    ROWS.with_columns(pl.col("i") + 4).write_parquet(tmp_path / "rows.parquet")
    with pytest.raises(SinkError, match=r"1 rows failed validation check\.; the earlier output"):
        nf.run(to_table)
    assert commits(tmp_path, "delta") == [record.run_id, None]
    ROWS.head(2).write_parquet(tmp_path / "rows.parquet")
    nf.run(to_table)
    assert len(held(tmp_path, "delta")) == 2
    DeltaTable(tmp_path / "lake/t").alter.set_table_properties({"delta.appendOnly": "true"})
    with pytest.raises(SinkError, match=r"takes only more rows \(delta.appendOnly\)"):
        nf.run(to_table)
    ROWS.with_columns(A=1).write_parquet(tmp_path / "rows.parquet")
    with pytest.raises(
        SchemaError, match="two columns are called 'a', as Delta compares names, without case"
    ):
        nf.run(pipeline(tmp_path, "rows.parquet", "{delta: lake/other}"))


@both
def test_names_of_any_letters_are_kept(tmp_path: Path, lake: str) -> None:
    rows = ROWS.rename({"k": "k e,y(1)", "i": "ö.i"})
    rows.write_parquet(tmp_path / "rows.parquet")
    for _ in range(2):
        nf.run(pipeline(tmp_path, "rows.parquet", LAKES[lake]))
    nf.run(pipeline(tmp_path, LAKES[lake], "back.parquet", name="back"))
    assert pl.read_parquet(tmp_path / "back.parquet").drop("a").equals(rows.drop("a"))


@pytest.mark.parametrize(
    ("source", "sink", "told"),
    [
        ("{delta: t, table: x}", "o.parquet", "delta takes no table"),
        ("{delta: t, query: select 1}", "o.parquet", "delta takes no query"),
        ("{delta: t, options: {x: 1}}", "o.parquet", "delta takes no options"),
        ("{delta: t, version: -1}", "o.parquet", "at least 0"),
        ("{delta: 'ftp://host/t'}", "o.parquet", "no such store"),
        ("{delta: t, iceberg: n.t}", "o.parquet", "write one of path"),
        ("{iceberg: t, catalog: c.db}", "o.parquet", "name it with its namespace"),
        ("{iceberg: n.t, storage: {region: x}}", "o.parquet", "iceberg takes no storage"),
        ("{iceberg: n.t, options: {py-catalog-impl: os.system}}", "o.parquet", "no code is imported"),
        ("{iceberg: n.t, options: {py-io-impl: os.system}}", "o.parquet", "no code is imported"),
        ("{path: a.csv, version: 1}", "o.parquet", "files have no version"),
        ("{path: a.csv, catalog: c.db}", "o.parquet", "files have no catalog"),
        ("a.csv", "{delta: t, format: parquet}", "delta takes no format"),
        ("a.csv", "{delta: t, version: 1}", "unknown key"),
        ("{delta: t}", "{delta: t}", "the source reads"),
        ("{iceberg: n.t, catalog: c.db, version: 5}", "{iceberg: n.t, catalog: c.db}", "the source reads"),
    ],
)
def test_what_does_not_go_together_is_told_with_its_place(
    tmp_path: Path, source: str, sink: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        pipeline(tmp_path, source, sink)
    assert "p.yaml:" in str(caught.value)


def test_a_pipeline_of_lakes_is_kept_as_text_and_read_again(tmp_path: Path) -> None:
    """Its paths start at the file's folder, so that the text is the same wherever that lies."""
    told = pipeline(tmp_path, "{delta: a/t, version: 3}", LAKES["iceberg"])
    kept = nf.Pipeline.from_json(told.to_json())
    assert (kept.source, kept.sink) == (told.source, told.sink)
    other = tmp_path / "other"
    other.mkdir()
    moved = pipeline(other, "{delta: a/t, version: 3}", LAKES["iceberg"])
    assert moved.to_json().replace(str(other), "") == told.to_json().replace(str(tmp_path), "")


MISSING = """
import sys
sys.modules[sys.argv[1]] = None
from normflow.cli import outcome
sys.exit(outcome(sys.argv[2:]))
"""


@pytest.mark.parametrize(("lake", "library"), [("delta", "deltalake"), ("iceberg", "pyiceberg")])
def test_a_missing_library_is_told_with_its_extra(tmp_path: Path, lake: str, library: str) -> None:
    from_file(tmp_path)
    pipeline(tmp_path, "rows.parquet", LAKES[lake], name="sink")
    made(tmp_path, lake, ROWS)
    pipeline(tmp_path, LAKES[lake], "o.parquet", name="source")
    for name in ("sink", "source"):
        asked = [sys.executable, "-c", MISSING, library, "run", str(tmp_path / f"{name}.yaml")]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert f"with {library}, which is not installed; pip install 'normflow-etl[{lake}]'" in done.stderr


def test_a_catalog_of_pyicebergs_own_configuration_is_found_by_its_name(tmp_path: Path) -> None:
    """From the command line, from end to end; one that nobody describes is told."""
    expected = from_file(tmp_path)
    home = tmp_path / "lake"
    (tmp_path / ".pyiceberg.yaml").write_text(
        f"catalog:\n  mine:\n    type: sql\n    uri: sqlite:///{home}/c.db\n    warehouse: {home}\n"
    )
    pipeline(tmp_path, "rows.parquet", "{iceberg: n.t, catalog: mine}", name="in")
    pipeline(tmp_path, "{iceberg: n.t, catalog: mine}", "{delta: lake/t}", name="out")
    pipeline(tmp_path, "{iceberg: n.t, catalog: yours}", "{delta: lake/t}", name="wrong")
    found = {**os.environ, "PYICEBERG_HOME": str(tmp_path)}
    for name, code in (("in", 0), ("out", 0), ("wrong", 2)):
        asked = [sys.executable, "-W", "error", "-m", "normflow", "run", str(tmp_path / f"{name}.yaml")]
        done = subprocess.run(asked, capture_output=True, text=True, check=False, env=found)
        assert done.returncode == code, done.stderr
    assert "pyiceberg's configuration has no catalog 'yours'" in done.stderr
    assert held(tmp_path, "delta").drop("a").equals(expected.drop("a"))


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of an S3 server in a process of its own: deltalake keeps the interpreter while it waits."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    code = f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, "-c", code], stdout=quiet, stderr=quiet) as server:
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            with suppress(urllib.error.URLError):
                made = urllib.request.Request(f"{address}/bucket", method="PUT")  # noqa: S310  (ours)
                urllib.request.urlopen(made).close()  # noqa: S310
                break
            time.sleep(0.1)
        yield address
        server.kill()


def test_lakes_in_a_store_are_read_and_written_without_telling_the_secret(
    tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_SECRET", "open sesame")
    expected = from_file(tmp_path)
    key = "${secret:S3_SECRET}"
    storage = (
        f"{{endpoint_url: '{store}', access_key_id: a, secret_access_key: '{key}', region: us-east-1,"
        " allow_http: true}"
    )
    options = (
        f"{{warehouse: 's3://bucket/ice', s3.endpoint: '{store}', s3.access-key-id: a,"
        f" s3.secret-access-key: '{key}', s3.region: us-east-1}}"
    )
    lakes = {
        "delta": f"{{delta: s3://bucket/lake/t, storage: {storage}}}",
        "iceberg": f"{{iceberg: n.t, catalog: lake/c.db, options: {options}}}",
    }
    for name, lake in lakes.items():
        for _ in range(2):
            nf.run(pipeline(tmp_path, "rows.parquet", lake, name=name))
        nf.run(pipeline(tmp_path, lake, "back.parquet", name="back"))
        assert pl.read_parquet(tmp_path / "back.parquet").drop("a").equals(expected.drop("a"))
    with pytest.raises(SourceError, match="there is no such bucket"):
        nf.run(pipeline(tmp_path, lakes["delta"].replace("bucket", "nobucket"), "back.parquet"))
    found = (tmp_path / ".normflow" / "registry.duckdb", tmp_path / "lake" / "c.db")
    assert not any(b"open sesame" in one.read_bytes() for one in found)


def test_what_a_catalog_says_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver may tell the address that it was given."""
    monkeypatch.setenv("CATALOG_PW", "open sesame")
    ROWS.write_parquet(tmp_path / "rows.parquet")
    for options, told in (
        ("{type: sql, uri: 'no+driver://u:${secret:CATALOG_PW}@h/d'}", "Can't load plugin"),
        ("{type: rest, uri: 'http://127.0.0.1:1', token: '${secret:CATALOG_PW}'}", "cannot be reached"),
        ("{type: '${secret:CATALOG_PW}', uri: 'x://y'}", r"'\*\*\*' is not a valid CatalogType"),
    ):
        with pytest.raises(SinkError, match=told) as caught:
            nf.run(pipeline(tmp_path, "rows.parquet", f"{{iceberg: n.t, options: {options}}}"))
        assert "sesame" not in str(caught.value)
        assert caught.value.__cause__ is None
