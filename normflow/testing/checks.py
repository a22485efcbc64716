"""What checks promise, as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
import pytest

import normflow as nf
from normflow.plugins import loaded
from normflow.testing.runs import pipeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class CheckContract:
    """The laws of a check; a subclass says under which `name` it is installed, and shows it at work.

    `good` are values that pass it with these `arguments`, `bad` are values that do not.
    """

    name: ClassVar[str] = ""
    arguments: ClassVar[Mapping[str, Any]] = {}
    good: ClassVar[Sequence[Any]] = ()
    bad: ClassVar[Sequence[Any]] = ()

    def test_good_values_pass_and_bad_ones_do_not(self) -> None:
        """There are some of each."""
        assert self.good, f"{type(self).__name__}.good has no value"
        assert self.bad, f"{type(self).__name__}.bad has no value"
        assert self._passed(self._column(self.good)) == [True] * len(self.good)
        assert self._passed(self._column(self.bad)) == [False] * len(self.bad)

    def test_each_row_is_judged_by_itself(self) -> None:
        """Rows come in batches, so that no row may know of another."""
        rows = self._column([*self.good, *self.bad, *self.good])
        alone = [one for place in range(len(rows)) for one in self._passed(rows[place : place + 1])]
        assert self._passed(rows) == alone

    def test_no_rows_and_nulls_are_judged_without_an_error(self) -> None:
        """Of no rows there is no verdict, and of a null any."""
        rows = self._column([*self.good, None])
        assert self._passed(rows.clear()) == []
        assert len(self._passed(rows)) == len(rows)

    def test_a_run_that_lists_it_obeys_it(self, tmp_path: Path) -> None:
        """Good rows are published, and bad ones fail the run."""
        asked = {"x": {"checks": [{self.name: dict(self.arguments)}]}}
        good = pl.DataFrame({"x": self._column(self.good)})
        record = nf.run(pipeline(tmp_path / "good", good, plugins=[self.name], contract=asked))
        assert {one.status for one in record.checks if self.name in one.check} == {"passed"}
        bad = pl.DataFrame({"x": self._column(self.bad)})
        with pytest.raises(nf.ContractError):
            nf.run(pipeline(tmp_path / "bad", bad, plugins=[self.name], contract=asked))

    def _column(self, values: Sequence[Any]) -> pl.Series:
        return pl.Series("x", values, dtype=pl.Series([*self.good, *self.bad]).dtype)

    def _passed(self, values: pl.Series) -> list[Any]:
        expr = loaded("checks", self.name)(pl.col("x"), **self.arguments)
        found = values.to_frame().select(passed=expr)["passed"]
        assert found.dtype == pl.Boolean, f"{self.name} gives {found.dtype}, and no truth"
        return found.to_list()
