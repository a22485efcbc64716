"""The page of a run in a real browser: silent, alone, legible, and quick to search."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import normflow as nf
from normflow.pipeline.reporting import known
from normflow.report.html import page
from tests.names import HOSTILE
from tests.report.browser import chromium, opened
from tests.report.test_html import MARKUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CONFIGS = Path(__file__).parents[2] / "configs"
ATTACKS = (
    MARKUP,
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "\u202egnp.exe",
    "x" * 10_000,
    *HOSTILE,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the registry knows of a run on real data: with a quarantined row, drift and groups."""
    folder = tmp_path_factory.mktemp("browser")
    shutil.copytree(CONFIGS, folder / "configs", ignore=shutil.ignore_patterns("out", ".normflow"))
    file = folder / "configs" / "weather.yaml"
    file.write_text(file.read_text() + "fit: {drift: {warn: 0.1}}\n")
    pipeline = nf.load(file)
    nf.run(pipeline)
    return known(pipeline.registry, nf.run(pipeline).run_id)


@pytest.fixture(scope="module")
def file(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1100])
def test_a_page_is_silent_and_legible(browser: Browser, file: Path, scheme: str, width: int) -> None:
    """No message, no request, nothing that axe-core finds, with all folds open; and no scrolling sideways."""
    with opened(
        browser, file, color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    ) as it:
        it.page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        assert it.violations() == []
        assert it.page.evaluate("document.documentElement.scrollWidth") == width
        light = it.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert light == (scheme == "light")
        assert it.quiet


def test_columns_are_found_by_typing(browser: Browser, file: Path, document: dict[str, Any]) -> None:
    """By name, by method, by what became of them; `/` begins, Escape ends; how many is told."""
    names = [one["column"] for one in document["columns"]]
    with opened(browser, file) as it:
        told = it.page.locator("#told")
        assert it.shown() == names
        it.page.keyboard.press("/")
        it.page.keyboard.type("wind")
        assert it.page.input_value("#text") == "wind"
        assert it.shown() == [one for one in names if "wind" in one] != []
        assert told.inner_text() == f"{len(it.shown())} of {len(names)} shown"
        it.page.keyboard.press("Escape")
        assert it.shown() == names
        it.page.keyboard.type("BOXCOX")
        assert it.shown() == [one["column"] for one in document["columns"] if one["method"] == "boxcox"] != []
        it.page.keyboard.press("Escape")
        moved = [one["column"] for one in document["columns"] if one["transform"]["maps"]]
        for kind, expected in {
            "changed": moved,
            "same": [one for one in names if one not in moved],
            "v-quarantined": ["wind_speed"],
            "v-failed": [],
        }.items():
            it.page.select_option("#kind", kind)
            assert it.shown() == expected
        assert it.quiet


def test_keys_reach_everything_in_order(browser: Browser, file: Path) -> None:
    """First the link past the head, then the sections, the folds, the search; each with a ring."""
    with opened(browser, file) as it:
        reached = []
        for _ in range(16):
            it.page.keyboard.press("Tab")
            at = it.page.evaluate(
                """() => { const at = document.activeElement, ring = getComputedStyle(at).outlineStyle;
                return [at.id || at.textContent.trim(), ring, at.getBoundingClientRect().left]; }"""
            )
            assert at[1] != "none"
            assert at[2] >= 0
            reached.append(at[0])
        assert reached[:5] == ["Skip to the columns", "Run", "Checks", "Drift", "Columns"]
        assert reached.index("text") < reached.index("kind")


def test_headings_go_down_one_step_at_a_time(browser: Browser, file: Path) -> None:
    """One h1, and no h3 without an h2."""
    with opened(browser, file) as it:
        levels = it.page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_printed_page_has_all_folds_open(browser: Browser, file: Path) -> None:
    """What a fold hides is on paper, and the search is not."""
    with opened(browser, file) as it:
        assert it.page.pdf(format="A4").startswith(b"%PDF")
        assert it.page.locator("details:not([open])").count() == 0
        it.page.emulate_media(media="print")
        assert not it.page.is_visible("#search")


def test_without_scripts_everything_is_there(browser: Browser, file: Path, document: dict[str, Any]) -> None:
    """Only the search is not."""
    with opened(browser, file, java_script_enabled=False) as it:
        assert not it.page.is_visible("#search")
        assert it.page.locator(".col:visible").count() == len(document["columns"])


def test_hostile_text_makes_no_node(browser: Browser, document: dict[str, Any], tmp_path: Path) -> None:
    """A page of hostile names, cells and messages has the nodes of one of plain words, and runs nothing."""
    counts = []
    for name, texts in (("plain", ["plain"] * len(ATTACKS)), ("hostile", ATTACKS)):
        path = tmp_path / f"{name}.html"
        path.write_text(page(_hostile(document, texts)), encoding="utf-8", newline="")
        with opened(browser, path) as it:
            it.page.wait_for_timeout(50)  # a handler of a broken picture would have run by now
            assert it.quiet
            assert it.page.locator("img,iframe,object,embed,link").count() == 0
            counts.append(it.page.locator("*").count())
            headings = it.page.locator(".col h3").all_text_contents()
            assert len(headings) == len(texts)
            assert all(
                heading.startswith(text)
                for heading, text in zip(headings, texts, strict=True)
                if text in ATTACKS[:9]
            )
    assert counts[0] == counts[1]


def _hostile(found: dict[str, Any], texts: Any) -> dict[str, Any]:
    column = next(one for one in found["columns"] if one["choice"] and one["choice"]["candidates"])
    check = next(one for one in found["checks"] if one["examples"])
    columns = [
        {**column, "column": text, "output": text, "options": {text: text}, "formula": text} for text in texts
    ]
    checks = [
        {
            **check,
            "check": text,
            "column": f"none {at}",
            "message": text,
            "threshold": text,
            "examples": [{"row": 1, "value": text}],
        }
        for at, text in enumerate(texts)
    ]
    named = {"pipeline": texts[0], "warnings": list(texts), "inputs": [], "drift_history": None}
    return {**found, **named, "columns": columns, "checks": checks}


def test_a_thousand_columns_are_searched(browser: Browser, document: dict[str, Any], tmp_path: Path) -> None:
    """All are there, one is found, and the page stays silent."""
    kinds = document["columns"]
    columns = [
        {**kinds[i % len(kinds)], "column": f"column_{i}", "output": f"column_{i}"} for i in range(1000)
    ]
    path = tmp_path / "wide.html"
    path.write_text(page({**document, "columns": columns}), encoding="utf-8")
    assert path.stat().st_size < 5_000_000
    with opened(browser, path) as it:
        assert it.page.inner_text("#told") == "1000 of 1000 shown"
        it.page.keyboard.press("/")
        it.page.keyboard.type("column_777")
        assert it.shown() == ["column_777"]
        assert it.quiet
