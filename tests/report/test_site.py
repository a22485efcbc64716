"""The site of a registry: every link leads somewhere, and it is there whole or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from normflow.errors import RegistryError, SinkError
from normflow.pipeline import write_site
from normflow.registry import Registry
from normflow.report.site import file_name, pipeline_page
from normflow.report.trends import trend
from tests.names import HOSTILE
from tests.report.browser import chromium, opened
from tests.report.parsed import Parsed

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pipelines: of one three runs, the second failed, the third with a fit of its own."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(CONFIGS, folder / "configs", ignore=shutil.ignore_patterns("out", ".normflow"))
    file, data = folder / "configs" / "weather.yaml", folder / "configs" / "data" / "weather.parquet"
    pipeline, whole = nf.load(file), pl.read_parquet(data)
    nf.run(pipeline)
    whole.filter(pl.col("month") < 7).write_parquet(data)
    with pytest.raises(nf.ContractError):
        nf.run(pipeline)
    nf.run(pipeline, mode="refit")
    other = file.with_name("other.yaml")
    other.write_text(
        file.read_text().replace("name: weather", "name: '<img src=x> B/\"'").replace("out/", "out/b/")
    )
    nf.run(nf.load(other), mode="refit")
    return folder / ".normflow" / "registry.duckdb"


@pytest.fixture(scope="module")
def site(registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "site"
    assert write_site(registry, folder) == 7
    return folder


def test_every_link_leads_to_a_page_of_the_site(site: Path) -> None:
    """Within the folder, to a file that is there, and each page is reached from the first."""
    reached, todo = set(), [site / "index.html"]
    while todo:
        at = todo.pop()
        if at in reached:
            continue
        reached.add(at)
        told = Parsed(at.read_text(encoding="utf-8"))
        assert not told.values("src")
        for link in told.values("href"):
            name, _, anchor = link.partition("#")
            target = (at.parent / name).resolve() if name else at
            assert target.is_relative_to(site)
            assert target.is_file()
            assert not anchor or anchor in Parsed(target.read_text(encoding="utf-8")).values("id")
            todo.append(target)
    assert reached == {one for one in site.rglob("*") if one.suffix == ".html"}
    assert len(reached) == 7


def test_a_pipeline_tells_its_runs_and_what_changed(site: Path, registry: Path) -> None:
    """Every run with its status, and for each column the formula of the newer fit beside the older one."""
    told = Parsed((site / "pipelines" / "weather.html").read_text(encoding="utf-8"))
    runs = Registry(registry).runs("weather")
    assert [one.status for one in runs] == ["succeeded", "failed", "succeeded"]
    assert [one for one in told.inside["a"] if one.startswith("20")][:3] == [one.run_id for one in runs]
    assert "The last 3 of 3, newest first" in told.texts
    documents = [json.loads(one.document or "{}") for one in (runs[0], runs[2])]
    new, old = ({one["column"]: one["formula"] for one in found["columns"]} for found in documents)
    for column in ("temp", "dewp"):
        assert new[column] != old[column]
        for formula in (new[column], old[column]):
            assert any(one.endswith(f"y = {formula}") for one in told.texts)
    assert any("rows over 3 runs" in one for one in told.values("aria-label"))


def test_only_the_newest_runs_have_pages(registry: Path, tmp_path: Path) -> None:
    """So many of each pipeline; how many there are is told all the same."""
    assert write_site(registry, tmp_path / "site", last=1) == 5
    told = Parsed((tmp_path / "site" / "pipelines" / "weather.html").read_text(encoding="utf-8"))
    assert "The last 1 of 3, newest first" in told.texts
    newest = {Registry(registry).runs(one, limit=1)[0].run_id for one in Registry(registry).pipelines()}
    assert {one.stem for one in (tmp_path / "site" / "runs").iterdir()} == newest


def test_a_site_replaces_a_site_and_nothing_else(registry: Path, tmp_path: Path) -> None:
    """What a former one had is gone, nothing is left beside it, and another folder is left as it is."""
    folder = tmp_path / "site"
    folder.mkdir()
    write_site(registry, folder)
    (folder / "runs" / "old.html").touch()
    write_site(registry, folder, last=1)
    assert not (folder / "runs" / "old.html").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["site"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "note.txt").write_text("keep")
    with pytest.raises(SinkError, match="holds something other than a site of normflow"):
        write_site(registry, tmp_path / "mine")
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["note.txt"]


def test_a_site_that_fails_leaves_the_one_before(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that cannot be made, or a disk that is full: the old site is whole."""
    folder = tmp_path / "site"
    write_site(registry, folder)
    before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}

    def full(_record: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("normflow.report.html.page", full)
    with pytest.raises(SinkError, match="No space left on device"):
        write_site(registry, folder)
    assert {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()} == before
    assert [one.name for one in tmp_path.iterdir()] == ["site"]


def test_without_a_registry_there_is_no_site(tmp_path: Path) -> None:
    """It is an error, and no folder is made."""
    with pytest.raises(RegistryError, match="no registry here"):
        write_site(tmp_path / "none.duckdb", tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [*HOSTILE, "../up", "a/b", "index", "CON", "x" * 300])
def test_every_pipeline_has_a_file_of_its_own(name: str) -> None:
    """In the folder, with letters that any file system holds, and no other pipeline's."""
    file = file_name(name)
    assert file.endswith(".html")
    assert set(file) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-.")
    assert len(file) < 100
    assert file != "index.html"
    assert file_name(name) == file
    assert file_name(f"{name}x") != file


def test_a_run_that_ended_early_is_listed_without_a_page() -> None:
    """There is nothing to link to, and its error is told."""
    run = {"run_id": "r1", "started": "then", "status": "failed", "mode": "reuse", "rows": None}
    text = pipeline_page("p", 1, [{**run, "quarantined": None, "error": "no file", "document": None}], None)
    told = Parsed(text)
    assert "no file" in told.texts
    assert not [one for one in told.values("href") if "runs/" in one]
    assert "svg" not in [tag for tag, _ in told.tags]


def test_a_trend_is_a_line_from_left_to_right() -> None:
    """Higher values stand higher, a run without a value interrupts the line, and words say the same."""
    found = trend("rows", [0, 10, None, 5], ["succeeded", "failed", "failed", "succeeded"])
    assert found is not None
    assert found.path == "M6 74L109 6M314 40"
    assert [status for _, _, status in found.dots] == ["succeeded", "failed", "succeeded"]
    assert found.label == "rows over 3 runs: from 0 to 10, last 5"
    assert trend("rows", [None], ["failed"]) is None


def test_the_command_tells_how_many_pages(
    registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of RUN and --all is needed, and a page is no folder."""
    place = ["--registry", str(registry)]
    assert outcome(["report", "--all", "-o", str(tmp_path / "s"), "--last", "2", *place]) == 0
    assert capsys.readouterr().err == f"{tmp_path / 's' / 'index.html'}: 6 pages\n"
    assert outcome(["report", *place]) == 2
    assert outcome(["report", "weather@latest", "--all", *place]) == 2
    assert outcome(["report", "weather@latest", "-o", str(tmp_path / "s"), *place]) == 2
    assert "is a folder, and a page is a file" in capsys.readouterr().err


def test_the_pages_are_silent_and_legible_in_a_browser(site: Path) -> None:
    """No message, no request, no violation, light or dark; links lead from the first page to a run."""
    with chromium() as browser:
        for file in (site / "index.html", site / "pipelines" / "weather.html"):
            for scheme in ("light", "dark"):
                with opened(browser, file, color_scheme=scheme, viewport={"width": 400, "height": 900}) as it:
                    assert it.violations() == []
                    assert it.page.evaluate("document.documentElement.scrollWidth") == 400
                    assert it.page.locator("img").count() == 0
                    assert it.quiet
        with opened(browser, site / "index.html") as it:
            it.page.click("text=weather")
            it.page.click("tbody a >> nth=0")
            assert it.page.locator(".verdict").is_visible()
            it.page.click("text=All runs")
            assert it.page.inner_text("h1") == "weather"
            assert not it.messages
