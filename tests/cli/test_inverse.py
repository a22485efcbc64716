"""`normflow inverse`: what was normalized comes back in its own units, whole or not at all."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from normflow.cli import outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RNG = np.random.default_rng(3)
ROWS = 500
PIPELINE = """\
source: data.parquet
sink: out/data.parquet
normalize: {price: log, size: minmax, "odd name = x": zscore}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Houses, normalized once."""
    pl.DataFrame(
        {
            "id": range(ROWS),
            "town": ["a", "b"] * (ROWS // 2),
            "price": RNG.lognormal(12, 0.5, ROWS),
            "size": RNG.uniform(30, 300, ROWS),
            "odd name = x": RNG.normal(5, 2, ROWS),
        }
    ).write_parquet(tmp_path / "data.parquet")
    (tmp_path / "p.yaml").write_text(PIPELINE)
    monkeypatch.chdir(tmp_path)
    assert outcome(["run", "p.yaml", "-q"]) == 0
    return tmp_path


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The document of `normflow inverse p.yaml …`."""

    def asked(*words: str, code: int = 0) -> Any:
        assert outcome(["inverse", "p.yaml", *words, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return asked


def same(found: pl.DataFrame, wanted: pl.DataFrame, *names: str) -> bool:
    """Whether columns agree to 1e-12 of their size."""
    return all(np.allclose(found[name], wanted[name], rtol=1e-12) for name in names)


@pytest.mark.parametrize("kind", ["parquet", "csv", "ndjson", "ipc"])
def test_all_columns_come_back_in_any_format(project: Path, answer: Callable[..., Any], kind: str) -> None:
    """Rows in their order, other columns as they are."""
    done = answer("out/data.parquet", "-o", f"back.{kind}")
    found: pl.DataFrame = getattr(pl, f"read_{kind}")(project / f"back.{kind}")
    source = pl.read_parquet(project / "data.parquet")
    assert found.columns == source.columns
    assert same(found, source, "price", "size", "odd name = x")
    assert found.select("id", "town").equals(source.select("id", "town"))
    assert (done["rows"], done["bytes"]) == (ROWS, (project / f"back.{kind}").stat().st_size)
    assert done["columns"] == {name: name for name in ("price", "size", "odd name = x")}
    assert set(done["lost"].values()) == {0}


def test_a_prediction_comes_back_by_the_fit_of_what_it_predicts(
    project: Path, answer: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the columns that are named; one without `=` by its own name."""
    out, source = pl.read_parquet("out/data.parquet"), pl.read_parquet("data.parquet")
    out.rename({"price": "prediction"}).write_csv("predictions.csv")
    done = answer("predictions.csv", "-o", "prices.csv", "--column", "prediction=price", "--column", "size")
    found = pl.read_csv(project / "prices.csv")
    assert done["columns"] == {"prediction": "price", "size": "size"}
    assert np.allclose(found["prediction"], source["price"], rtol=1e-12)
    assert same(found, source, "size")
    assert same(found, out, "odd name = x")
    words = ["inverse", "p.yaml", "predictions.csv", "-o", "prices.csv", "--column", "prediction=price"]
    assert outcome(words) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("prices.csv: 500 rows, 1 column back by fit ")


def test_the_fit_may_be_an_earlier_one_or_a_file(project: Path, answer: Callable[..., Any]) -> None:
    """The newest fit is that of the last successful run."""
    first = pl.read_parquet("out/data.parquet")
    first.write_parquet("first.parquet")
    fit = answer("first.parquet", "-o", "a.parquet")["fit_id"]
    (project / "p.yaml").write_text(PIPELINE.replace("log", "robust"))
    assert outcome(["run", "p.yaml", "-q"]) == 0
    assert outcome(["export", fit[:12], "-o", "fit.json", "-q"]) == 0
    assert answer("first.parquet", "-o", "b.parquet")["fit_id"] != fit
    for reference in (fit, fit[:10], "fit.json"):
        assert answer("first.parquet", "-o", "c.parquet", "--fit", reference)["fit_id"] == fit
        assert pl.read_parquet("c.parquet").equals(pl.read_parquet("a.parquet"))


def test_values_outside_of_the_image_become_null_and_are_told(
    project: Path, answer: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A squashed column has none beyond its bound."""
    (project / "p.yaml").write_text(PIPELINE.replace("log", "squash"))
    assert outcome(["run", "p.yaml", "-q"]) == 0
    out = pl.read_parquet("out/data.parquet")
    beyond = pl.when(pl.col("id") < 7).then(3.5).otherwise(pl.col("price")).alias("price")
    out.with_columns(beyond).write_parquet("wild.parquet")
    assert answer("wild.parquet", "-o", "b.parquet")["lost"] == {"price": 7, "size": 0, "odd name = x": 0}
    assert pl.read_parquet("b.parquet")["price"].null_count() == 7
    assert outcome(["inverse", "p.yaml", "wild.parquet", "-o", "b.parquet"]) == 0
    assert "warning: price: 7 values that the fit cannot give became null" in capsys.readouterr().err


def test_rows_go_back_by_their_group(project: Path, answer: Callable[..., Any]) -> None:
    (project / "p.yaml").write_text(PIPELINE + "fit: {by: [town]}\n")
    assert outcome(["run", "p.yaml", "-q"]) == 0
    answer("out/data.parquet", "-o", "b.parquet")
    assert same(pl.read_parquet("b.parquet"), pl.read_parquet("data.parquet"), "price", "size")


def test_a_folder_of_files_comes_back_as_one(project: Path, answer: Callable[..., Any]) -> None:
    """In the order of the files, each in its own."""
    out = pl.read_parquet("out/data.parquet")
    (project / "parts").mkdir()
    for number, part in enumerate((out[:200], out[200:])):
        part.write_parquet(project / "parts" / f"{number}.parquet")
    assert answer("parts/*.parquet", "-o", "b.parquet")["rows"] == ROWS
    answer("out/data.parquet", "-o", "a.parquet")
    assert (project / "a.parquet").read_bytes() == (project / "b.parquet").read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("out/data.parquet -o back", 2, "back: its name tells no format; end it in .parquet or .csv"),
        ("out/data.parquet -o out/data.parquet", 3, "is read as a source by the same run"),
        ("nothing.parquet -o back.parquet", 3, "no such file"),
        (
            "out/data.parquet -o back.parquet --column prize=price",
            2,
            "no column 'prize' to undo; did you mean",
        ),
        (
            "out/data.parquet -o back.parquet --column price=prize",
            2,
            "no column 'prize'; did you mean 'price'?",
        ),
        (
            "towns.csv -o back.parquet",
            2,
            "no column of it is an output of the fit that can go back",
        ),
        ("out/data.parquet -o back.parquet --fit nothing", 3, "no fit"),
        ("text.csv -o back.parquet", 2, "column 'price' is String, and the fit knows it as a number"),
    ],
)
def test_what_cannot_go_back_is_told_and_leaves_nothing(
    project: Path, answer: Callable[..., Any], words: str, code: int, message: str
) -> None:
    (project / "towns.csv").write_text("town\na\n")
    (project / "text.csv").write_text("price\nmuch\n")
    before = (project / "out" / "data.parquet").read_bytes()
    assert message in answer(*words.split(), code=code)["error"]["message"]
    assert (project / "out" / "data.parquet").read_bytes() == before
    assert not list(project.glob("back*"))
    assert not list(project.rglob(".*.tmp"))


def test_a_failure_on_the_way_leaves_the_earlier_file(
    project: Path, answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As every sink: staged, verified, renamed."""
    answer("out/data.parquet", "-o", "back.parquet")
    before = (project / "back.parquet").read_bytes()
    (project / "cut.parquet").write_bytes((project / "out" / "data.parquet").read_bytes()[:-100])
    assert answer("cut.parquet", "-o", "back.parquet", code=3)["error"]["id"] == "NF300"
    monkeypatch.setattr(sys.modules["normflow.sinks.verify"], "rows", lambda *_: 7)
    assert answer("out/data.parquet", "-o", "back.parquet", code=3)["error"]["id"] == "NF310"
    assert (project / "back.parquet").read_bytes() == before
    assert not list(project.glob(".back*.tmp"))
