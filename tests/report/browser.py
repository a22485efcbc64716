"""A page in a real browser: what it shows, says, asks for, and how it answers keys."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium without a window; the test is skipped where there is none, but not in CI."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        told = f"no browser of the system: none of {', '.join(NAMES)} is on the PATH"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(told)
    with sync_playwright() as driver:
        # A container's root may not use the sandbox, and what is opened here are files of our own.
        yield driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])


@dataclass
class Opened:
    """A page, and what it did while it was open."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def dismiss(self, dialog: Dialog) -> None:
        """Remember a dialog, and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    @property
    def quiet(self) -> bool:
        """It printed nothing, asked for nothing but itself, and opened no dialog."""
        files = all(one.startswith("file:") for one in self.requests)
        return not self.messages and not self.dialogs and files and len(self.requests) == 1

    def shown(self) -> list[str]:
        """The columns that can be seen."""
        found = self.page.locator(".col:visible h3").all_text_contents()
        return [one.split()[0] for one in found]

    def violations(self) -> list[Any]:
        """What axe-core finds against WCAG: rule and places."""
        found = Axe().run(self.page).response["violations"]
        return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]


@contextmanager
def opened(browser: Browser, file: Path, **context: Any) -> Iterator[Opened]:
    """A file in a window of its own, `context` as Playwright's `new_context` takes it."""
    window = browser.new_context(**context)
    found = Opened(window.new_page())
    found.page.on("console", lambda one: found.messages.append(one.text))
    found.page.on("pageerror", lambda one: found.messages.append(str(one)))
    found.page.on("request", lambda one: found.requests.append(one.url))
    found.page.on("dialog", found.dismiss)
    found.page.goto(file.as_uri())
    yield found
    window.close()
