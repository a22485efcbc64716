"""`normflow run --limit N`: the first rows that a run would publish, and no trace of having looked."""

from __future__ import annotations

import json
import math
import shutil
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import normflow as nf
from normflow.cli import outcome
from normflow.cli.preview import as_csv, records
from normflow.errors import ConfigError
from normflow.pipeline import preview
from tests.names import HOSTILE

CONFIGS = Path(__file__).parents[2] / "configs"
WEATHER = "configs/weather.yaml"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(CONFIGS, tmp_path / "configs", ignore=shutil.ignore_patterns("out", ".normflow"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_it_shows_what_a_run_publishes_and_leaves_no_trace(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Across the quarantined row, 1,009; before there is a fit, and after."""
    before = files(folder)
    assert outcome(["run", WEATHER, "--limit", "1020"]) == 0
    printed = capsys.readouterr()
    assert printed.err == (
        "weather: 1,020 rows previewed, fit learned; nothing was judged, published or recorded\n"
    )
    assert files(folder) == before
    assert outcome(["run", WEATHER, "-q"]) == 0
    published = pl.read_parquet("out/weather.parquet").head(1020)
    shown = pl.read_csv(StringIO(printed.out), schema=dict.fromkeys(published.columns, pl.String))
    numbers = [name for name, dtype in published.schema.items() if dtype.is_numeric()]
    assert shown.columns == published.columns
    assert_frame_equal(
        shown.select(pl.col(numbers).cast(pl.Float64)), published.select(pl.col(numbers).cast(pl.Float64))
    )
    assert shown["origin"].equals(published["origin"])
    runs = nf.run(nf.load(WEATHER)).run_id
    capsys.readouterr()
    assert outcome(["run", WEATHER, "--limit", "1020", "-q"]) == 0
    assert capsys.readouterr() == (printed.out, "")
    assert outcome(["runs", "weather", "--json"]) == 0
    recorded = json.loads(capsys.readouterr().out)["runs"]
    assert (len(recorded), recorded[0]["run_id"]) == (2, runs)


def test_the_document_has_the_rows_and_the_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["run", WEATHER, "--limit", "2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    record = nf.run(nf.load(WEATHER))
    head = pl.read_parquet("out/weather.parquet").head(2)
    assert (document["status"], document["exit_code"], document["fit"]) == ("previewed", 0, "learned")
    assert document["fit_id"] == record.fit_id
    assert document["columns"] == head.columns
    assert [one["temp"] for one in document["preview"]] == head["temp"].to_list()
    assert document["preview"][0]["time_hour"].startswith("2013-01-01 06:00:00")


def test_the_mode_is_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """`frozen` without a fit has nothing to show; with one it shows what the run would write."""
    assert outcome(["run", WEATHER, "--limit", "2", "--mode", "frozen"]) == 5
    assert "never fits" in capsys.readouterr().err
    fit = nf.run(nf.load(WEATHER)).fit_id
    assert preview(nf.load(WEATHER), 1, mode="frozen").learned.origin == "reused"
    assert preview(nf.load(WEATHER), 1, mode="refit").learned.origin == "learned"
    given = preview(nf.load(WEATHER), 1, fit=fit)
    assert (given.learned.origin, given.learned.fit.id) == ("given", fit)


def test_a_run_that_would_fail_can_be_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    """The rows that break a failing check are among those that are shown."""
    pl.DataFrame({"x": [1.0, 2.0, 99.0]}).write_parquet("x.parquet")
    Path("x.yaml").write_text(
        "source: x.parquet\nsink: out/x.parquet\ncontract: {x: {range: [0, 10]}}\nnormalize: {x: none}\n"
    )
    assert outcome(["run", "x.yaml", "-q"]) == 1
    capsys.readouterr()
    assert outcome(["run", "x.yaml", "--limit", "9", "-q"]) == 0
    assert capsys.readouterr().out == "x\n1.0\n2.0\n99.0\n"


def test_a_limit_is_at_least_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["run", WEATHER, "--limit", "0"]) == 2
    assert "--limit" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="at least 1 row"):
        preview(nf.load(WEATHER), 0)


def test_every_type_has_a_text() -> None:
    """Also where Polars' own CSV and JSON have none; what is null stays null."""
    moment = datetime(2020, 1, 2, 3, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "f": [1.5, math.nan, None],
            "t": [moment, None, moment],
            "c": [time(1), None, time(2)],
            "l": [timedelta(1), None, timedelta(2)],
            "b": [b"\x00\xff", None, b""],
            "m": [Decimal("1.10"), None, Decimal("2.20")],
            "n": [[date(2020, 1, 1)], None, []],
            "s": [{"a": math.inf}, {"a": None}, {"a": 1.0}],
        }
    )
    assert records(frame)[0] == {
        "f": 1.5,
        "t": "2020-01-02 03:00:00.000000+00:00",
        "c": "01:00:00",
        "l": "P1D",
        "b": "00ff",
        "m": "1.10",
        "n": ["2020-01-01"],
        "s": {"a": None},
    }
    assert records(frame)[1] == {**dict.fromkeys("ftclbmn"), "s": {"a": None}}
    assert as_csv(frame).splitlines()[1:] == [
        '1.5,2020-01-02 03:00:00.000000+00:00,01:00:00,P1D,00ff,1.10,"[""2020-01-01""]","{""a"": null}"',
        'NaN,,,,,,,"{""a"": null}"',
        ',2020-01-02 03:00:00.000000+00:00,02:00:00,P2D,"",2.20,[],"{""a"": 1.0}"',
    ]


def test_a_name_is_no_pattern() -> None:
    frame = pl.DataFrame({name: [[1.0]] if i % 2 else [b"a"] for i, name in enumerate(HOSTILE)})
    assert records(frame) == [{name: [1.0] if i % 2 else "61" for i, name in enumerate(HOSTILE)}]
    assert pl.read_csv(StringIO(as_csv(frame))).width == len(HOSTILE)
