"""A secret is told to what needs it, and to nobody else: it stands as a reference everywhere else."""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from normflow.config import resolve, settings
from normflow.errors import ConfigError
from normflow.registry import Registry
from normflow.spec import Pipeline
from normflow.spec.secrets import masked, revealed

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "hunter2-canary"
FILE = """\
source: {path: a.csv, options: {null_values: ["${secret:NF_MARK}", "x${secret:NF_MARK}x", NA]}}
sink: out/a.parquet
report: out/a.html
registry: registry.duckdb
normalize: {x: zscore}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipeline whose source writes missing numbers as a secret."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NF_MARK", CANARY)
    (tmp_path / "a.csv").write_text(f"x\n1\n{CANARY}\n3\nx{CANARY}x\nNA\n8\n")
    (tmp_path / "p.yaml").write_text(FILE)
    return tmp_path


def everything_in(folder: Path) -> bytes:
    """All bytes that stand there, but for the data themselves."""
    return b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "a.csv"
    )


def test_it_is_used_and_stands_nowhere(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Not in the record, the registry's bytes, the page, any command's answer, nor the pipeline itself."""
    for words in (
        ["check", "p.yaml"], ["plan", "p.yaml"], ["run", "p.yaml", "--json"], ["show", "p@latest", "--json"],
        ["run", "p.yaml", "-v"], ["explain", "p.yaml"], ["explain", "p.yaml", "--config"], ["runs"],
        ["explain", "p.yaml", "--config", "--json"], ["rerun", "p@latest"], ["report", "p@latest"],
    ):  # fmt: skip
        registry = [] if "p.yaml" in words else ["--registry", "registry.duckdb"]
        assert outcome([*words, *registry]) == 0, words
    out, err = capfd.readouterr()
    assert CANARY not in out + err
    assert CANARY.encode() not in everything_in(folder)
    assert CANARY not in repr(nf.load("p.yaml")) + nf.load("p.yaml").to_json()
    assert pl.read_parquet("out/a.parquet")["x"].null_count() == 3


def test_the_record_keeps_the_reference(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a rerun asks again, and finds what the environment says then."""
    nf.run(nf.load("p.yaml"))
    (run,) = Registry(folder / "registry.duckdb").runs()
    assert run.config is not None
    stored = Pipeline.from_json(run.config)
    assert stored.source.options == nf.load("p.yaml").source.options
    assert stored.source.options["null_values"] == ("${secret:NF_MARK}", "x${secret:NF_MARK}x", "NA")
    assert outcome(["rerun", "p@latest", "--registry", "registry.duckdb"]) == 0
    monkeypatch.delenv("NF_MARK")
    assert outcome(["rerun", "p@latest", "--registry", "registry.duckdb"]) == 2


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "the environment has no variable NF_MARK, which would hold the secret; set it"),
        ("", "the environment's NF_MARK, which would hold the secret, is empty"),
    ],
)
def test_a_missing_one_is_told_at_its_place(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    value: str | None,
    what: str,
) -> None:
    """Before anything is read, by every command."""
    monkeypatch.delenv("NF_MARK")
    if value is not None:
        monkeypatch.setenv("NF_MARK", value)
    for command in ("check", "run", "plan"):
        assert outcome([command, "p.yaml"]) == 2
        assert f"p.yaml:1:47: source.options.null_values[0]: {what}\n" in capsys.readouterr().err
    assert not (folder / "out").exists()


def test_a_missing_password_is_told_at_its_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before any server is asked."""
    monkeypatch.delenv("NF_MARK")
    (folder / "p.yaml").write_text(
        'source: a.csv\nsink: b.csv\nregistry: "postgresql://me:${secret:NF_MARK}@host/db"\n'
    )
    assert outcome(["check", "p.yaml"]) == 2
    told = capsys.readouterr().err
    assert "p.yaml:3:11: registry: the environment has no variable NF_MARK" in told


@pytest.mark.parametrize("key", ["name", "report", "sink"])
def test_no_other_key_takes_one(folder: Path, key: str) -> None:
    """What they become is told in messages and records."""
    text = "".join(line for line in FILE.splitlines(keepends=True) if not line.startswith(key))
    (folder / "p.yaml").write_text(f'{text}{key}: "a${{secret:NF_MARK}}"\n')
    with pytest.raises(
        ConfigError,
        match=f"{key}: only registry, and options, storage and database of source and sink take secrets",
    ) as caught:
        nf.load("p.yaml")
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "address",
    [
        "${secret:NF_MARK}",
        "a/${secret:NF_MARK}.duckdb",
        "postgresql://${secret:NF_MARK}@host/db",
        "postgresql://me:${secret:NF_MARK}@host/db@${secret:NF_MARK}",
        "postgresql://me:a${secret:NF_MARK}@host/db",
    ],
)
def test_of_the_registry_only_the_password_may_be_one(folder: Path, address: str) -> None:
    """The rest of an address, and the path of a file, stand in messages."""
    text = FILE.replace("registry: registry.duckdb", f'registry: "{address}"')
    (folder / "p.yaml").write_text(text)
    with pytest.raises(ConfigError, match="registry: here a secret is the password of an address"):
        nf.load("p.yaml")


