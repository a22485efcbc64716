"""`normflow init`: what it writes runs as it is, says what was seen, and overwrites nothing unasked."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import normflow as nf
from normflow.cli import outcome
from normflow.cli.draft import ROOM, draft, template
from normflow.config import parse, pipeline_schema
from normflow.config.text import MAX_BYTES
from normflow.pipeline import prepare, propose
from normflow.spec import UNTOUCHED
from tests.columns import ZOO
from tests.names import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).parents[2] / "configs" / "data"
SHIPPED = sorted(path for path in DATA.iterdir() if path.suffix == ".parquet")
OFF = re.compile(r"^#(?=\S|  )", re.MULTILINE)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def runs(data: str, file: str, *more: str) -> None:
    """A fresh file passes the check and the run."""
    assert outcome(["init", data, "-q", *more]) == 0
    assert outcome(["check", file, "-q"]) == 0
    assert outcome(["run", file, "-q"]) == 0


def named(names: Sequence[str]) -> pl.DataFrame:
    """Thirty rows: numbers and few texts in turn."""
    numbers, texts = [i * 7 % 17 / 4 for i in range(30)], [f"v{i % 3}" for i in range(30)]
    return pl.DataFrame({name: texts if i % 2 else numbers for i, name in enumerate(names)})


@pytest.mark.parametrize("data", SHIPPED, ids=lambda path: path.name)
def test_what_it_writes_for_shipped_data_runs(data: Path, folder: Path) -> None:
    shutil.copy(data, folder)
    runs(data.name, f"{data.stem}.yaml")


@pytest.mark.parametrize("name", [name for name, values in ZOO.items() if values])
def test_what_it_writes_for_awkward_columns_runs(name: str) -> None:
    pl.DataFrame({name: pl.Series(ZOO[name], dtype=pl.Float64)}).write_parquet("zoo.parquet")
    runs("zoo.parquet", "zoo.yaml")


@pytest.mark.parametrize("kind", ["parquet", "ipc", "csv", "ndjson"])
def test_what_it_writes_runs_for_every_format(kind: str) -> None:
    """All awkward columns side by side, the shorter ones filled up with nulls, and text and truth values."""
    rows = max(map(len, ZOO.values()))
    frame = pl.DataFrame(
        {
            name: pl.Series([*values, *[None] * (rows - len(values))], dtype=pl.Float64)
            for name, values in ZOO.items()
        }
    ).with_columns(
        text=pl.Series(["a, b", "it's", None, "c"] * (rows // 4)), flag=pl.Series([True, False] * (rows // 2))
    )
    getattr(frame, f"write_{kind}")(f"zoo.{kind}")
    runs(f"zoo.{kind}", "zoo.yaml")


def test_hostile_names_are_quoted_right(folder: Path) -> None:
    """Each column keeps its name and its checks, those that read like patterns too, and is published."""
    named(HOSTILE).write_parquet("names.parquet")
    runs("names.parquet", "names.yaml")
    assert list(nf.load("names.yaml").contract) == HOSTILE
    assert list(pl.read_parquet_schema(folder / "out" / "names.parquet")) == HOSTILE


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12) | st.sampled_from(HOSTILE), min_size=1, max_size=5, unique=True))
def test_any_name_is_quoted_right(folder: Path, names: list[str]) -> None:
    """What is read from the file is what was proposed, and the source agrees with it."""
    named(names).write_parquet(folder / "x.parquet")
    proposal = propose("x.parquet")
    text = draft(proposal, data="x.parquet", file="x.yaml", source="x.parquet", sink="out/x.parquet")
    pipeline = parse(text, folder / "x.yaml")
    assert pipeline.contract == {one.name: one.checks for one in proposal.columns}
    plan = prepare(pipeline).plan
    assert set(plan) == {one.name for one in proposal.columns if one.method}
    assert all(line.method == "auto" and line.policies == UNTOUCHED for line in plan.values())


def test_what_is_switched_off_is_valid_when_switched_on(folder: Path) -> None:
    """In the template all at once; in a draft the stricter line instead of the other one."""
    every = OFF.sub("", template())
    assert len(parse(every, folder / "x.yaml").contract) == 4
    shutil.copy(DATA / "weather.parquet", folder)
    assert outcome(["init", "weather.parquet", "-q"]) == 0
    text = Path("weather.yaml").read_text(encoding="utf-8")
    loose = next(line for line in text.splitlines() if line.startswith("  wind_speed:"))
    strict = OFF.sub("", text.replace(loose + "\n", "", 1))
    Path("weather.yaml").write_text(strict, encoding="utf-8")
    pipeline = nf.load("weather.yaml")
    assert (pipeline.fit.by, pipeline.contract["wind_speed"].on_fail) != (None, "fail")
    assert nf.run(pipeline).quarantined == 1


def test_a_comment_says_what_was_seen_and_what_auto_would_choose(folder: Path) -> None:
    shutil.copy(DATA / "weather.parquet", folder)
    assert outcome(["init", "weather.parquet", "-q"]) == 0
    lines = [
        re.sub(" {2,}#", "  #", line)
        for line in Path("weather.yaml").read_text(encoding="utf-8").splitlines()
    ]
    assert "  temp: {dtype: float, range: [-40, 150]}  # seen 10.94 to 100.04, 1 null in 26,115" in lines
    assert "  temp: auto  # zscore: skew -0.01 is small: z-score; runner-up Box-Cox" in lines
    assert lines[0] == "# yaml-language-server: $schema=.normflow/pipeline-1.schema.json"


def test_the_choice_in_the_comment_is_that_of_the_run(folder: Path) -> None:
    """The contract's ranges are evidence, so the comment counts them in."""
    shutil.copy(DATA / "weather.parquet", folder)
    assert outcome(["init", "weather.parquet", "-q"]) == 0
    text = Path("weather.yaml").read_text(encoding="utf-8")
    record = nf.run(nf.load("weather.yaml"))
    for one in record.columns:
        assert re.search(
            rf"  {one['column']}: auto +# {one['method']}: {re.escape(one['choice']['reason'])}", text
        )


