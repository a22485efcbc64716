"""Nothing that is stored, named or configured becomes code, another file, or an error without a sentence."""

from __future__ import annotations

import ast
import json
import random
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from normflow.errors import NormflowError
from normflow.registry import Registry, backup, compact, forget, health
from tests.names import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parent.parent / "normflow"
CODE = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
CODE_LIBRARIES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "subprocess", "ctypes"}
ALLOWED = {Path("sinks/exchange.py"): {"ctypes"}}
"""Two constant system calls, to which the names of two folders are given; no data comes near them."""
CODE_METHODS = {"system", "popen", "deserialize", "unsafe_load", "full_load", "load_extension"}
MUTATIONS = 400
PASSWORD = "hunter2-canary"  # noqa: S105  (it must never be seen again)


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_the_package_makes_no_code_of_data(path: Path) -> None:
    """No pickle, no eval, no shell, no import by a name that was read; plugins come by entry points only."""
    refused = CODE_LIBRARIES - ALLOWED.get(path.relative_to(PACKAGE), set())
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not refused & {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.module.split(".")[0] not in refused
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                assert called.id not in CODE, f"line {node.lineno}: {called.id}()"
            elif isinstance(called, ast.Attribute):
                assert called.attr not in CODE_METHODS, f"line {node.lineno}: .{called.attr}()"
                if called.attr == "import_module" and path.parent != PACKAGE:
                    assert isinstance(node.args[0], ast.Constant), f"line {node.lineno}: a name that was read"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One run of a pipeline that has groups, a choice, a row-wise method and a quarantine."""
    pl.DataFrame(
        {"g": ["a", "b"] * 30, "x": range(60), "y": [i * i % 17 for i in range(60)], "z": [1.0] * 59 + [99.0]}
    ).write_parquet(tmp_path / "data.parquet")
    (tmp_path / "p.yaml").write_text(
        "source: data.parquet\ncontract: {z: {range: [0, 9], on_fail: quarantine}}\n"
        "fit: {by: {columns: [g], min_rows: 5}}\nnormalize: {x: auto, y: boxcox, z: none}\n"
        "sink: out/data.parquet\nregistry: registry.duckdb\n".replace("boxcox", "robust")
    )
    nf.run(nf.load(tmp_path / "p.yaml"))
    return tmp_path


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a JSON document."""
    yield path
    if isinstance(document, dict | list):
        for key, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from places(value, (*path, key))


def mutated(document: Any, rng: random.Random) -> Any:
    """The document with one place taken away, or with something else in it."""
    copy = json.loads(json.dumps(document))
    *path, last = rng.choice([place for place in places(copy) if place])
    owner = copy
    for key in path:
        owner = owner[key]
    if rng.random() < 0.25:
        del owner[last]
    else:
        owner[last] = rng.choice(
            [None, True, 0, -1, 2**70, 1.5, 1e308, "", "x", "\x00", "9" * 400, [], [[]], {},
             {"kind": "chain"}, [1, "a", None], {"": None}, "__class__", owner[last],
             [owner[last]], -0.0, 5e-324]
        )  # fmt: skip
    return copy


def test_a_changed_fit_is_a_fit_or_refused(project: Path) -> None:
    """Whatever is in its JSON: a NormflowError, or a fit that can be stored again."""
    document = json.loads(Registry(project / "registry.duckdb").fit("p@latest").document)
    rng, refused = random.Random(1), 0  # noqa: S311  (the same changes every time)
    for _ in range(MUTATIONS):
        changed = json.dumps(mutated(document, rng))
        try:
            fit = nf.Fit.from_json(changed)
        except NormflowError:
            refused += 1
        else:
            assert nf.Fit.from_json(fit.to_json()).id == fit.id
    assert MUTATIONS // 4 < refused < MUTATIONS


def test_a_fit_that_is_cut_short_is_refused(project: Path) -> None:
    text = Registry(project / "registry.duckdb").fit("p@latest").document
    rng = random.Random(2)  # noqa: S311
    for _ in range(60):
        with pytest.raises(NormflowError):
            nf.Fit.from_json(text[: rng.randrange(len(text))])


def test_a_changed_record_is_shown_or_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`show`, `runs` and `explain` end with a code of their own, whatever the stored documents say."""
    path, rng = project / "registry.duckdb", random.Random(3)  # noqa: S311
    (run,) = Registry(path).runs()
    document, told = json.loads(run.document or ""), set()
    for _ in range(40):
        changed = json.dumps(mutated(document, rng))
        with Registry(path).transaction() as con:
            con.execute("UPDATE runs SET document = ?", [changed])
        for words in (["show", "p@latest"], ["runs"]):
            told.add(outcome([*words, "--registry", str(path)]))
            assert "unexpected error" not in capsys.readouterr().err
    assert told <= {0, 3}


def test_the_registry_opens_no_other_file(project: Path) -> None:
    """Nor a network, nor an extension; and what is closed cannot be opened again by a statement."""
    other = project / "other.csv"
    other.write_text("a\n1\n")
    with Registry(project / "registry.duckdb").transaction() as con:
        for statement in (
            f"COPY runs TO '{other}'",
            f"SELECT * FROM read_csv('{other}')",  # noqa: S608
            f"SELECT * FROM '{project}/data.parquet'",  # noqa: S608
            f"ATTACH '{project}/new.duckdb'",
            f"EXPORT DATABASE '{project}/all'",
            f"SELECT * FROM glob('{project}/*')",  # noqa: S608
            "LOAD httpfs",
            "INSTALL httpfs",
        ):
            with pytest.raises(duckdb.PermissionException):
                con.execute(statement).fetchall()
            con.execute("ROLLBACK")
            con.execute("BEGIN")
        with pytest.raises(duckdb.InvalidInputException, match="external access"):
            con.execute("SET enable_external_access = true")
    assert other.read_text() == "a\n1\n"


def test_a_view_that_reads_a_file_reads_none(project: Path) -> None:
    """Whoever can write the registry file still reads nothing else through it."""
    (project / "secret.csv").write_text(f"run_id\n{PASSWORD}\n")
    with duckdb.connect(project / "registry.duckdb") as con:
        con.execute(f"CREATE VIEW stolen AS SELECT * FROM read_csv('{project}/secret.csv')")  # noqa: S608
    with Registry(project / "registry.duckdb").reading() as con, pytest.raises(duckdb.PermissionException):
        con.execute("FROM stolen").fetchall()
    assert health(Registry(project / "registry.duckdb")).flaws == ()
    compact(Registry(project / "registry.duckdb"))


NAMES = ["it's", 'say "x"', "a; DROP TABLE runs; --", "../up", "-rf", "😀 列", "a b", "%s{}$x", "x" * 150]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:12]))
def test_hostile_names_of_files_and_pipelines(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run, its record and all care; what looks like SQL, a path or an option is a name."""
    folder = tmp_path / "in"
    file = name.replace("/", "∕")
    folder.mkdir()
    pl.DataFrame({"x": [1.0, 2.0, 3.0]}).write_parquet(folder / f"{file}.parquet")
    document = {
        "name": name,
        "source": {"path": f"{file}.parquet"},
        "sink": f"out/{file}.parquet",
        "registry": f"{file}.duckdb",
    }
    (folder / f"{file}.yaml").write_text(json.dumps(document, ensure_ascii=False))
    record = nf.run(nf.load(folder / f"{file}.yaml"))
    registry = folder / f"{file}.duckdb"
    assert (record.pipeline, record.rows) == (name, 3)
    option = ["--registry", str(registry)]
    for words in (["show", record.run_id], ["runs"], ["registry", "check"], ["registry", "recover"]):
        assert outcome([*words, *option]) == 0
    assert outcome(["explain", str(folder / f"{file}.yaml")]) == 0
    compact(Registry(registry))
    assert health(Registry(backup(Registry(registry), folder / f"{file}.copy").path)).flaws == ()
    assert forget(Registry(registry), name).rows["fits"] == 1
    assert {one.name for one in tmp_path.iterdir()} == {"in"}
    capsys.readouterr()


def test_hostile_names_of_columns_go_through_a_run_its_record_and_forgetting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of the list at once: quotes, NUL, line breaks, ten thousand characters."""
    names = [*HOSTILE, "'; DROP TABLE runs; --", '"; DROP TABLE fits; --', "../../etc/passwd", "x" * 10_001]
    frame = pl.DataFrame({name: [1.0, 2.0, 4.0] for name in names})
    frame.write_parquet(tmp_path / "data.parquet")
    (tmp_path / "p.yaml").write_text(
        "source: data.parquet\nsink: out/data.parquet\nregistry: r.duckdb\nnormalize: {'*': minmax}\n"
    )
    record = nf.run(nf.load(tmp_path / "p.yaml"))
    assert pl.read_parquet(tmp_path / "out" / "data.parquet").columns == frame.columns
    registry = Registry(tmp_path / "r.duckdb")
    assert set(names) - {row.column for row in registry.parameters(record.fit_id)} == set()
    assert health(registry).flaws == ()
    for words in (
        ["show", record.run_id, "--registry", str(registry.path)],
        ["runs", "--registry", str(registry.path)],
        ["explain", str(tmp_path / "p.yaml")],
    ):
        assert outcome(words) == 0
        assert outcome([*words, "--json"]) == 0
    for name in ("", "\x00", "it's", "*", "'; DROP TABLE runs; --", "x" * 10_001):
        forget(registry, "p", name)
    assert registry.fits("p") == []
    assert health(registry).flaws == ()
    capsys.readouterr()


@pytest.mark.parametrize(
    "run_id", ["", "'", '"; DROP TABLE runs; --', "%", "@latest", "😀", "x" * 10_000, "\x00"]
)
def test_hostile_references_are_refused_in_a_line(project: Path, run_id: str) -> None:
    for ask in (Registry(project / "registry.duckdb").run, Registry(project / "registry.duckdb").fit):
        if run_id:  # the empty prefix is that of the only run
            with pytest.raises(NormflowError):
                ask(run_id)
    assert len(Registry(project / "registry.duckdb").runs()) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"source": f"postgres://me:{PASSWORD}@host/db", "sink": "out/a.parquet"},
        {"source": {"path": f"s3://me:{PASSWORD}@bucket/a.parquet"}, "sink": "out/a.parquet"},
        {"source": "a.parquet", "sink": f"s3://me:{PASSWORD}@bucket/a.parquet"},
        {"source": f"https://me:{PASSWORD}@host/a.parquet", "sink": "out/a.parquet"},
        {"source": "a.parquet", "sink": "out/a.parquet", "registry": f"mysql://me:{PASSWORD}@host/db"},
        {
            "source": "a.parquet",
            "sink": "out/a.parquet",
            "registry": f"postgres://me:{PASSWORD}@localhost:1/db",
        },
        {"vars": {"pw": PASSWORD}, "source": "s3://me:${var:pw}@host/a.parquet", "sink": "out/a.parquet"},
    ],
    ids=["source", "source path", "sink", "https", "registry", "registry out of reach", "var"],
)
def test_no_message_and_no_file_holds_a_password(
    tmp_path: Path, document: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """An address with a password in it is refused without showing it, and no file is named after it."""
    pl.DataFrame({"x": [1.0, 2.0]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "p.yaml").write_text(json.dumps(document))
    for words in (["check"], ["run"], ["run", "--json"], ["explain"], ["run", "-v"]):
        ended = outcome([words[0], str(tmp_path / "p.yaml"), *words[1:]])
        assert ended in (2, 3) or (words == ["check"] and "localhost" in str(document))  # it asks no server
        told = capsys.readouterr()
        assert PASSWORD not in told.err + told.out
    for file in tmp_path.rglob("*"):
        assert PASSWORD not in str(file)
        assert file.name == "p.yaml" or file.is_dir() or PASSWORD.encode() not in file.read_bytes()


def _classes(kind: type[NormflowError] = NormflowError) -> list[type[NormflowError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in _classes(child))]


@pytest.mark.parametrize("kind", _classes(), ids=lambda kind: kind.__name__)
def test_no_error_of_any_class_tells_a_secret_of_the_run_it_ends(
    tmp_path: Path,
    kind: type[NormflowError],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each class, raised where rows are written, in a run whose source is read with a secret."""
    monkeypatch.setenv("MISSING_WORD", PASSWORD)
    (tmp_path / "a.csv").write_text("x\n1\n2\n")
    (tmp_path / "p.yaml").write_text(
        "source: {path: a.csv, options: {null_values: ['${secret:MISSING_WORD}']}}\n"
        "sink: out/a.parquet\nregistry: r.duckdb\nreport: out/a.html\nnormalize: {x: center}\n"
    )

    def refuse(*_: object, **__: object) -> None:
        raise kind("the rows cannot be written", where="out/a.parquet")

    monkeypatch.setattr("normflow.pipeline.execute.write", refuse)
    for words in ([], ["--json"], ["-v"]):
        assert outcome(["run", str(tmp_path / "p.yaml"), *words]) == kind.exit_code
        said = capsys.readouterr()
        assert "the rows cannot be written" in said.err + said.out
        assert PASSWORD not in said.err + said.out
    try:
        nf.run(nf.load(tmp_path / "p.yaml"))
    except kind:
        assert PASSWORD not in traceback.format_exc()
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert len(kept) > 2
    assert not any(PASSWORD.encode() in one for one in kept)


@pytest.mark.parametrize("text", ["no JSON", '[{"path": 1}]'], ids=["text", "another shape"])
@pytest.mark.parametrize("name", ["inputs", "versions", "document", "config"])
def test_what_a_run_recorded_is_read_or_said_to_be_damaged(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    """By every command that asks for it, the next plan and run too; each ends with a code of its own."""
    path = project / "registry.duckdb"
    monkeypatch.chdir(project)
    with Registry(path).transaction() as con:
        con.execute(f"UPDATE runs SET {name} = ?", [text])  # noqa: S608  (names of our own)
    for words in (
        ["show", "p@latest"], ["runs"], ["diff", "p@latest", "p@latest"], ["rerun", "p@latest"],
        ["replay", "p@latest"], ["export", "p@latest"], ["export", "p@latest", "--to", "sql"],
        ["report", "p@latest", "-o", "r.html"], ["registry", "check"], ["plan", "p.yaml"], ["run", "p.yaml"],
    ):  # fmt: skip
        asked = [] if "p.yaml" in words else ["--registry", str(path)]
        assert outcome([*words, *asked]) in (0, 1, 2, 3), words
        assert "unexpected error" not in capsys.readouterr().err, words
