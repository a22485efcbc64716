"""The page of a run: whole, alone, escaped, small, and the same for the same document."""

from __future__ import annotations

import gzip
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import normflow as nf
from normflow.pipeline import report
from normflow.pipeline.reporting import known
from normflow.registry import Registry
from normflow.report.charts import charts
from normflow.report.html import page
from tests.names import HOSTILE
from tests.registry.golden import GOLDEN
from tests.report.parsed import Parsed

CONFIGS = Path(__file__).parents[2] / "configs"
MARKUP = '<script>alert("1")</script>\'"&amp;</style><!-- 😀'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(CONFIGS, tmp_path / "configs", ignore=shutil.ignore_patterns("out", ".normflow"))
    return tmp_path


def weather(project: Path, more: str = "") -> nf.Pipeline:
    file = project / "configs" / "weather.yaml"
    file.write_text(file.read_text() + more)
    return nf.load(file)


def document(project: Path, more: str = "") -> dict[str, Any]:
    pipeline = weather(project, more)
    return known(pipeline.registry, nf.run(pipeline).run_id)


def test_a_page_tells_the_run_and_every_column(project: Path) -> None:
    """Verdict, facts, each file with its hash, each check, each column with method, reason and formula."""
    found = document(project)
    told = Parsed(page(found))
    assert "succeeded : Published 26,114 of 26,115 rows, 1 quarantined;" in told.text
    assert "wind_speed is not in [0, 250] in 1 of 26,115 rows" in told.text
    assert "Quarantined for: wind_speed.range (1)" in told.text
    facts = ("run_id", "fit_id", "config_hash", "input_fingerprint")
    for text in [*(found[one] for one in facts), *(one["sha256"] for one in found["outputs"])]:
        assert text in told.texts
    assert f"normflow rerun {found['run_id']} --registry " in told.text
    assert f"polars {pl.__version__}" in told.text
    for one in found["checks"]:
        assert f"{one['section']}.{one['check']}" in told.texts
    for one in found["columns"]:
        assert f"y = {one['formula']}" in told.texts
        assert (one["choice"] or {"reason": "named in the pipeline"})["reason"] in told.texts


def test_a_page_stands_alone(project: Path) -> None:
    """It names no other file and no server, its policy allows none, and links lead to places of its own."""
    text = page(document(project))
    told = Parsed(text)
    assert not told.values("src")
    assert "link" not in [tag for tag, _ in told.tags]
    anchors = {*told.values("id")}
    assert all(one.startswith("#") and one[1:] in anchors for one in told.values("href"))
    assert "://" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in " ".join(told.values("content"))


def test_a_page_can_be_read_without_seeing_it(project: Path) -> None:
    """A language, a title, one h1, a caption a table, scopes of headings, a name for every picture."""
    told = Parsed(page(document(project)))
    tags = [tag for tag, _ in told.tags]
    assert ("html", {"lang": "en"}) in told.tags
    assert tags.count("title") == tags.count("h1") == tags.count("main") == 1
    assert tags.count("table") == tags.count("caption")
    assert all("scope" in attributes for tag, attributes in told.tags if tag == "th")
    pictures = [attributes for tag, attributes in told.tags if tag == "svg"]
    assert pictures
    assert all(one["role"] == "img" and one["aria-label"] for one in pictures)
    assert len({*told.values("id")}) == len(told.values("id"))


def test_equal_documents_give_equal_pages(project: Path) -> None:
    """No time, no random number: the page is a function of the record."""
    pipeline = weather(project)
    run_id = nf.run(pipeline).run_id
    assert report(pipeline.registry, run_id) == report(pipeline.registry, "weather@latest")


@pytest.mark.parametrize("text", [MARKUP, *HOSTILE], ids=range(len(HOSTILE) + 1))
def test_hostile_text_stays_text(text: str, plain: dict[str, Any]) -> None:
    """Names, messages and cells of the data become no tags; what HTML cannot hold is replaced."""
    told = Parsed(page(_with(plain, text)))
    assert [one for one in told.tags if one[0] in {"script", "style", "title"}] == [
        ("title", {}),
        ("style", {}),
        ("script", {}),
    ]
    shown = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    whole = " ".join(told.texts)
    assert len([one for one in told.inside["code"] if one == shown]) >= bool(text)
    assert shown in whole


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(CONFIGS, folder / "configs", ignore=shutil.ignore_patterns("out", ".normflow"))
    return document(folder)


def _with(found: dict[str, Any], text: str) -> dict[str, Any]:
    """The document of a run whose names, cells and messages all are this text."""
    column = next(one for one in found["columns"] if one["choice"] and one["choice"]["candidates"])
    check = next(one for one in found["checks"] if one["examples"])
    check = {**check, "check": text, "column": text, "message": text, "threshold": text}
    return {
        **found,
        "pipeline": text,
        "warnings": [text],
        "error": {"id": None, "message": text},
        "inputs": [{"path": text, "bytes": 1, "fingerprint": text}],
        "columns": [{**column, "column": text, "output": text, "options": {text: text}, "formula": text}],
        "checks": [{**check, "examples": [{"row": 1, "value": text}]}],
    }


