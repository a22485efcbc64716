"""The validator in a real Hamilton driver."""

from __future__ import annotations

import logging
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hamilton import driver
from hamilton.data_quality.base import DataValidationError

import normflow as nf
from normflow.integrations.hamilton import ContractValidator, check_contract
from tests.hosts.pipelines import pipeline, ran

if TYPE_CHECKING:
    from pathlib import Path

GOOD = pl.DataFrame({"price": [1.0, 2.0], "kind": ["a", "b"]})
BAD = pl.DataFrame({"price": [1.0, 200.0], "kind": ["a", "b"]})


def given(frame: Any, kind: type, validator: ContractValidator | None = None, **options: Any) -> Any:
    """What a driver gives of a node that returns this frame, and is judged."""
    from hamilton.function_modifiers import check_output_custom

    def prices() -> Any:
        return frame

    module = sys.modules["nodes"] = ModuleType("nodes")  # Hamilton looks for functions' modules there
    prices.__module__ = "nodes"
    prices.__annotations__ = {"return": kind}
    decorate = check_output_custom(validator) if validator else check_contract(**options)
    module.prices = decorate(prices)  # type: ignore[attr-defined]
    return driver.Builder().with_modules(module).build().execute(["prices"])["prices"]


def test_rows_that_hold_the_contract_pass(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0])
    assert given(GOOD, pl.DataFrame, pipeline=file).equals(GOOD)
    lazy = given(GOOD.lazy(), pl.LazyFrame, pipeline=file)
    assert isinstance(lazy, pl.LazyFrame)


def test_rows_that_break_it_end_the_execution_and_say_which(tmp_path: Path) -> None:
    with pytest.raises(DataValidationError) as raised:
        given(BAD, pl.DataFrame, pipeline=pipeline(tmp_path, [1.0]))
    assert "price is not in [0, 100] in 1 of 2 rows (50%)" in str(raised.value)
    assert "'price.range': {'status': 'failed', 'failed': 1, 'rows': 2}" in str(raised.value)


def test_at_importance_warn_they_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = given(BAD, pl.DataFrame, pipeline=pipeline(tmp_path, [1.0]), importance="warn")
    assert found.equals(BAD)
    assert "price is not in [0, 100] in 1 of 2 rows" in caplog.text


def test_rows_that_are_quarantined_in_a_run_pass(tmp_path: Path) -> None:
    found = ContractValidator(pipeline(tmp_path, [1.0])).validate(GOOD.with_columns(kind=pl.lit("x")))
    assert found.passes
    assert found.diagnostics["checks"]["kind.isin"] == {"status": "quarantined", "failed": 2, "rows": 2}


def test_a_missing_column_is_told(tmp_path: Path) -> None:
    found = ContractValidator(pipeline(tmp_path, [1.0])).validate(GOOD.drop("price"))
    assert not found.passes
    assert "contract.price: no such column" in found.message


def test_frames_of_others_are_judged_too(tmp_path: Path) -> None:
    import pandas as pd

    file = pipeline(tmp_path, [1.0])
    validator = ContractValidator(nf.load(file))
    frame = pd.DataFrame({"price": [1.0, 200.0], "kind": ["a", "b"]})
    assert validator.applies_to(pd.DataFrame)
    assert not validator.applies_to(int)
    with pytest.raises(DataValidationError):
        given(frame, pd.DataFrame, validator)


def test_a_wrong_file_is_told_where_the_node_is_declared(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("sourc: x\n", encoding="utf-8")
    with pytest.raises(nf.ConfigError, match="sourc"):
        check_contract(tmp_path / "p.yaml")


def test_the_example_of_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = ran("Hamilton", tmp_path)
    assert module.found["normalized"].height == 26115