def test_nothing_is_overwritten_unless_forced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the pipeline nor the schema nor the .gitignore."""
    named(["a"]).write_parquet("x.parquet")
    (folder / "x.yaml").write_text("mine")
    assert outcome(["init", "x.parquet"]) == 2
    told = capsys.readouterr().err
    hint = "name another with -o, or overwrite it with --force"
    assert told == f"error NF200: x.yaml: there is such a file already; {hint}\n"
    assert sorted(path.name for path in folder.iterdir()) == ["x.parquet", "x.yaml"]
    (folder / ".normflow").mkdir()
    (folder / ".normflow" / ".gitignore").write_text("mine")
    assert outcome(["init", "x.parquet", "-o", "y.yaml", "-q"]) == 0
    assert (folder / ".normflow" / ".gitignore").read_text() == "mine"
    assert outcome(["init", "x.parquet", "--force", "-q"]) == 0
    assert nf.load("x.yaml").source.paths == ("x.parquet",)
    assert (folder / ".normflow" / ".gitignore").read_text().endswith("\n*\n")
    assert json.loads((folder / ".normflow" / "pipeline-1.schema.json").read_text()) == pipeline_schema()


def test_a_template_without_data_loads(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["init", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    written = ["pipeline.yaml", ".normflow/pipeline-1.schema.json", ".normflow/.gitignore"]
    assert document == {"version": 1, "exit_code": 0, "file": "pipeline.yaml", "written": written}
    assert nf.load("pipeline.yaml").sink.path == Path("out/input.parquet")
    assert outcome(["init", "--sink", "results/a b.csv", "-o", "sub/p.yaml", "-q"]) == 0
    assert nf.load("sub/p.yaml").sink.path == Path("sub/../results/a b.csv")
    assert (folder / "sub" / ".normflow" / "pipeline-1.schema.json").exists()


def test_the_document_tells_what_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    named(["a", "b"]).write_parquet("x.parquet")
    assert outcome(["init", "x.parquet", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["file"], document["rows"], document["columns"]) == ("x.yaml", 30, 2)
    assert outcome(["init", "x.parquet", "--force"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "x.yaml: 2 columns, 30 rows seen; look through it, then: normflow run x.yaml\n"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["nothing.parquet"], 3, "nothing.parquet: no such file"),
        (["x.parquet", "--sink", "x.parquet"], 2, "the source reads 'x.parquet' too"),
        (["x.parquet", "--sink", "out/x.xls"], 2, "cannot tell the format of 'out/x.xls'"),
        (["x.parquet", "-o", "a@b.yaml"], 2, "the file's name holds '@'"),
        (["x.parquet", "-o", "x.txt/p.yaml"], 3, "cannot be written: "),
        (["x.parquet", "--force", "-o", "folder"], 3, "folder: cannot be written: Is a directory"),
        (["x.txt"], 3, "its name tells no format"),
    ],
)
def test_what_cannot_be_written_is_told(
    words: list[str], code: int, told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named(["a", "b"]).write_parquet("x.parquet")
    (folder / "x.txt").write_text("a,b\n1,2\n")
    (folder / "folder").mkdir()
    assert outcome(["init", *words]) == code
    assert told in capsys.readouterr().err
    assert not list(folder.glob("*.yaml"))


def test_a_wide_table_gets_as_many_lines_as_a_file_may_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """The others are named by their number, and normalized by the line of the star."""
    wide = pl.DataFrame({f"{i}" + "x" * 9_000: [float(i), 1.0, None] for i in range(150)})
    wide.write_parquet("wide.parquet")
    runs("wide.parquet", "wide.yaml")
    text = Path("wide.yaml").read_text(encoding="utf-8")
    pipeline = nf.load("wide.yaml")
    held = len(pipeline.contract)
    assert ROOM / 2 < len(text.encode()) < MAX_BYTES
    assert 30 < held < 150
    assert f"  # {150 - held} columns more: a pipeline file holds no more than 1 MB\n" in text
    assert len(prepare(pipeline).plan) == 150
    assert capsys.readouterr().err == ""
