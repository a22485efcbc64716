"""The size model of the documentation holds to 30 %."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.benchmarks.registry_size import measured, taken

RELIABILITY = Path(__file__).parents[2] / "docs" / "reliability.md"


def test_the_documented_size_of_a_registry_is_that_of_one(tmp_path: Path) -> None:
    """Bytes a column and file, a column and run; and what they add up to for another registry."""
    said = re.search(
        r"([\d,]+) bytes × columns × files, and ([\d,]+) bytes × columns × runs", RELIABILITY.read_text()
    )
    assert said
    state, run = (int(one.replace(",", "")) for one in said.groups())
    found = measured(tmp_path)
    assert state == pytest.approx(found.state, rel=0.3)
    assert run == pytest.approx(found.run, rel=0.3)
    whole = taken(tmp_path / "other", columns=20, files=12, runs=3)
    assert found.after(20, 12, 3) == pytest.approx(whole, rel=0.3)
