"""A registry on a PostgreSQL server: the same answers as a file's, for many machines, without a leak."""

from __future__ import annotations

import json
import shlex
import shutil
import traceback
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

import normflow as nf
from normflow import sinks
from normflow.cli import main
from normflow.errors import ConfigError, FormatError, RegistryBusyError, RegistryError, RegistryWarning
from normflow.pipeline import execute
from normflow.registry import ProfileRow, Registry, backup, compact, health
from normflow.registry.postgres import ServerStore
from normflow.registry.tables import FORMAT, TABLES
from normflow.spec import Pipeline, Server
from tests.names import HOSTILE
from tests.registry.golden import fill, frame
from tests.registry.test_registry import a_fit, a_run
from tests.reliability.writers import shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fits.postgres import Postgres

ROOT = Path(__file__).parents[2]
CANARY = "hunter2/c@n:a?r#y"
QUOTED = "hunter2%2Fc%40n%3Aa%3Fr%23y"
FILE = """\
source: weather-*.parquet
fit: {{drift: 0.1}}
normalize: {{temp: zscore, humid: auto}}
sink: out/weather.parquet
registry: "{address}"
"""


@pytest.fixture
def project(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "p.yaml").write_text(FILE.format(address=address))
    frame(100, 20.0, 10.0).write_parquet(tmp_path / "weather-1.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def keeper(server: Postgres) -> Iterator[str]:
    """A user whom the server asks for a password."""
    rules = server.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    server.lines(f"CREATE ROLE keeper LOGIN SUPERUSER PASSWORD '{CANARY}';")
    rules.write_text("local all keeper scram-sha-256\n" + before)
    server.call("pg_ctl", "-D", "data", "reload")
    yield "keeper"
    rules.write_text(before)
    server.call("pg_ctl", "-D", "data", "reload")
    server.lines("DROP OWNED BY keeper CASCADE; DROP ROLE keeper;")


def outcome(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert outcome(*words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def connected(address: str) -> Any:
    """The server without normflow."""
    server = Server.of(address)
    con = psycopg.connect(make_conninfo(**server.options()), autocommit=True)
    con.execute(SQL("SET search_path TO {}").format(Identifier(server.schema)))
    return closing(con)


def test_a_pipeline_lives_through_the_command_line(
    project: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run, rerun, plan, show, runs, diff, drift, forget."""
    first = answer(capsys, "run", "p.yaml")
    assert first["registry"] == address
    assert outcome("plan", "p.yaml") == 0
    frame(100, 900.0, 10.0).write_parquet(project / "weather-2.parquet")
    moved = answer(capsys, "run", "p.yaml")
    assert (moved["fit"], moved["fit_id"]) == ("reused", first["fit_id"])
    record = Registry(address)
    points = record.drift_until(record.run(moved["run_id"]), limit=5)
    assert {one.column: one.status for one in points}["temp"] not in (None, "passed")
    second = answer(capsys, "run", "p.yaml", "--mode", "refit")
    assert second["fit_id"] != first["fit_id"]
    asked = ("--registry", address)
    assert [one["run_id"] for one in answer(capsys, "runs", *asked)["runs"]] == [
        second["run_id"],
        moved["run_id"],
        first["run_id"],
    ]
    assert answer(capsys, "show", "p@latest", *asked)["run_id"] == second["run_id"]
    assert outcome("diff", first["run_id"], second["run_id"], *asked) == 5
    assert outcome("rerun", second["run_id"], *asked) == 0
    assert "identical" in capsys.readouterr().out
    assert outcome("report", "p@latest", *asked, "-o", "page.html") == 0
    assert address.replace("&", "&amp;") in (project / "page.html").read_text()
    assert answer(capsys, "registry", "check", *asked)["flaws"] == []
    assert answer(capsys, "registry", "recover", *asked)["runs"] == []
    forgotten = answer(capsys, "registry", "forget", "p", "--column", "temp", "--yes", *asked)["rows"]
    assert forgotten["fits"] == 2
    assert forgotten["profiles"] == 2
    assert forgotten["drift"] > 0
    assert [run.fit_id for run in Registry(address).runs()] == [None] * 3
    assert answer(capsys, "registry", "check", *asked)["flaws"] == []


def test_the_commands_of_the_page_run(
    server: Postgres, tmp_path: Path, keeper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docs/how-to/share-a-registry.md shows, with a server that is there."""
    page = (ROOT / "docs/how-to/share-a-registry.md").read_text()
    here = page.replace(
        "db.example.com:5432/quality", f"/postgres?host={server.folder}&schema={tmp_path.name}"
    )
    here = here.replace("://etl", f"://{keeper}")
    shutil.copytree(ROOT / "configs/data", tmp_path / "configs/data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_PASSWORD", CANARY)
    monkeypatch.setenv("PGPASSWORD", CANARY)
    Path("weather.yaml").write_text(here.partition("```yaml\n")[2].partition("```")[0])
    commands = [line for line in here.splitlines() if line.startswith("normflow ")]
    assert len(commands) == 5
    assert [outcome(*shlex.split(one)[1:]) for one in commands] == [0] * 5
    (query,) = [line for line in here.splitlines() if line.startswith("SELECT ")]
    answers = server.lines(query.replace("normflow.", f'"{tmp_path.name}".'))
    assert [one.split("|")[0] for one in answers] == sorted(one.split("|")[0] for one in answers)
    assert len(answers) > 3


def test_what_is_learned_is_the_same_as_with_a_file(tmp_path: Path, address: str) -> None:
    """The same fits by id, the same states by their bytes, the same numbers."""
    found: list[Any] = []
    for place in ("registry.duckdb", address):
        folder = tmp_path / f"p{len(found)}"
        folder.mkdir()
        registry = Registry(fill(folder, place).registry)
        with registry.reading() as con:
            states = con.execute(
                'SELECT state_key, fingerprint, "group", "column", state FROM profiles ORDER BY 1, 2, 3, 4'
            ).fetchall()
        fits = registry.fits("weather")
        rows = [one for fit in fits for one in registry.parameters(fit.fit_id)]
        numbers = [(one.column, one.group, one.numbers, json.loads(one.transform)) for one in rows]
        found.append(([fit.document for fit in fits], states, numbers, health(registry).rows))
    assert found[0] == found[1]
    assert len(found[0][1]) > 0


def test_a_reader_that_began_before_the_tables_sees_none_of_them(tmp_path: Path, address: str) -> None:
    """Not the table without its rows, which would be somebody else's schema."""
    store = ServerStore(Server.of(address), 5.0)
    with store._connected(reading=True) as con:
        fill(tmp_path, address)
        assert not store._has_tables(con)
    store.require_ours()
    assert store.exists


def test_many_processes_lose_nothing(tmp_path: Path, address: str) -> None:
    found = shared(tmp_path, processes=8, runs=10, place=address)
    assert (found.recorded, found.errors, found.flaws) == (80, (), 0)


def test_a_server_that_dies_before_the_intent_changes_no_output(
    project: Path, server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is one sentence with exit code 3; the next run begins anew."""
    nf.run(nf.load("p.yaml"))
    before = Path("out/weather.parquet").read_bytes()
    frame(100, 30.0, 10.0).write_parquet(project / "weather-1.parquet")
    original = vars(execute)["verified"]

    def dying(*given: Any) -> Any:
        server.stop()
        return original(*given)

    with monkeypatch.context() as patch:
        patch.setattr(execute, "verified", dying)
        try:
            with pytest.raises(RegistryError, match="the server cannot be asked") as caught:
                nf.run(nf.load("p.yaml"))
        finally:
            server.resume()
    assert caught.value.exit_code == 3
    assert Path("out/weather.parquet").read_bytes() == before
    assert sorted(one.name for one in Path("out").iterdir()) == ["weather.parquet"]
    assert nf.run(nf.load("p.yaml")).status == "succeeded"
    statuses = [run.status for run in Registry(nf.load("p.yaml").registry).runs()]
    assert statuses == ["succeeded", "failed", "succeeded"]


@pytest.mark.usefixtures("project")
def test_a_server_that_dies_after_the_intent_is_told_by_the_next_run(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = sinks.publish

    def dying(*given: Any) -> Any:
        server.stop()
        return original(*given)

    with monkeypatch.context() as patch:
        patch.setattr(sinks, "publish", dying)
        try:
            record = nf.run(nf.load("p.yaml"))
        finally:
            server.resume()
    assert "published, but the registry could not be told" in record.warnings[-1]
    assert pl.read_parquet("out/weather.parquet").height == 100
    registry = Registry(nf.load("p.yaml").registry)
    assert [run.status for run in registry.runs()] == ["publishing"]
    assert outcome("registry", "recover", "--registry", str(registry.path)) == 0
    assert [run.status for run in registry.runs()] == ["succeeded"]


def test_runs_of_another_machine_are_left_alone(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same path is another file there, and no lock here tells whether its process lives."""
    registry = Registry(address)
    monkeypatch.setenv("NORMFLOW_HOST", "a")
    registry.start_run(a_run("r1", sinks=("/out/a.parquet",)))
    monkeypatch.setenv("NORMFLOW_HOST", "b")
    assert not registry.unfinished(["/out/a.parquet"])
    assert not registry.unfinished()
    assert health(registry).unfinished == ("r1",)
    monkeypatch.setenv("NORMFLOW_HOST", "a")
    assert [one.run.run_id for one in registry.unfinished(["/out/a.parquet"])] == ["r1"]


def test_a_server_that_is_not_there_is_told_at_once(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("p.yaml").write_text(FILE.format(address=f"postgresql://me:{QUOTED}@/db?host={project}"))
    assert outcome("run", "p.yaml") == 3
    told = capsys.readouterr().err
    assert f"error NF320: postgresql://me@/db?host={project}: the server cannot be asked (" in told
    assert not Path("out").exists() or not any(Path("out").iterdir())


def test_a_password_is_used_and_never_told(
    project: Path,
    server: Postgres,
    address: str,
    keeper: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """By the environment, as a secret or as it is; not in outputs, records, pages, nor in what is stored."""
    rest = address.partition("@")[2]
    monkeypatch.setenv("NF_PASSWORD", CANARY)
    for reference in ("${secret:NF_PASSWORD}", "${env:NF_QUOTED}"):
        monkeypatch.setenv("NF_QUOTED", QUOTED)
        Path("p.yaml").write_text(FILE.format(address=f"postgresql://{keeper}:{reference}@{rest}"))
        for words in (["run"], ["plan"], ["explain"], ["settings"], ["run", "--json"]):
            assert outcome(words[0], "p.yaml", *words[1:]) in (0, 2)
        pipeline = nf.load("p.yaml")
        assert "hunter2" not in repr(pipeline) + pipeline.to_json()
        assert Pipeline.from_json(pipeline.to_json()).registry == pipeline.registry
    address = f"postgresql://{keeper}:{QUOTED}@{rest}"
    assert Registry(address).run("p@latest").status == "succeeded"
    assert outcome("report", "p@latest", "--registry", address, "-o", "page.html") == 0
    for wrong in (f"{QUOTED}no", "${secret:NF_PASSWORD}no%20"):
        assert outcome("runs", "--registry", f"postgresql://{keeper}:{wrong}@{rest}", "-v") == 3
    for odd in (f"postgresql://me:{CANARY}@h/db", f"postgresql://h/db?password={QUOTED}"):
        assert outcome("runs", "--registry", odd, "-v") == 2
        with pytest.raises(ConfigError) as caught:
            Registry(odd)
        assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    stored = server.call(
        "pg_dump", "-h", str(server.folder), "-U", "postgres", "-n", project.name, "postgres"
    )
    assert "p.yaml" in stored
    told = "".join(capfd.readouterr())
    assert "password authentication failed" in told
    pages = [one.read_bytes().decode("latin-1") for one in project.rglob("*") if one.is_file()]
    assert "hunter2" not in stored + told + "".join(pages)


def test_hostile_names_come_back(address: str) -> None:
    """Quotes, marks of values, the character 0, which a server's text cannot hold, and its substitute."""
    registry = Registry(address)
    names = sorted({*HOSTILE, "a\0b", "\ue0000", "\ue000", "?", "$1", "%s", "'; DROP TABLE runs; --"})
    registry.record_profiles(
        [ProfileRow(state_key="k?", fingerprint="f", column=name, rows=1, state=b"\0\xff") for name in names]
    )
    found = registry.profiles("k?", "f")
    assert sorted(one.column for one in found) == names
    assert {one.state for one in found} == {b"\0\xff"}
    for name in names:
        registry.start_run(a_run(f"r{name}", pipeline=name))
        assert [one.pipeline for one in registry.runs(name)] == [name]


def test_a_schema_of_any_name_holds_the_tables(server: Postgres) -> None:
    address = f"postgresql://postgres@/postgres?host={server.folder}&schema=we%22ird%20%C3%A9"
    Registry(address).start_run(a_run("r1"))
    assert len(Registry(address).runs()) == 1
    assert server.lines('SELECT count(*) FROM "we""ird é".runs;') == ["1"]
    assert server.lines("SELECT count(*) FROM pg_tables WHERE schemaname = 'public';") == ["0"]


def test_a_schema_with_other_tables_is_refused_and_kept(address: str) -> None:
    schema = Server.of(address).schema
    with connected(address) as con:
        con.execute(f'CREATE SCHEMA "{schema}"; CREATE TABLE runs (mine INT)')
    with pytest.raises(RegistryError, match="already exists"):
        Registry(address).start_run(a_run("r1"))
    with connected(address) as con:
        con.execute("CREATE TABLE meta (mine INT)")
    for ask in (Registry(address).runs, lambda: Registry(address).start_run(a_run("r1"))):
        with pytest.raises(RegistryError, match="holds something else"):
            ask()
    with connected(address) as con:
        tables = con.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
    assert sorted(tables) == [("meta",), ("runs",)]


def test_an_earlier_format_is_read_as_it_stands_and_brought_on_by_a_write(address: str) -> None:
    registry = Registry(address)
    registry.start_run(a_run("r1", config="{}"))
    with connected(address) as con:
        con.execute("DROP VIEW drift_history, quality_trend, latest_parameters, parameter_history")
        con.execute("DROP TABLE drift; ALTER TABLE runs DROP COLUMN config")
        con.execute("UPDATE meta SET value = '1' WHERE key = 'format'")
    assert registry.run("r1") == a_run("r1")
    assert health(registry).format == 1
    assert health(registry).rows["drift"] == 0
    registry.record_fit(a_fit("f1"))
    assert health(registry).format == FORMAT
    assert registry.run("r1") == a_run("r1")
    with connected(address) as con:
        assert con.execute("SELECT count(*) FROM drift_history").fetchone() == (0,)


def test_a_later_format_is_only_read(address: str) -> None:
    registry = Registry(address)
    registry.start_run(a_run("r1"))
    with connected(address) as con:
        con.execute("UPDATE meta SET value = %s WHERE key = 'format'", [str(FORMAT + 1)])
    with pytest.warns(RegistryWarning, match="it is only read"):
        assert registry.run("r1") == a_run("r1")
    for write in (registry.require_ours, lambda: registry.start_run(a_run("r2"))):
        with pytest.raises(RegistryError, match="is only read"):
            write()
    with connected(address) as con:
        con.execute("ALTER TABLE runs RENAME COLUMN config TO configuration")
    with pytest.warns(RegistryWarning), pytest.raises(FormatError, match="lacks what this one asks for"):
        registry.runs()


def test_a_writer_that_holds_the_registry_is_waited_for_and_told(address: str) -> None:
    with Registry(address).transaction(), pytest.raises(RegistryBusyError, match=r"waited 0\.1 s") as caught:
        Registry(address, wait=0.1).start_run(a_run("r1"))
    assert caught.value.exit_code == 4


def test_readers_see_one_state_while_another_writes(address: str) -> None:
    registry = Registry(address)
    registry.start_run(a_run("r1"))
    with registry.reading():
        assert len(registry.runs()) == 1
        Registry(address).start_run(a_run("r2"))
        assert len(registry.runs()) == 1
    assert len(registry.runs()) == 2


def test_what_needs_a_file_names_the_servers_own_tools(address: str, tmp_path: Path) -> None:
    registry = Registry(address)
    for act in (lambda: compact(registry), lambda: backup(registry, tmp_path / "copy")):
        with pytest.raises(ConfigError, match="pg_dump makes a copy, VACUUM FULL") as caught:
            act()
        assert caught.value.exit_code == 2
    assert not (tmp_path / "copy").exists()


def test_nothing_is_made_by_asking(address: str) -> None:
    registry = Registry(address)
    assert not registry.exists
    assert not registry.runs()
    assert not registry.unfinished()
    with pytest.raises(RegistryError, match="no registry here; `normflow run` makes one"):
        registry.run("r1")
    with connected(address) as con:
        schema = Server.of(address).schema
        assert con.execute("SELECT to_regnamespace(%s)", [f'"{schema}"']).fetchone() == (None,)


def test_every_table_has_the_columns_of_the_file(address: str, tmp_path: Path) -> None:
    """In the same order; a counting column or the machine's name may come after them."""
    Registry(address).start_run(a_run("r1"))
    Registry(tmp_path / "r.duckdb").start_run(a_run("r1"))
    for table in TABLES:
        with connected(address) as con, duckdb.connect(tmp_path / "r.duckdb", read_only=True) as file:
            query = f"SELECT * FROM {table.name}"  # noqa: S608
            there = [one[0] for one in con.execute(query).description]
            here = [one[0] for one in file.execute(query).description]
        assert there[: len(here)] == here
        assert set(there[len(here) :]) <= {"rowid", "host"}