def test_a_thousand_columns_make_a_page_of_less_than_5_mb(plain: dict[str, Any]) -> None:
    """With pictures, candidates and checks for each; searchable."""
    kinds, count = plain["columns"], 1000
    columns = [
        {**kinds[i % len(kinds)], "column": f"column_{i}", "output": f"column_{i}"} for i in range(count)
    ]
    checks = plain["checks"] * -(-4 * count // len(plain["checks"]))
    text = page({**plain, "columns": columns, "checks": checks})
    assert len(text.encode()) < 5_000_000
    told = Parsed(text)
    assert (
        len([one for one in told.tags if one[0] == "section" and "col" in str(one[1].get("class"))]) == count
    )


def test_a_private_pipeline_shows_no_values(project: Path) -> None:
    """No picture, no range, no evidence and no example: not even where the record holds some."""
    pipeline = weather(project, "private: true\n")
    found = known(pipeline.registry, nf.run(pipeline).run_id)
    assert found["private"]
    told = Parsed(page(found))
    assert "svg" not in [tag for tag, _ in told.tags]
    assert "The pipeline is private" in told.text
    assert "1048.36058" not in told.text
    assert "evidence:" not in told.text
    assert not {"min", "max", "mean"} & {*told.inside["th"]}


def test_the_pipeline_says_where_the_page_goes(project: Path) -> None:
    """`report` is written by each run, below a folder that it makes, for a judged run that failed too."""
    pipeline = weather(project, "report: ../out/pages/weather.html\n")
    file = project / "out" / "pages" / "weather.html"
    assert pipeline.report is not None
    record = nf.run(pipeline)
    assert not [one for one in record.warnings if "report" in one]
    assert record.run_id in file.read_text()
    strict = replace(pipeline, checks={"temp": replace(pipeline.checks["temp"], mean=(5.0, 6.0))})
    with pytest.raises(nf.ContractError) as failed:
        nf.run(strict)
    assert failed.value.record is not None
    text = file.read_text()
    assert failed.value.record.run_id in text
    assert "Nothing was published: 1 of" in Parsed(text).text
    assert sorted(one.name for one in file.parent.iterdir()) == ["weather.html"]


def test_a_page_that_cannot_be_written_is_a_warning(project: Path) -> None:
    """What was published stays published."""
    (project / "out").mkdir()
    (project / "out" / "pages").write_text("no folder")
    record = nf.run(weather(project, "report: ../out/pages/weather.html\n"))
    assert record.status == "succeeded"
    assert [one for one in record.warnings if one.startswith("the report could not be written (")]
    assert all(Path(one.path).exists() for one in record.outputs)


def test_a_replay_leaves_the_page_of_the_run_alone(project: Path) -> None:
    """Its own page is written where it is asked for."""
    pipeline = weather(project, "report: ../out/weather.html\n")
    assert pipeline.report is not None
    nf.run(pipeline)
    before = pipeline.report.read_bytes()
    quarantine = pipeline.quarantine.path
    pl.read_parquet(quarantine).with_columns(wind_speed=pl.lit(10.4)).write_parquet(quarantine)
    replayed = nf.replay(pipeline.registry, "weather@latest", project / "mended.parquet")
    assert pipeline.report.read_bytes() == before
    assert "mode replay, fit given" in Parsed(report(pipeline.registry, replayed.run_id)).text


def test_a_reused_fit_shows_the_rows_that_taught_it_and_their_drift(project: Path) -> None:
    """Pictures stay those of the fit; how far today's rows are from it has a table."""
    more = "fit: {drift: {warn: 0.1}}\n"
    first, again = document(project, more), document(project)
    assert [charts(one) for one in first["columns"]] == [charts(one) for one in again["columns"]]
    assert "before and after are of the rows that taught it" not in Parsed(page(first)).text
    told = Parsed(page(again))
    assert "before and after are of the rows that taught it" in told.text
    assert {"psi", "ks", "outside", "missing", "shift"} <= {*told.inside["th"]}
    assert "drift-title" in told.values("id")


def test_groups_are_told(project: Path) -> None:
    """How many there are, and that what is drawn is of the whole table."""
    told = Parsed(page(document(project, "fit: {by: [origin]}\n")))
    assert "3 groups by origin" in told.text
    assert "formula, charts and numbers here are those of the whole table" in told.text


@pytest.mark.parametrize("stored", sorted(GOLDEN.glob("*.gz")), ids=lambda path: path.name)
def test_runs_of_earlier_formats_have_pages(tmp_path: Path, stored: Path) -> None:
    """What was not recorded then is not told."""
    file = tmp_path / "registry.duckdb"
    file.write_bytes(gzip.decompress(stored.read_bytes()))
    succeeded = [one for one in Registry(file).runs() if one.status == "succeeded"]
    assert succeeded
    for one in succeeded:
        assert one.run_id in Parsed(report(file, one.run_id)).texts
