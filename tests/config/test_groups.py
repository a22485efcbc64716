"""`fit.by` in the pipeline file: three short forms and a long one, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normflow.config import load
from normflow.errors import ConfigError
from normflow.spec import GroupSpec

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, by: str) -> GroupSpec | None:
    (folder / "p.yaml").write_text(f"source: a.csv\nsink: b.csv\nfit: {{by: {by}}}\n")
    return load(folder / "p.yaml").fit.by


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("origin", GroupSpec(columns=("origin",))),
        ("[origin, carrier]", GroupSpec(columns=("origin", "carrier"))),
        ("{columns: origin}", GroupSpec(columns=("origin",), min_rows=30, unseen="global", resolution=512)),
        (
            "{columns: [origin], min_rows: 5, unseen: error, resolution: 4096}",
            GroupSpec(columns=("origin",), min_rows=5, unseen="error", resolution=4096),
        ),
        ("{columns: origin, unseen: null}", GroupSpec(columns=("origin",), unseen="null")),
        ('{columns: origin, unseen: "null"}', GroupSpec(columns=("origin",), unseen="null")),
    ],
)
def test_all_forms_are_one(tmp_path: Path, by: str, expected: GroupSpec) -> None:
    """YAML's null, where it stands for a word, is the word."""
    assert read(tmp_path, by) == expected


def test_without_it_there_are_no_groups(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("source: a.csv\nsink: b.csv\n")
    assert load(tmp_path / "p.yaml").fit.by is None


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("null", ["3:11: fit.by: expected a value, got nothing; write one or remove the key"]),
        ("3", ["3:11: fit.by: expected a column's name, a list of names or a mapping, got number 3"]),
        ("[]", ["3:11: fit.by: expected at least one value, got an empty list"]),
        ("[a, a]", ["3:15: fit.by[1]: 'a' is named twice"]),
        (
            "{colums: a}",
            ["3:12: fit.by.colums: unknown key; did you mean 'columns'?"],
        ),
        (
            "{columns: a, unseen: nul}",
            ["3:32: fit.by.unseen: no such unseen 'nul'; did you mean 'null'?"],
        ),
        (
            "{columns: a, min_rows: 0, resolution: 3}",
            [
                "3:34: fit.by.min_rows: expected at least 1, got number 0",
                "3:49: fit.by.resolution: expected at least 64, got number 3",
            ],
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, by: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, by)
    lines = str(caught.value).splitlines()
    assert [one.removeprefix(f"{tmp_path / 'p.yaml'}:") for one in lines] == told
