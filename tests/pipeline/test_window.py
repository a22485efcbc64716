"""A window: only the last partitions teach, from stored states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.pipeline import partitions
from tests.pipeline.days import changed, day, project, registry_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_window_learns_from_the_last_partitions_and_reads_none_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each day's fit is that of a source of these days alone; every file is transformed."""
    read: list[int] = []
    observed = partitions._observed

    def observing(*args: object, **kwargs: object) -> object:
        read.append(1)
        return observed(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(partitions, "_observed", observing)
    pipeline = project(tmp_path / "whole", "fit: {window: last 2 partitions, mode: refit}\n", days=1)
    for number in range(1, 5):
        day(tmp_path / "whole", number)
        read.clear()
        record = nf.run(pipeline)
        assert len(read) == (2 if number == 1 else 1)
        assert record.rows == 200 * (number + 1)
        alone = tmp_path / f"last{number}"
        other = project(alone, "fit: {mode: refit}\n", days=0)
        for kept in (number - 1, number):
            day(alone, kept)
        assert nf.run(other).fit_id == record.fit_id
    fit = nf.Fit.from_json(registry_of(pipeline).fit("p@latest").document)
    assert fit["x"].choice
    assert fit["x"].choice.stability
    assert fit["x"].choice.stability.partitions == 2


@pytest.mark.parametrize(
    "lines",
    ["quantiles: exact", "by: {columns: [g], min_rows: 5}", 'where: "y > 0.3"'],
    ids=lambda one: one[:5],
)
def test_a_window_holds_for_exact_quantiles_groups_and_where(tmp_path: Path, lines: str) -> None:
    """The fit is that of the last two files alone."""
    fits = []
    for name, days in (("all", range(5)), ("last", range(3, 5))):
        pipeline = project(tmp_path / name, days=0)
        for number in days:
            file = day(tmp_path / name, number)
            pl.read_parquet(file).with_columns(g=pl.Series(["a", "b"] * 100)).write_parquet(file)
        text = f"fit: {{window: last 2 partitions, {lines}}}\nnormalize: {{x: robust, y: auto}}\n"
        fits.append(nf.run(changed(pipeline, text)).fit_id)
    assert fits[0] == fits[1]


def test_a_window_is_part_of_what_a_fit_is_reused_for(tmp_path: Path) -> None:
    pipeline = project(tmp_path, "fit: {window: last 2 partitions}\n")
    first = nf.run(pipeline)
    assert nf.run(pipeline).fit == "reused"
    plan = nf.plan(changed(pipeline, "fit: {window: last 1 partition}\n"))
    assert (plan.fit, plan.partitions, plan.to_read) == ("learned", 1, ())
    assert nf.run(changed(pipeline, "fit: {window: last 9 partitions}\n")).fit_id != first.fit_id


@pytest.mark.parametrize("written", ["30", "last 0 partitions", "last partitions", "[1]", "last 3 days"])
def test_another_window_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(nf.ConfigError, match="expected text such as 'last 30 partitions'"):
        project(tmp_path, f"fit: {{window: {written}}}\n")
