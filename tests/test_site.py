"""The documentation builds as a site: every link and anchor holds, and its pages ask nobody for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from tests.report.browser import chromium, opened

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / ".mkdocs.yml"
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src"}
REMOTE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?:https?:)?//""")


class Page(HTMLParser):
    """What a page links to, fetches, and can be jumped to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        named = {name: value or "" for name, value in attrs}
        if "id" in named:
            self.anchors.add(named["id"])
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        elif tag == "link" and named.get("rel") != "canonical" and "href" in named:
            self.fetched.append(named["href"])
        elif FETCHED.get(tag, "") in named:
            self.fetched.append(named[FETCHED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: a warning ends the build."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(CONFIG, folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "-f", CONFIG.name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    found = {path: Page(path.read_text()) for path in site.rglob("*.html")}
    found.pop(site / "404.html", None)  # its addresses begin at the root of a server
    return found


def named(entry: object) -> list[str]:
    """The files of a part of the navigation."""
    if isinstance(entry, str):
        return [entry]
    inner = entry.values() if isinstance(entry, dict) else entry
    assert not isinstance(inner, str)
    return [file for one in inner for file in named(one)]  # type: ignore[attr-defined]  # a list or a mapping


def test_each_page_is_in_the_navigation_once() -> None:
    """A page that is new is named in .mkdocs.yml."""
    docs = ROOT / "docs"
    found = sorted(str(path.relative_to(docs)) for path in docs.rglob("*.md"))
    assert sorted(named(yaml.safe_load(CONFIG.read_text())["nav"])) == found


def test_each_page_is_built(pages: dict[Path, Page], site: Path) -> None:
    docs = ROOT / "docs"
    wanted = {site / path.relative_to(docs).with_suffix(".html") for path in docs.rglob("*.md")}
    assert wanted <= pages.keys()


def test_each_link_leads_to_a_page_and_a_place_in_it(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            held = target.is_file() and (
                not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].anchors
            )
            if not held:
                broken.append(f"{path.name}: {link}")
    assert broken == []


def test_nothing_is_fetched_from_elsewhere(pages: dict[Path, Page], site: Path) -> None:
    """No script, style, font or picture comes from another host, nor a style's import."""
    remote = [f"{path.name}: {one}" for path, page in pages.items() for one in page.fetched if "//" in one]
    styles = [path.name for path in site.rglob("*.css") if REMOTE.search(path.read_text())]
    assert (remote, styles) == ([], [])
    missing = [
        f"{path.name}: {one}"
        for path, page in pages.items()
        for one in page.fetched
        if not one.startswith("data:") and not (path.parent / unquote(urlsplit(one).path)).is_file()
    ]
    assert missing == []


def test_a_browser_asks_nobody_either(site: Path) -> None:
    """The theme's script knows addresses of scripts it fetches for some kinds of content; none is here."""
    asked: list[str] = []
    with chromium() as browser:
        for name in ("index.html", "tutorial.html", "reference/methods.html"):
            with opened(browser, site / name) as found:
                asked += found.requests
    assert len(asked) > 3
    assert [one for one in asked if not one.startswith(("file:", "data:", "blob:"))] == []


def test_the_home_page_leads_to_every_page() -> None:
    """For who reads the pages in the repository, without the site's menu; decisions are a folder."""
    home = (ROOT / "docs" / "index.md").read_text()
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    lost = {one for one in pages if f"]({one})" not in home and not one.startswith("decisions/")}
    assert lost == {"index.md"}, "name the page in docs/index.md"
