"""The history of drift on the page of a run: a line a column, its limits, and the same numbers as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from normflow.errors import DriftError
from normflow.pipeline import report
from normflow.pipeline.drift_history import RUNS
from normflow.pipeline.reporting import known
from normflow.report.drift_chart import BASE, HEIGHT, MOST, WIDTH, drift_lines
from tests.pipeline.test_drift import drift, runs
from tests.pipeline.test_group_drift import FROZEN
from tests.pipeline.test_group_drift import day as group_day
from tests.report.parsed import Parsed

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = "fit: {drift: {warn: 0.1, fail: 3}}\nnormalize: {x: zscore, '<y>': zscore}\n"


def day(seed: int, shift: float = 0.0) -> pl.DataFrame:
    found = group_day(seed)
    return found.select(pl.col("x") + shift, pl.col("y").alias("<y>"))


def history(*psi: float | None, statuses: tuple[str | None, ...] = (), **more: Any) -> dict[str, Any]:
    column = {
        "column": "x",
        "psi": list(psi),
        "statuses": list(statuses or ["passed"] * len(psi)),
        "groups": [None] * len(psi),
        "group_statuses": [None] * len(psi),
        "limits": {"warn": 0.1, "fail": 3.0},
        **more,
    }
    return {"runs": [f"2026-01-0{i + 1}T10:00:00" for i in range(len(psi))], "columns": [column]}


def test_a_page_draws_the_runs_that_measured_it_up_to_its_own(tmp_path: Path) -> None:
    """The first run learned and measured nothing; the third failed; the page of the second knows no later."""
    _, second = runs(tmp_path, LIMITS, day(1), day(2, 0.4))
    with pytest.raises(DriftError) as caught:
        runs(tmp_path, LIMITS, day(3, 5.0))
    third = caught.value.record
    assert third
    (fourth,) = runs(tmp_path, LIMITS, day(4))
    found = known(fourth.registry, fourth.run_id)["drift_history"]
    values = {one["column"]: one for one in found["columns"]}
    assert values["x"]["psi"] == [drift(one)["x"]["psi"] for one in (second, third, fourth)]
    assert values["x"]["statuses"] == ["warned", "failed", "passed"]
    assert values["x"]["limits"] == {"warn": 0.1, "fail": 3.0}
    assert len(known(fourth.registry, second.run_id)["drift_history"]["runs"]) == 1
    told = Parsed(report(fourth.registry, fourth.run_id))
    assert "The last 3 runs that measured it" in told.text
    labels = [one for one in told.values("aria-label") if one.startswith("PSI of ")]
    assert [one.split(":")[0] for one in labels] == ["PSI of x over 3 runs", "PSI of <y> over 3 runs"] or [
        one.split(":")[0] for one in labels
    ] == ["PSI of <y> over 3 runs", "PSI of x over 3 runs"]
    assert all(one.endswith("; limits: warn 0.1, fail 3") for one in labels)
    for one in (second, third, fourth):
        psi = drift(one)["x"]["psi"]
        assert any(text.startswith(f"{psi:.4g}") for text in told.texts)


def test_a_page_without_drift_has_no_such_part(tmp_path: Path) -> None:
    (record,) = runs(tmp_path, "normalize: {x: zscore, '<y>': zscore}\n", day(1))
    assert known(record.registry, record.run_id)["drift_history"] is None
    assert 'id="drift"' not in report(record.registry, record.run_id)


def test_groups_that_moved_have_a_line_and_a_table(tmp_path: Path) -> None:
    _, _, record = runs(tmp_path, FROZEN, group_day(1), group_day(2, b=0.5), group_day(3, b=0.5))
    found = known(record.registry, record.run_id)["drift_history"]
    (x,) = (one for one in found["columns"] if one["column"] == "x")
    most = drift(record)["x"]["groups"]["most"][0]
    assert (x["groups"][-1], x["group_statuses"]) == (most["psi"], ["warned", "warned"])
    assert x["statuses"] == ["passed", "passed"]
    text = report(record.registry, record.run_id)
    assert 'class="groups"' in text
    told = Parsed(text)
    assert "The groups that moved most" in told.text
    assert "g=b" in told.texts
    assert f"{drift(record)['x']['psi']:.4g} (groups warned)" in told.texts
    assert "1 of 3" in told.texts


def test_only_so_many_runs_are_drawn(tmp_path: Path) -> None:
    records = runs(tmp_path, LIMITS, *[day(1)] * 3)
    registry = records[-1].registry
    assert len(known(registry, records[-1].run_id)["drift_history"]["runs"]) == 2 < RUNS


def test_a_line_is_higher_the_further_a_column_moved() -> None:
    found = drift_lines(history(0.005, 0.02, 0.3, None, 1.0))
    assert found
    (line,) = found.lines
    heights = [y for _, y, _ in line.dots]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == BASE
    assert [x for x, _, _ in line.dots] == sorted(x for x, _, _ in line.dots)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y, _ in line.dots)
    assert re.fullmatch(r"M\d+ \d+L\d+ \d+L\d+ \d+M\d+ \d+", line.path)
    assert [name for name, _, _ in line.limits] == ["warn", "fail"]
    assert [text for text, _ in line.cells] == ["0.005", "0.02", "0.3", "–", "1"]


def test_a_limit_stands_where_an_index_of_it_would() -> None:
    found = drift_lines(history(0.1, 3.0))
    assert found
    (line,) = found.lines
    assert [y for _, y, _ in line.dots] == [y for _, _, y in line.limits]


def test_those_that_are_worst_off_come_first_and_the_rest_is_counted() -> None:
    many = history(0.1)
    many["columns"] = [
        history(0.1 + i / 1e3, column=f"c{i:03}", statuses=("failed" if i == 7 else "passed",))["columns"][0]
        for i in range(MOST + 9)
    ]
    found = drift_lines(many)
    assert found
    assert [one.column for one in found.lines[:3]] == ["c007", f"c{MOST + 8:03}", f"c{MOST + 7:03}"]
    assert (len(found.lines), found.others) == (MOST, 9)


@pytest.mark.parametrize("nothing", [None, {"runs": [], "columns": []}])
def test_nothing_is_drawn_of_nothing(nothing: Any) -> None:
    assert drift_lines(nothing) is None
