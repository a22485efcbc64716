"""Sources and sinks that are no local files: against the real thing, and published whole or not at all."""

from __future__ import annotations

import io
import os
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import polars as pl
import pytest

import normflow as nf
from normflow import sinks
from normflow.errors import ConfigError, NormflowError, SinkBusyError, SinkError, SourceError
from normflow.pipeline.again import rerun
from normflow.pipeline.recover import recover_all
from normflow.registry import Registry
from tests.fits.postgres import running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = pl.DataFrame(
    {
        "a": [1.0, 2.0, 3.0, 4.0, 50.0],
        "k": ["x", "y", "x", None, "a/b c"],
        "i": [3, 1, 4, 1, 5],
    }
)
SETTINGS = "normalize: {a: zscore}\n"


def pipeline(folder: Path, source: str, sink: str, more: str = "", name: str = "p") -> nf.Pipeline:
    file = folder / f"{name}.yaml"
    file.write_text(f"source: {source}\nsink: {sink}\n{SETTINGS}{more}")
    return nf.load(file)


def from_file(folder: Path, more: str = "") -> pl.DataFrame:
    """What a run from file to file makes of the rows: what every other way must make of them too."""
    ROWS.write_parquet(folder / "rows.parquet")
    nf.run(pipeline(folder, "rows.parquet", "plain.parquet", more, name="plain"))
    return pl.read_parquet(folder / "plain.parquet")


def fit_id(folder: Path, source: str) -> str:
    return nf.run(pipeline(folder, source, "any.parquet", "registry: other.duckdb\n")).fit_id


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    with duckdb.connect(tmp_path / "w.duckdb") as con:
        con.register("rows", ROWS)
        con.execute('CREATE SCHEMA s; CREATE TABLE s."t ""1" AS FROM rows')
    return tmp_path / "w.duckdb"


def test_a_duckdb_table_is_read_as_its_rows_in_a_file(tmp_path: Path, warehouse: Path) -> None:
    expected = from_file(tmp_path)
    record = nf.run(pipeline(tmp_path, "{duckdb: w.duckdb, table: 's.t \"1'}", "out.parquet"))
    assert pl.read_parquet(tmp_path / "out.parquet").equals(expected)
    assert record.fit_id == fit_id(tmp_path, "rows.parquet")
    assert not (tmp_path / ".normflow" / "spool").exists()
    assert warehouse.is_file()


@pytest.mark.parametrize(
    "query", ['DELETE FROM s."t ""1"', "SELECT 1; SELECT 2", "COPY (SELECT 1) TO 'x.csv'"]
)
@pytest.mark.usefixtures("warehouse")
def test_a_query_that_is_not_one_select_is_refused(tmp_path: Path, query: str) -> None:
    asked = "{duckdb: w.duckdb, query: '" + query.replace("'", "''") + "'}"
    with pytest.raises(SourceError, match="the query is not one SELECT"):
        nf.run(pipeline(tmp_path, asked, "out.parquet"))
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.usefixtures("warehouse")
def test_a_duckdb_query_is_rerun_to_the_same_bytes_and_says_what_moved(tmp_path: Path) -> None:
    asked = '{duckdb: w.duckdb, query: \'SELECT a, i FROM s."t ""1" ORDER BY i, a\'}'
    assert nf.plan(pipeline(tmp_path, asked, "out.parquet")).to_read == (f"duckdb:{tmp_path / 'w.duckdb'}",)
    record = nf.run(pipeline(tmp_path, asked, "out.parquet"))
    registry = Registry(tmp_path / ".normflow/registry.duckdb")
    assert rerun(registry, record.run_id).identical
    with duckdb.connect(tmp_path / "w.duckdb") as con:
        con.execute('UPDATE s."t ""1" SET a = 7 WHERE i = 3')
    again = rerun(registry, record.run_id)
    assert not again.identical
    assert again.changed == ("inputs: 1 changed (w.duckdb)",)


def test_what_is_not_there_is_told(tmp_path: Path, warehouse: Path) -> None:
    with pytest.raises(SourceError, match="no such file; check the path"):
        nf.run(pipeline(tmp_path, "{duckdb: no.duckdb, table: t}", "out.parquet"))
    with pytest.raises(SourceError, match="Table with name nope does not exist"):
        nf.run(pipeline(tmp_path, "{duckdb: w.duckdb, table: nope}", "out.parquet"))
    warehouse.write_text("no database")
    with pytest.raises(SourceError, match="not a valid DuckDB database file"):
        nf.run(pipeline(tmp_path, "{duckdb: w.duckdb, table: nope}", "out.parquet"))
    assert not (tmp_path / ".normflow" / "spool").exists()


