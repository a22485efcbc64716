"""The picture of a page in the README, taken anew: `python -m tests.report.picture`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import normflow as nf
from normflow.pipeline import write_report
from tests.report.browser import chromium, opened

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "report.png"


def take(picture: Path) -> None:
    """The page of a run of configs/weather.yaml: its verdict, its checks, and a column that was searched."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        shutil.copytree(
            ROOT / "configs", folder / "configs", ignore=shutil.ignore_patterns("out", ".normflow")
        )
        pipeline = nf.load(folder / "configs" / "weather.yaml")
        file = folder / "page.html"
        write_report(pipeline.registry, nf.run(pipeline).run_id, file)
        with opened(browser, file, viewport={"width": 900, "height": 1070}) as it:
            it.page.add_style_tag(content="#facts{display:none}")  # paths and hashes of this machine
            it.page.fill("#text", "wind_s")
            it.page.screenshot(path=picture)


if __name__ == "__main__":
    take(PICTURE)
