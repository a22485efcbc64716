"""The section `table`: its short and long forms, and what is wrong with them, at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normflow.config import load
from normflow.errors import ConfigError
from normflow.spec import Limit, Pipeline, TableSpec, UniqueSpec

if TYPE_CHECKING:
    from pathlib import Path


def loaded(tmp_path: Path, table: str) -> Pipeline:
    (tmp_path / "p.yaml").write_text(f"source: d.parquet\nsink: o.parquet\ntable: {{{table}}}\n")
    return load(tmp_path / "p.yaml")


KEY = UniqueSpec(columns=("a", "b"))
FORMS = {
    "unique: a": TableSpec(unique=(UniqueSpec(columns=("a",)),)),
    "unique: [a, b]": TableSpec(unique=(KEY,)),
    "unique: [[a, b], [c]]": TableSpec(unique=(KEY, UniqueSpec(columns=("c",)))),
    "unique: {columns: [a, b], on_fail: quarantine, max_failed: 5%}": TableSpec(
        unique=(UniqueSpec(columns=("a", "b"), on_fail="quarantine", max_failed=Limit(share=0.05)),)
    ),
    "unique: [[a, b], {columns: [c], severity: warn}]": TableSpec(
        unique=(KEY, UniqueSpec(columns=("c",), severity="warn"))
    ),
    "rows: [1000, null]": TableSpec(rows=(1000, None)),
    "row_change: 30%, columns: warn": TableSpec(row_change=0.3, columns="warn"),
    "": TableSpec(),
}


@pytest.mark.parametrize("text", FORMS)
def test_every_form_means_one_thing_and_is_stored_whole(tmp_path: Path, text: str) -> None:
    pipeline = loaded(tmp_path, text)
    assert pipeline.table == FORMS[text]
    assert Pipeline.from_json(pipeline.to_json()).table == FORMS[text]


WRONG = {
    "unique: 3": "17: table.unique: expected columns such as [a, b], or a list of such keys, got number 3",
    "unique: [a, a]": "18: table.unique[0]: 'a' is named twice",
    "unique: {columns: [a], on_fail: null}": "expected fail or quarantine, got nothing",
    "rows: [3, 1]": "15: table.rows: the fewest rows, 3, are more than the most, 1; write [fewest, most]",
    "rows: [a, 1]": "15: table.rows: expected a whole number of rows, or null for an open end, got text 'a'",
    "rows: 5": "15: table.rows: expected [fewest, most], null for an open end, got number 5",
    "row_change: 3": "21: table.row_change: expected a share below 100% such as 5%, got number 3",
    "columns: x": "18: table.columns: no such columns 'x'; known are error, warn, ignore",
    "nope: 1": "9: table.nope: unknown key; known are unique, rows, row_change, columns",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert WRONG[text] in str(caught.value)


def test_a_warning_that_fails_the_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"severity warn never fails the run"):
        loaded(tmp_path, "unique: {columns: [a], severity: warn, on_fail: fail}")