def test_a_duckdb_table_is_replaced_in_one_transaction(tmp_path: Path) -> None:
    expected = from_file(tmp_path, "contract: {i: {range: [0, 4], on_fail: quarantine}}\n")
    to_table = pipeline(
        tmp_path,
        "rows.parquet",
        "{duckdb: out.duckdb, table: s.o}",
        "contract: {i: {range: [0, 4], on_fail: quarantine}}\n",
    )
    for _ in range(2):
        record = nf.run(to_table)
    with duckdb.connect(tmp_path / "out.duckdb", read_only=True) as con:
        assert con.sql("FROM s.o").pl().equals(expected)
        told = con.sql("SELECT comment FROM duckdb_tables() WHERE table_name = 'o'").fetchall()
    assert told == [(f"normflow run {record.run_id}",)]
    assert [Path(one.path).name for one in record.outputs] == ["s.o", "p.quarantine.parquet"]
    assert os.listdir(tmp_path / ".normflow" / "outgoing") == []  # noqa: PTH208


def test_the_quarantined_rows_of_a_table_are_replayed_into_a_file_beside_the_pipeline(tmp_path: Path) -> None:
    ROWS.write_parquet(tmp_path / "rows.parquet")
    more = "contract: {a: {range: [0, 10], on_fail: quarantine}}\n"
    record = nf.run(pipeline(tmp_path, "rows.parquet", "{duckdb: o.duckdb, table: t}", more))
    aside = pl.read_parquet(tmp_path / "p.quarantine.parquet")
    aside.with_columns(a=pl.lit(5.0)).write_parquet(tmp_path / "p.quarantine.parquet")
    again = nf.replay(tmp_path / ".normflow/registry.duckdb", record.run_id)
    (out,) = [one.path for one in again.outputs if one.rows]
    assert out == str(tmp_path / f"p.replay-{record.run_id}.parquet")
    with duckdb.connect(tmp_path / "o.duckdb", read_only=True) as con:
        assert con.sql("SELECT count(*) FROM t").fetchall() == [(4,)]


def test_a_failed_run_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    from_file(tmp_path)
    good = pipeline(tmp_path, "rows.parquet", "{duckdb: out.duckdb, table: o}")
    nf.run(good)
    bad = pipeline(
        tmp_path, "rows.parquet", "{duckdb: out.duckdb, table: o}", "checks: {i: {range: [9, 10]}}\n"
    )
    with pytest.raises(NormflowError):
        nf.run(bad)
    with duckdb.connect(tmp_path / "out.duckdb", read_only=True) as con:
        assert con.sql("SELECT count(*) FROM o").fetchall() == [(5,)]


def test_a_duckdb_file_that_another_process_holds_is_busy(tmp_path: Path) -> None:
    from_file(tmp_path)
    code = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    held = [sys.executable, "-c", code, str(tmp_path / "out.duckdb")]
    with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(SinkBusyError) as caught:
            nf.run(pipeline(tmp_path, "rows.parquet", "{duckdb: out.duckdb, table: o}"))
        other.kill()
    assert caught.value.exit_code == 4


def test_a_run_that_died_before_the_table_took_its_rows_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = from_file(tmp_path)
    to_table = pipeline(tmp_path, "rows.parquet", "{duckdb: out.duckdb, table: o}")

    class Died(BaseException):
        """Stands for a process that is killed."""

    def dies(*_: object) -> None:
        raise Died

    monkeypatch.setattr(sinks.tables, "publish", dies)
    with pytest.raises(Died):
        nf.run(to_table)
    monkeypatch.undo()
    (found,) = recover_all(Registry(tmp_path / ".normflow/registry.duckdb"))
    assert found.status == "succeeded"
    with duckdb.connect(tmp_path / "out.duckdb", read_only=True) as con:
        assert con.sql("FROM o").pl().equals(expected)
    assert recover_all(Registry(tmp_path / ".normflow/registry.duckdb")) == ()


