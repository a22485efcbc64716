"""What hooks and reporters promise, as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

import normflow as nf
from normflow.testing.runs import pipeline

if TYPE_CHECKING:
    from pathlib import Path

FAILING = {"x": {"range": [0, 3]}}


class HookContract:
    """The laws of a hook or a reporter; a subclass says under which `name` it is installed."""

    name: ClassVar[str] = ""

    def test_it_hears_a_run_that_succeeds_and_leaves_its_bytes_alone(self, tmp_path: Path) -> None:
        """No warning tells that it failed, and rows, fit and reuse key are those of a run without it."""
        plain = nf.run(pipeline(tmp_path / "plain"))
        heard = nf.run(pipeline(tmp_path / "heard", plugins=[self.name]))
        assert heard.warnings == plain.warnings
        assert heard.fit_id == plain.fit_id
        assert [one.sha256 for one in heard.outputs] == [one.sha256 for one in plain.outputs]
        again = nf.run(pipeline(tmp_path / "plain", plugins=[self.name]))
        assert again.fit == "reused"

    def test_it_hears_a_run_that_fails_and_leaves_its_error_alone(self, tmp_path: Path) -> None:
        """The error is the contract's, and has no note of a failure of its own."""
        with pytest.raises(nf.ContractError) as caught:
            nf.run(pipeline(tmp_path, plugins=[self.name], contract=FAILING))
        assert not getattr(caught.value, "__notes__", [])
        assert not (tmp_path / "out.parquet").exists()

    def test_it_hears_run_after_run(self, tmp_path: Path) -> None:
        """Each has an object of its own, so that none remembers another."""
        listed = pipeline(tmp_path, plugins=[self.name])
        assert [nf.run(listed).warnings for _ in range(3)] == [nf.run(listed).warnings] * 3