def test_the_password_of_a_registry_stands_as_a_reference(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the pipeline, in what is recorded of it, and in what is told of the settings."""
    text = FILE.replace("registry: registry.duckdb", 'registry: "postgresql://me:${secret:NF_MARK}@host/db"')
    (folder / "p.yaml").write_text(text)
    pipeline = nf.load("p.yaml")
    assert str(pipeline.registry) == "postgresql://me:${secret:NF_MARK}@host/db"
    assert CANARY not in repr(pipeline) + pipeline.to_json()
    assert Pipeline.from_json(pipeline.to_json()).registry == pipeline.registry
    assert outcome(["explain", "p.yaml", "--config"]) == 0
    shown = capsys.readouterr().out
    assert "postgresql://me:***@host/db" in shown
    assert CANARY not in shown


def test_a_var_may_hold_the_reference(folder: Path) -> None:
    """It is a secret where it is used."""
    rest = FILE.partition("\n")[2]
    (folder / "p.yaml").write_text(
        'vars: {mark: "${secret:NF_MARK}"}\n'
        f'source: {{path: a.csv, options: {{null_values: "${{var:mark}}"}}}}\n{rest}'
    )
    assert nf.load("p.yaml").source.options == {"null_values": "${secret:NF_MARK}"}
    told = {one.key: one.value for one in settings(resolve("p.yaml"))}
    assert told["source.options.null_values"] == "***"
    assert CANARY not in json.dumps(told)


def test_the_characters_of_a_reference_are_not_taken_for_one(folder: Path) -> None:
    """Where secrets may stand they cannot be written by themselves; elsewhere they can."""
    (folder / "p.yaml").write_text(FILE.replace('"${secret:NF_MARK}"', '"$${secret:NF_MARK}"'))
    with pytest.raises(ConfigError, match="cannot stand where secrets may"):
        nf.load("p.yaml")
    (folder / "p.yaml").write_text(FILE + 'meta: {a: "$${secret:NF_MARK}"}\n')
    assert nf.load("p.yaml").meta == {"a": "${secret:NF_MARK}"}


def test_values_are_revealed_within_text_and_lists() -> None:
    """Each reference by itself; what is no text stays."""
    environment = {"A": "1", "B": "${secret:A}"}
    assert revealed(("a${secret:A}b", 5, None, ("${secret:B}",)), environment) == (
        "a1b",
        5,
        None,
        ("${secret:A}",),
    )
    assert masked("u:${secret:A}@${secret:B}") == "u:***@***"
    with pytest.raises(ConfigError, match="no variable C"):
        revealed("${secret:C}", environment)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("{path: 's3://b/a.parquet', storage: {aws_secret_access_key: %s}}", "storage.aws_secret_access_key"),
        ("{path: 'az://b/a.parquet', storage: {account-key: %s}}", "storage.account-key"),
        ("{database: 'postgresql://h/d', table: t, options: {password: %s}}", "options.password"),
        ("{database: 'postgresql://u:a/%s@h/d', table: t}", "database"),
        ("{database: 'snowflake://h/d?authToken=%s', table: t}", "database"),
        ("{delta: 's3://b/t', storage: {aws_secret_access_key: %s}}", "storage.aws_secret_access_key"),
        ("{delta: 's3://me:%s@b/t'}", "delta"),
        ("{iceberg: n.t, options: {type: rest, uri: 'http://h', token: %s}}", "options.token"),
        (
            "{iceberg: n.t, catalog: c.db, options: {s3.secret-access-key: %s}}",
            "options.s3.secret-access-key",
        ),
        ("{iceberg: n.t, options: {type: sql, uri: 'postgresql+psycopg2://u:%s@h/d'}}", "options.uri"),
        ("'s3://me:%s@b/a.parquet'", ""),
        ("{path: 'az://b/a.parquet?sig=%s'}", "path"),
    ],
)
@pytest.mark.parametrize("value", [CANARY, "${env:NF_MARK}", "${var:mark}"])
def test_a_secret_that_stands_open_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], source: str, place: str, value: str
) -> None:
    """Literally, from the environment or by a var: it would be part of every record."""
    written = source.replace("%s", f"'{value}'" if ": %s" in source else value)
    (folder / "open.yaml").write_text(f'vars: {{mark: "{CANARY}"}}\nsource: {written}\nsink: out/b.parquet\n')
    assert outcome(["explain", "open.yaml"]) == 2
    said = capsys.readouterr().err
    assert "secret:NAME}" in said
    assert CANARY not in said
    with pytest.raises(ConfigError, match=r"a (secret|password) stands") as caught:
        nf.load("open.yaml")
    assert caught.value.listed()[0].key == (f"source.{place}" if place else "source")


@pytest.mark.parametrize(
    "source",
    [
        "{path: 's3://b/a.parquet', storage: {aws_access_key_id: AKIA, skip_signature: 'true', region: x}}",
        "{path: 'abfss://box@account.dfs.core.windows.net/a.parquet'}",
        "{path: 's3://b/a.parquet', storage: {aws_web_identity_token_file: /run/token, endpoint_url: 'http://u'}}",
        "{path: 's3://b/a.parquet', storage: {aws_secret_access_key: '${secret:NF_MARK}'}}",
        "{database: 'postgresql://u:${secret:NF_MARK}@h:5432/d?sslmode=require', table: t}",
        "{database: 'postgresql://h:5432/d@e', table: t}",
        "{delta: 's3://b/t', storage: {aws_secret_access_key: '${secret:NF_MARK}', region: x}}",
        "{iceberg: n.t, options: {uri: 'http://h', credential: '${secret:NF_MARK}'}}",
        "{iceberg: n.t, options: {uri: 'postgresql+psycopg2://u:${secret:NF_MARK}@h/d'}}",
    ],
)
def test_what_is_no_secret_is_none(folder: Path, source: str) -> None:
    (folder / "good.yaml").write_text(f"source: {source}\nsink: out/b.parquet\n")
    assert CANARY not in nf.load("good.yaml").to_json()
