"""What sources and sinks promise, as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import normflow as nf
from normflow.plugins import loaded
from normflow.testing.runs import FRAME, pipeline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLAIN = {"*": "none"}


class SourceContract:
    """The laws of a source; a subclass says under which `name` it is installed, and with which `options`.

    `rows` gives what is there, after the subclass has put it there.
    """

    name: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Any]] = {}

    def rows(self) -> pl.DataFrame:
        """The rows that the source has for the test."""
        raise NotImplementedError

    def test_a_run_reads_all_its_rows_in_its_types(self, tmp_path: Path) -> None:
        """Through a pipeline that lists it, untouched."""
        expected = self.rows()
        source = {"plugin": self.name, "options": dict(self.options)}
        nf.run(pipeline(tmp_path, plugins=[self.name], source=source, normalize=PLAIN))
        assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), expected, check_row_order=False)

    def test_it_reads_the_same_again(self, tmp_path: Path) -> None:
        """Rows that stay as they are give equal bytes."""
        self.rows()
        source = {"plugin": self.name, "options": dict(self.options)}
        found = pipeline(tmp_path, plugins=[self.name], source=source)
        first, second = nf.run(found), nf.run(found)
        assert (first.fit_id, first.outputs[0].sha256) == (second.fit_id, second.outputs[0].sha256)

    def test_an_option_that_it_does_not_have_is_told(self, tmp_path: Path) -> None:
        """Before a row is read."""
        source = {"plugin": self.name, "options": {**self.options, "no_such_option": 1}}
        with pytest.raises(nf.ConfigError, match="no_such_option"):
            nf.run(pipeline(tmp_path, plugins=[self.name], source=source))


class SinkContract:
    """The laws of a sink; a subclass says under which `name` it is installed, and with which `options`.

    `rows` reads back what is there; None where nothing was ever published.
    """

    name: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Any]] = {}

    def rows(self) -> pl.DataFrame | None:
        """What is there now."""
        raise NotImplementedError

    def test_a_run_puts_all_its_rows_there(self, tmp_path: Path) -> None:
        """Through a pipeline that lists it."""
        self._run(tmp_path, FRAME)
        self._require(FRAME)

    def test_the_next_run_replaces_them(self, tmp_path: Path) -> None:
        """All of them, the columns too."""
        self._run(tmp_path / "one", FRAME)
        other = pl.DataFrame({"x": [5.0, 6.0], "y": [1.0, 2.0]})
        self._run(tmp_path / "two", other)
        self._require(other)

    def test_a_run_that_fails_changes_nothing(self, tmp_path: Path) -> None:
        """What was there stays whole."""
        self._run(tmp_path, FRAME)
        with pytest.raises(nf.ContractError):
            self._run(tmp_path, FRAME * 2.0, contract={"x": {"range": [0, 3]}})
        self._require(FRAME)

    def test_the_same_run_published_twice_is_published_once(self, tmp_path: Path) -> None:
        """A run that was killed while it published is published again by the next."""
        staged = tmp_path / "staged.parquet"
        FRAME.write_parquet(staged)
        for _ in range(2):
            loaded("sinks", self.name, ("publish",)).publish(staged=staged, run_id="a-run", **self.options)
        self._require(FRAME)

    def _run(self, folder: Path, frame: pl.DataFrame, **more: Any) -> None:
        sink = {"plugin": self.name, "options": dict(self.options)}
        nf.run(pipeline(folder, frame, plugins=[self.name], sink=sink, normalize=PLAIN, **more))

    def _require(self, expected: pl.DataFrame) -> None:
        found = self.rows()
        assert found is not None, "nothing was published"
        assert_frame_equal(found, expected, check_row_order=False)
