"""What the page for contributors and the hooks before a commit name is there."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
NAMED = re.compile(r"`((?:normflow|tests|docs|configs|\.ci)/[\w./-]*|\.[\w-]+\.yml|pyproject\.toml)`")


def test_each_file_that_the_page_names_is_there() -> None:
    named = NAMED.findall((ROOT / "docs" / "contributing.md").read_text())
    assert len(named) > 40
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_each_package_is_on_the_map() -> None:
    """All packages but the vocabulary that has no folder."""
    text = (ROOT / "docs" / "contributing.md").read_text()
    packages = {path.parent.name for path in (ROOT / "normflow").glob("*/__init__.py")}
    assert {one for one in packages if f"`normflow/{one}`" not in text} <= {"predicates", "onnx", "testing"}


def test_each_part_is_in_the_table_of_layers() -> None:
    """Packages and modules, as `tests/test_architecture.py` has their layers."""
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`(\w+)`", " ".join(rows)))
    parts = {path.stem for path in (ROOT / "normflow").glob("*.py")} - {"__init__", "__main__"}
    assert named >= parts | {path.parent.name for path in (ROOT / "normflow").glob("*/__init__.py")}


def test_the_hooks_are_what_has_to_pass_besides_the_tests() -> None:
    """Local hooks, so that nothing is fetched and the versions are those of the extra `dev`."""
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["repo"] == "local"
    assert {hook["language"] for hook in repo["hooks"]} == {"system"}
    hooked = {" ".join(word for word in hook["entry"].split() if word[0] != "-") for hook in repo["hooks"]}
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    wanted = {" ".join(word for word in line.split() if word[0] not in "-.") for line in lines}
    assert hooked == {"ruff check", "ruff format", "mypy"}
    assert hooked <= wanted
