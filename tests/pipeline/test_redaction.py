"""What a record, a report and the registry tell of the data's values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

import normflow as nf
from tests.pipeline.one_file import pipeline

if TYPE_CHECKING:
    from pathlib import Path

SECRET = 98765.4321
DATA = pl.DataFrame({"x": [1.0, 2.0, 3.0, SECRET], "y": [1.0, 2.0, 4.0, 3.0]})
QUARANTINE = "contract: {x: {range: [0, 100], on_fail: quarantine%s}}\nnormalize: {x: zscore, y: minmax}\n"
FAIL = "contract: {x: {range: [0, 100]%s}}\n"


def everything(folder: Path) -> str:
    """All that the registry holds, as text."""
    with duckdb.connect(str(folder / ".normflow" / "registry.duckdb"), read_only=True) as con:
        tables = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return "\n".join(str(con.table(name).fetchall()) for name in tables)


def outcome(prepared: nf.Pipeline) -> nf.RunRecord:
    """The record of a run, whether it is refused or not."""
    try:
        return nf.run(prepared)
    except nf.ContractError as error:
        return error.record  # type: ignore[return-value]  # there, since the run came to be judged


def states(folder: Path) -> int:
    with duckdb.connect(str(folder / ".normflow" / "registry.duckdb"), read_only=True) as con:
        return len(con.execute("SELECT * FROM profiles").fetchall())


def test_an_example_is_told_where_nothing_forbids_it(tmp_path: Path) -> None:
    record = nf.run(pipeline(tmp_path, DATA, QUARANTINE % ""))
    (verdict,) = [one for one in record.checks if (one.section, one.check) == ("contract", "x.range")]
    assert verdict.examples == ({"row": 3, "value": SECRET},)
    assert str(SECRET) in everything(tmp_path)
    assert states(tmp_path) == 2


@pytest.mark.parametrize("text", [QUARANTINE, FAIL], ids=["quarantine", "fail"])
def test_a_redacted_column_shows_where_and_not_what(tmp_path: Path, text: str) -> None:
    prepared = pipeline(tmp_path, DATA, text % ", redact: true")
    record = outcome(prepared)
    (verdict,) = [one for one in record.checks if (one.section, one.check) == ("contract", "x.range")]
    assert verdict.message.endswith("first in row 3: •••")
    assert verdict.examples == ({"row": 3, "value": "•••"},)
    assert str(SECRET) not in everything(tmp_path)
    assert str(SECRET) not in json.dumps(record.to_json())


def test_what_a_redacted_column_becomes_is_redacted_as_well(tmp_path: Path) -> None:
    text = "contract: {x: {redact: true}}\nnormalize: {x: {method: center, suffix: _n}}\n"
    for column in ("x", "x_n"):
        with pytest.raises(nf.ContractError, match="first in row 3: •••"):
            nf.run(pipeline(tmp_path, DATA, f"{text}checks: {{{column}: {{range: [null, 100]}}}}\n"))


@pytest.mark.parametrize("text", [QUARANTINE, FAIL], ids=["quarantine", "fail"])
def test_a_private_pipeline_keeps_no_example_and_no_profile(tmp_path: Path, text: str) -> None:
    prepared = pipeline(tmp_path, DATA, f"private: true\n{text % ''}")
    record = outcome(prepared)
    failed = [one for one in record.checks if one.failed]
    assert failed
    assert not any(one.examples for one in failed)
    assert str(SECRET) not in everything(tmp_path)
    assert str(SECRET) not in json.dumps(record.to_json())
    assert states(tmp_path) == 0


def test_redaction_shapes_no_parameter(tmp_path: Path) -> None:
    nf.run(pipeline(tmp_path, DATA, QUARANTINE % ""))
    assert nf.run(pipeline(tmp_path, DATA, QUARANTINE % ", redact: true")).fit == "reused"
