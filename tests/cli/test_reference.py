"""What is looked up: methods, plugins, completion; and a fit as SQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from normflow.cli import outcome
from normflow.methods import METHODS, ROW_METHODS
from tests.select.plugin import SIGNED_ROOT, install

if TYPE_CHECKING:
    from normflow.methods import Method, RowMethod

EVERY: list[type[Method | RowMethod]] = [*METHODS, *ROW_METHODS]


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert outcome(list(words)) == 0
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    return json.loads(printed(capsys, *words, "--json"))


def test_methods_lists_all_with_their_options(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each, named as a pipeline names it."""
    lines = printed(capsys, "methods").splitlines()[1:]
    assert [line.split()[0] for line in lines] == [one.name for one in EVERY]
    found = {one["method"]: one for one in document(capsys, "methods")["methods"]}
    for method in EVERY:
        told = found[method.name]
        assert told["version"] == method.version
        own = {one.name: one.default for one in fields(method)}  # type: ignore[arg-type]
        defaults = {name: list(one) if isinstance(one, tuple) else one for name, one in own.items()}
        assert {one["option"]: one["default"] for one in told["options"]} == defaults


@pytest.mark.parametrize("name", [one.name for one in EVERY])
def test_a_method_tells_all_of_itself(capsys: pytest.CaptureFixture[str], name: str) -> None:
    (method,) = (one for one in EVERY if one.name == name)
    told = " ".join(printed(capsys, "methods", name).split())
    assert told.startswith(f"{name}: ")
    assert " ".join((method.__doc__ or "").split()) in told
    assert all(one.name in told for one in fields(method))  # type: ignore[arg-type]


def test_plugins_are_listed_and_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kind, name, package, version, place, and whether a pipeline lists it; none of the code is run."""
    install(tmp_path, "signed_root", SIGNED_ROOT, "signed_root:SignedRoot")
    install(tmp_path, "boom", "raise SystemExit(7)", "boom:Boom", package="boom-maker")
    info = tmp_path / "shop-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text("[normflow.schemas]\norders = shop:Orders\n[other]\nx = y:z\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    pl.DataFrame({"x": [1.0, 2.0]}).write_parquet("d.parquet")
    (tmp_path / "p.yaml").write_text("source: d.parquet\nsink: o.parquet\nplugins: [signed_root]\n")
    mine = {"boom", "signed_root", "orders", "x"}
    found = [one for one in document(capsys, "plugins")["plugins"] if one["name"] in mine]
    assert [tuple(one.values()) for one in found] == [
        ("methods", "boom", "boom-maker", "1.2", "boom:Boom", None),
        ("methods", "signed_root", "normflow-signed-root", "1.2", "signed_root:SignedRoot", None),
        ("schemas", "orders", "shop", "2.0", "shop:Orders", None),
    ]
    listed = document(capsys, "plugins", "p.yaml")["plugins"]
    assert {one["name"]: one["listed"] for one in listed if one["name"] in mine} == {
        "boom": False,
        "signed_root": True,
        "orders": False,
    }
    assert "boom" not in sys.modules
    lines = printed(capsys, "plugins", "p.yaml").splitlines()
    assert any(line.split() == ["methods", "boom", "boom-maker", "1.2", "boom:Boom", "no"] for line in lines)


@pytest.mark.parametrize(
    ("shell", "loads"), [("bash", "complete -o nosort"), ("zsh", "compdef"), ("fish", "complete ")]
)
def test_completion_prints_a_script(capsys: pytest.CaptureFixture[str], shell: str, loads: str) -> None:
    script = printed(capsys, "completion", shell)
    assert loads in script
    assert f"_NORMFLOW_COMPLETE={shell}_complete" in script
    assert "%(" not in script


def test_bash_completes_commands_options_and_topics(tmp_path: Path) -> None:
    """The script as bash runs it, with the normflow that is on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    asked = (("expl", 1), ("run --mo", 2), ("registry ch", 2), ("help NF21", 2))
    lines = [
        f"COMP_WORDS=(normflow {words}); COMP_CWORD={at}; COMPREPLY=(); "
        '_normflow_completion normflow; echo "${COMPREPLY[*]}"'
        for words, at in asked
    ]
    script = "\n".join(['eval "$(normflow completion bash)"', *lines])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["explain", "--mode", "check", "NF210"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run with a log, a scale and a column that passes through."""
    pl.DataFrame(
        {"id": [1, 2, 3, 4], "x": [1.0, 10.0, 100.0, 5.0], "y": [0.0, 1.0, None, 9.0]}
    ).write_parquet(tmp_path / "data.parquet")
    (tmp_path / "p.yaml").write_text(
        "source: data.parquet\nsink: out/data.parquet\nnormalize: {id: none, x: log, y: minmax}\n"
    )
    monkeypatch.chdir(tmp_path)
    assert outcome(["run", "p.yaml", "-q"]) == 0
    return tmp_path


@pytest.mark.usefixtures("project")
def test_a_fit_as_sql_does_what_the_run_did(capsys: pytest.CaptureFixture[str]) -> None:
    """DuckDB with the query gives the rows of the output; with the inverse those of the source."""
    query = printed(capsys, "export", "p@latest", "--to", "sql", "--table", "rows")
    back = printed(capsys, "export", "p@latest", "--to", "sql", "--table", "normalized", "--inverse")
    with duckdb.connect() as con:
        con.execute("CREATE TABLE rows AS FROM 'data.parquet'")
        found = con.execute(query).fetchall()
        con.execute(f"CREATE TABLE normalized AS {query}")
        source = con.execute(back).fetchall()
    for rows, file in ((found, "out/data.parquet"), (source, "data.parquet")):
        wanted = pl.read_parquet(file)
        told = pl.DataFrame(rows, schema=wanted.schema, orient="row")
        assert_frame_equal(told, wanted, rel_tol=1e-12, abs_tol=0.0)


@pytest.mark.usefixtures("project")
def test_sql_is_written_for_other_dialects_and_to_files(capsys: pytest.CaptureFixture[str]) -> None:
    """The table is called as the pipeline by default; a document tells of the file, or holds the text."""
    assert 'FROM "shop"."p"' in printed(
        capsys, "export", "p@latest", "--to", "sql", "--dialect", "postgres", "--table", "shop.p"
    )
    text = printed(capsys, "export", "p@latest", "--to", "sql")
    assert '"p"' in text
    assert document(capsys, "export", "p@latest", "--to", "sql")["text"] == text.removesuffix("\n")
    told = document(capsys, "export", "p@latest", "--to", "sql", "-o", "q.sql")
    assert (told["path"], told["bytes"]) == ("q.sql", Path("q.sql").stat().st_size)
    assert Path("q.sql").read_text() == text