def test_a_run_of_a_file_named_from_its_folder_is_finished_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its table is known by the same name."""
    expected = from_file(tmp_path)
    pipeline(tmp_path, "rows.parquet", "{duckdb: out.duckdb, table: o}")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sinks.tables, "publish", dies)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        nf.run(nf.load("p.yaml"))
    monkeypatch.undo()
    (found,) = recover_all(Registry(tmp_path / ".normflow/registry.duckdb"))
    assert found.status == "succeeded"
    with duckdb.connect(tmp_path / "out.duckdb", read_only=True) as con:
        assert con.sql("FROM o").pl().equals(expected)


def test_a_table_that_refuses_the_rows_of_a_dead_run_keeps_no_later_run_from_it(tmp_path: Path) -> None:
    expected = from_file(tmp_path)
    address = f"sqlite:///{tmp_path / 'l.db'}"
    to_table = pipeline(tmp_path, "rows.parquet", f"{{database: '{address}', table: o}}")
    pl.DataFrame({"other": [1]}).write_database("o", address, engine="adbc")
    with pytest.raises(SinkError, match="cannot be written"):
        nf.run(to_table)
    with pytest.raises(SinkError, match="cannot be written"):
        nf.run(to_table)
    (_, first) = Registry(tmp_path / ".normflow/registry.duckdb").runs()[:2]
    assert first.status == "failed"
    assert "undone, because it cannot be written" in str(first.error)
    with sqlite3.connect(tmp_path / "l.db") as con:
        con.execute("DROP TABLE o")
    con.close()
    assert nf.run(to_table).status == "succeeded"
    assert pl.read_database_uri("SELECT * FROM o", address, engine="adbc").equals(expected)


def test_a_sqlite_table_goes_in_and_out(tmp_path: Path) -> None:
    expected = from_file(tmp_path)
    address = f"sqlite:///{tmp_path / 'l.db'}"
    to_table = pipeline(tmp_path, "rows.parquet", f"{{database: '{address}', table: o}}")
    for _ in range(2):
        nf.run(to_table)
    nf.run(pipeline(tmp_path, f"{{database: '{address}', query: 'SELECT * FROM o'}}", "out.parquet"))  # noqa: S608
    held = pl.read_database_uri("SELECT * FROM o", address, engine="adbc")
    assert held.equals(expected)
    with pytest.raises(SourceError, match=r"read-?only"):
        nf.run(pipeline(tmp_path, f"{{database: '{address}', query: 'DELETE FROM o'}}", "out.parquet"))  # noqa: S608


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as postgres:
        yield f"postgresql:///postgres?host={postgres.folder}&user=postgres"


def test_a_postgres_table_is_read_with_its_types_and_replaced_in_one_transaction(
    tmp_path: Path, server: str
) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(server) as con, con.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE t AS SELECT i, (i / 8.0)::numeric(10, 3) n, i::real r, 'g' || i % 3 g,"
            " date '2020-01-01' + i d, '{}'::jsonb j FROM generate_series(1, 1000) i"
        )
        con.commit()
        to_table = _types(tmp_path, server)
        for _ in range(2):
            record = nf.run(to_table)
        cursor.execute("SELECT count(*), avg(n), stddev_pop(n), min(r), max(r), max(d)::text FROM o")
        count, mean, std, low, high, day = cursor.fetchone()
    assert (record.rows, count, low, high, day) == (1000, 1000, 0.0, 1.0, "2022-09-27")
    assert (abs(mean) < 1e-12, abs(std - 1) < 1e-12) == (True, True)


def _types(folder: Path, server: str) -> nf.Pipeline:
    file = folder / "pg.yaml"
    file.write_text(
        f"source: {{database: '{server}', table: public.t}}\n"
        f"sink: {{database: '{server}', table: public.o}}\n"
        "normalize: {n: zscore, r: minmax}\n"
    )
    return nf.load(file)


def test_a_database_takes_all_rows_or_none_and_its_refusal_is_told(tmp_path: Path, server: str) -> None:
    from adbc_driver_postgresql import dbapi

    from_file(tmp_path)
    with dbapi.connect(server) as con, con.cursor() as cursor:
        cursor.execute("CREATE TABLE narrow AS SELECT 1.5::float8 a")
        con.commit()
        with pytest.raises(SinkError, match="cannot be written"):
            nf.run(pipeline(tmp_path, "rows.parquet", f"{{database: '{server}', table: narrow}}"))
        cursor.execute("SELECT a FROM narrow")
        assert cursor.fetchall() == [(1.5,)]
    gone = "postgresql://u:${secret:PGPW}@127.0.0.1:1/db"
    os.environ["PGPW"] = "sesame"
    with pytest.raises(SinkError) as caught:
        nf.run(pipeline(tmp_path, "rows.parquet", f"{{database: '{gone}', table: narrow}}"))
    assert "sesame" not in str(caught.value)
    assert "the database cannot be reached" in str(caught.value)


class Store(NamedTuple):
    """An S3 server: how a pipeline, and how Polars, reaches it."""

    written: str
    options: dict[str, str]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    address = f"http://{host}:{port}"
    urllib.request.urlopen(urllib.request.Request(f"{address}/bucket", method="PUT")).close()  # noqa: S310
    options = {"endpoint_url": address, "access_key_id": "a", "secret_access_key": "b", "region": "us-east-1"}
    os.environ["S3_SECRET"] = "open sesame"  # noqa: S105  (a test's)
    written = (
        f"{{endpoint_url: '{address}', access_key_id: a, secret_access_key: '${{secret:S3_SECRET}}',"
        " region: us-east-1, allow_http: true}"
    )
    yield Store(written, {**options, "allow_http": "true"})
    moto.stop()


def test_objects_of_a_store_are_read_and_written_whole(tmp_path: Path, store: Store) -> None:
    for key, rows in ROWS.select("a", "i").with_row_index().partition_by("index", as_dict=True).items():
        place = f"s3://bucket/in/day={key[0]}/part.parquet"
        rows.drop("index").write_parquet(place, storage_options=store.options)
    source = f"{{path: s3://bucket/in, storage: {store.written}}}"
    sink = f"{{path: s3://bucket/out/o.parquet, storage: {store.written}}}"
    more = "contract: {i: {range: [0, 4], on_fail: quarantine}}\n"
    record = nf.run(pipeline(tmp_path, source, sink, more))
    assert [one.path for one in record.outputs] == [
        "s3://bucket/out/o.parquet",
        "s3://bucket/out/o.quarantine.parquet",
    ]
    expected = from_file(tmp_path, more)
    held = pl.read_parquet("s3://bucket/out/o.parquet", storage_options=store.options)
    assert held.columns == ["a", "i", "day"]
    assert held.drop("day").equals(expected.drop("k"))
    aside = pl.read_parquet("s3://bucket/out/o.quarantine.parquet", storage_options=store.options)
    assert aside["_source"].to_list() == ["s3://bucket/in/day=4/part.parquet"]
    with pytest.raises(ConfigError, match="is in a store, and a replay reads a local file"):
        nf.replay(tmp_path / ".normflow/registry.duckdb", "p@latest")
    registry = tmp_path / ".normflow" / "registry.duckdb"
    assert rerun(Registry(registry), record.run_id).identical
    assert b"open sesame" not in registry.read_bytes()


@pytest.mark.parametrize("ending", ["csv", "ndjson", "ipc"])
def test_each_format_is_read_from_a_store(tmp_path: Path, store: Store, ending: str) -> None:
    from obstore import put

    from normflow.stores import store as bucket

    rows, held = ROWS.select("a", "i"), io.BytesIO()
    getattr(rows, f"write_{ending}")(held)
    put(bucket("s3://bucket", store.options), f"formats/rows-1.{ending}", held.getvalue())
    nf.run(
        pipeline(
            tmp_path, f"{{path: 's3://bucket/formats/*-?.{ending}', storage: {store.written}}}", "o.parquet"
        )
    )
    assert pl.read_parquet(tmp_path / "o.parquet").equals(from_file(tmp_path).select("a", "i"))


def test_a_store_says_what_is_wrong(tmp_path: Path, store: Store) -> None:
    from_file(tmp_path)
    for path, told in (
        ("s3://bucket/none-*.csv", "no such object"),
        ("s3://nobucket/a.csv", "there is no such bucket"),
    ):
        with pytest.raises(SourceError, match=told):
            nf.run(pipeline(tmp_path, f"{{path: '{path}', storage: {store.written}}}", "o.parquet"))
    with pytest.raises(SinkError, match=r"cannot be written: there is no such bucket"):
        nf.run(
            pipeline(tmp_path, "rows.parquet", f"{{path: s3://nobucket/o.parquet, storage: {store.written}}}")
        )
    with pytest.raises(ConfigError, match="no such option of the store 'regin'; did you mean 'region'"):
        nf.run(pipeline(tmp_path, "{path: s3://bucket/a.csv, storage: {regin: x}}", "o.parquet"))


def test_arrow_streams_in_and_out(tmp_path: Path) -> None:
    expected = from_file(tmp_path)
    pipeline(tmp_path, '"-"', '"-"', name="streams")
    held = io.BytesIO()
    ROWS.write_ipc_stream(held)
    command = [sys.executable, "-m", "normflow", "run", str(tmp_path / "streams.yaml")]
    done = subprocess.run(command, input=held.getvalue(), capture_output=True, check=True)
    assert pl.read_ipc_stream(done.stdout).equals(expected)
    broken = subprocess.run(command, input=b"no stream", capture_output=True, check=False)
    assert (broken.returncode, broken.stdout) == (3, b"")
    assert b"standard input" in broken.stderr


def test_a_partitioned_sink_changes_as_a_whole_and_is_read_back(tmp_path: Path) -> None:
    expected = from_file(tmp_path)
    parted = pipeline(tmp_path, "rows.parquet", "{path: out/parts, partition_by: [k, i]}")
    (first, second) = (nf.run(parted).outputs[0].sha256 for _ in range(2))
    assert first == second
    found = sorted(
        str(one.relative_to(tmp_path / "out/parts").parent) for one in tmp_path.glob("out/parts/*/*/*")
    )
    assert found == sorted(
        ["k=x/i=3", "k=y/i=1", "k=x/i=4", "k=__HIVE_DEFAULT_PARTITION__/i=1", "k=a%2Fb%20c/i=5"]
    )
    nf.run(pipeline(tmp_path, "out/parts", "back.parquet", name="back"))
    back = pl.read_parquet(tmp_path / "back.parquet")
    assert sorted(back["k"].to_list(), key=str) == sorted(ROWS["k"].to_list(), key=str)
    key = pl.col("i") * 10 + pl.col("k").str.len_chars().fill_null(0)
    old, new = (one.sort(key) for one in (expected, back))
    assert old.select("k", "i").equals(new.select("k", "i"))
    record = nf.run(parted)
    assert rerun(Registry(tmp_path / ".normflow/registry.duckdb"), record.run_id).identical
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["parts"]


def test_a_folder_with_other_files_is_not_replaced(tmp_path: Path) -> None:
    from_file(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious.txt").write_text("mine")
    with pytest.raises(SinkError, match=r"holds 'precious.txt', which is not of this sink"):
        nf.run(pipeline(tmp_path, "rows.parquet", "{path: out, partition_by: [k]}"))
    assert (tmp_path / "out" / "precious.txt").read_text() == "mine"
    with pytest.raises(NormflowError, match="a is Float64, of which no folders are made"):
        nf.run(pipeline(tmp_path, "rows.parquet", "{path: parts, partition_by: [a]}"))


@pytest.mark.parametrize(
    ("source", "sink", "told"),
    [
        ("{duckdb: w.duckdb}", "o.parquet", "write either table or query beside it"),
        ("{duckdb: w.duckdb, table: t, query: select 1}", "o.parquet", "write either table or query"),
        ("{path: a.csv, duckdb: w.duckdb, table: t}", "o.parquet", "write one of path, duckdb, database"),
        ("{format: csv}", "o.parquet", "write one of path, duckdb, database"),
        ("{path: a.csv, storage: {region: x}}", "o.parquet", "local files take no storage"),
        ("[a.csv, 's3://b/a.csv']", "o.parquet", "one source is local or remote"),
        ("ftp://host/a.csv", "o.parquet", "no such store"),
        ("{database: somewhere, table: t}", "o.parquet", "a database is named by its address"),
        ("{database: 'postgresql://u:open@h/d', table: t}", "o.parquet", "a password stands in the address"),
        ("{duckdb: w.duckdb, table: t}", "{duckdb: w.duckdb, table: t}", "the source reads"),
        ("s3://b/a.csv", "s3://b/a.csv", "the source reads"),
        ("a.csv", "{path: 's3://b/parts', partition_by: [k]}", "only a local folder is partitioned"),
        ("a.csv", "{path: parts.parquet, partition_by: [k]}", "named like a file"),
        ("a.csv", "{duckdb: w.duckdb}", "write table beside it"),
    ],
)
def test_what_does_not_go_together_is_told_with_its_place(
    tmp_path: Path, source: str, sink: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        pipeline(tmp_path, source, sink)
    assert "p.yaml:" in str(caught.value)


def test_a_pipeline_of_tables_is_kept_as_text_and_read_again(tmp_path: Path) -> None:
    made = pipeline(tmp_path, "{duckdb: w.duckdb, query: 'SELECT 1 AS a'}", "{duckdb: o.duckdb, table: o}")
    kept = nf.Pipeline.from_json(made.to_json())
    assert (kept.source, kept.sink, kept.quarantine) == (made.source, made.sink, made.quarantine)
    remote = pipeline(tmp_path, "s3://b/a.csv", "s3://b/o.parquet")
    assert nf.Pipeline.from_json(remote.to_json()).source == remote.source
